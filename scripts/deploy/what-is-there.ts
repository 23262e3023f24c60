import type { Target } from '@granary/admin/target';
import type { Account } from './account.ts';
import type { Service } from './services.ts';
import { findStack } from './stacks.ts';

/** Outputs of stacks, by their keys. */
export type Outputs = Readonly<Record<string, string | undefined>>;

/** What a deployment says at its end, for people: what there is, where, and what to do next. */
export const endLines = ({ stage, region }: Target, outputs: Outputs): string[] => {
  const { ServiceEndpoint: api, UserPoolId: pool, UserPoolClientId: client, DashboardUrl: dashboard } = outputs;
  const lines = [
    ['API', api],
    ['Its page', api && `${api}/docs`],
    ['User pool', pool],
    ['Client', client],
    ['Dashboard', dashboard],
  ].flatMap(([name, value]) => (value ? [`  ${name!.padEnd(10)} ${value}`] : []));
  return [
    '',
    `The stage ${stage} is deployed to ${region}:`,
    ...lines,
    '',
    'A new stage has no user. The first one, who may start collecting:',
    `  npm run admin -- users add <name> --groups operators --stage ${stage} --region ${region}`,
    'docs/deploy.md has the rest.',
  ];
};

/** As CloudFormation says it now, not as it was packaged. */
export const outputsOf = async (account: Account, services: readonly Service[]): Promise<Outputs> => {
  const stacks = await Promise.all(services.map(({ stack }) => findStack(account, `${stack}-${account.stage}`)));
  return Object.fromEntries(
    stacks.flatMap((stack) => (stack?.Outputs ?? []).map(({ OutputKey, OutputValue }) => [OutputKey!, OutputValue])),
  );
};
