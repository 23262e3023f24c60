import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { loadTemplates } from './templates.ts';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'embedded-templates-'));
  mkdirSync(join(root, 'config'));
  mkdirSync(join(root, 'services/one/node_modules'), { recursive: true });
  symlinkSync(
    join(import.meta.dirname, '../../node_modules/serverless'),
    join(root, 'services/one/node_modules/serverless'),
  );
  declare('${env:TEST_SAID, "nothing"}');
});
afterEach(() => {
  delete process.env.TEST_SAID;
  rmSync(root, { recursive: true, force: true });
});

const declare = (value: string) =>
  writeFileSync(
    join(root, 'services/one/serverless.yml'),
    `service: one
provider: { name: aws }
resources: { Resources: { Topic: { Type: 'AWS::SNS::Topic', Properties: { DisplayName: '${value}' } } } }
`,
  );
const read = async () => {
  const [template] = await loadTemplates({ root, stage: 'local' });
  return template!.resources.Topic!.Properties!.DisplayName;
};
const kept = () => readdirSync(join(root, 'node_modules/.cache/embedded-aws/templates'));

it('Templates are read once for the same files and variables, and anew when one is another', async () => {
  expect(await read()).toBe('nothing');
  expect(await read()).toBe('nothing');
  expect(kept()).toHaveLength(1);

  // It was not part of the key: a stack kept the limits of the start before.
  process.env.TEST_SAID = 'more';
  expect(await read()).toBe('more');
  declare('other');
  expect(await read()).toBe('other');
  expect(kept()).toHaveLength(3);
});

it('A file that cannot be read is named with the reason', async () => {
  declare('${nothing:here}');
  await expect(read()).rejects.toThrow(/The configuration in .*services\/one cannot be read:/);
});
