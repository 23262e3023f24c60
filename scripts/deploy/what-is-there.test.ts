import { expect, it } from '@jest/globals';
import { packageService, SERVICES } from '../../tests/conformance/packaged.ts';
import { endLines } from './what-is-there.ts';

const outputs = {
  ServiceEndpoint: 'https://a1.execute-api.eu-west-1.amazonaws.com/prod',
  UserPoolId: 'eu-west-1_Pool',
  UserPoolClientId: 'client1',
  DashboardUrl: 'https://eu-west-1.console.aws.amazon.com/cloudwatch/…/granary-prod-eu-west-1',
};
const target = { stage: 'prod', region: 'eu-west-1' };

it('A deployment ends with what there is and the next step', () => {
  const lines = endLines(target, outputs);
  for (const one of [...Object.values(outputs), `${outputs.ServiceEndpoint}/docs`])
    expect(lines.filter((line) => line.endsWith(` ${one}`))).toHaveLength(1);
  expect(lines).toContain('  npm run admin -- users add <name> --groups operators --stage prod --region eu-west-1');
});

it('A deployment says nothing of what was not deployed', () => {
  const text = endLines(target, { ServiceEndpoint: outputs.ServiceEndpoint }).join('\n');
  expect(text).not.toMatch(/undefined|Dashboard|User pool/);
});

it('Stacks give out what a deployment says at its end', async () => {
  const templates = await Promise.all(SERVICES.map((service) => packageService(service, 'dev')));
  const given = templates.flatMap(({ template }) => Object.keys(template.Outputs ?? {}));
  expect(given).toEqual(expect.arrayContaining(Object.keys(outputs)));
}, 540_000);
