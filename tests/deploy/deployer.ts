/** Who deploys: a role that may do what config/deployer-policy.json says, and nothing else. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CreateRoleCommand, PutRolePolicyCommand } from '@aws-sdk/client-iam';
import { AssumeRoleCommand } from '@aws-sdk/client-sts';
import type { Cloud } from './cloud.ts';

export type Policy = {
  Version: string;
  Statement: { Sid: string; Effect: string; Action: string[]; Resource: string | string[]; Condition?: object }[];
};

/** Not granary-…: what the policy allows it to do with roles is about those. */
export const DEPLOYER = 'deploys-granary';
const FILE = join(import.meta.dirname, '../../config/deployer-policy.json');

export const readDeployerPolicy = (): Policy => JSON.parse(readFileSync(FILE, 'utf8'));

/** Makes the role; the answer is what the shell of somebody who has taken it on has as credentials. */
export const makeDeployer = async ({ clients, account }: Cloud, policy: Policy): Promise<Record<string, string>> => {
  const trust = {
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Principal: { AWS: `arn:aws:iam::${account}:root` }, Action: 'sts:AssumeRole' }],
  };
  const { Role } = await clients.iam.send(
    new CreateRoleCommand({ RoleName: DEPLOYER, AssumeRolePolicyDocument: JSON.stringify(trust) }),
  );
  await allow({ clients }, policy);
  const { Credentials } = await clients.sts.send(
    new AssumeRoleCommand({ RoleArn: Role?.Arn, RoleSessionName: 'verify', DurationSeconds: 3600 }),
  );
  return {
    AWS_ACCESS_KEY_ID: Credentials?.AccessKeyId as string,
    AWS_SECRET_ACCESS_KEY: Credentials?.SecretAccessKey as string,
    AWS_SESSION_TOKEN: Credentials?.SessionToken as string,
  };
};

/** From now on they may do this. */
export const allow = async ({ clients }: Pick<Cloud, 'clients'>, policy: Policy): Promise<void> => {
  const PolicyDocument = JSON.stringify(policy);
  await clients.iam.send(
    new PutRolePolicyCommand({ RoleName: DEPLOYER, PolicyName: 'deploys-granary', PolicyDocument }),
  );
};

/** The policy without one of the actions of a statement. */
export const lacking = (policy: Policy, sid: string, action: string): Policy => ({
  ...policy,
  Statement: policy.Statement.map((one) =>
    one.Sid === sid ? { ...one, Action: one.Action.filter((other) => other !== action) } : one,
  ),
});
