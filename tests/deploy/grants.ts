/**
 * Whether every function may do all that it does, and nothing else. Each action that a statement of a role allows is a
 * grant; what IAM decided about every request stands in ministack's file of decisions (../ministack/decisions.py), with
 * the grant without which it would have been refused.
 */
import { readFileSync, statSync } from 'node:fs';
import {
  GetRolePolicyCommand,
  type IAMClient,
  ListRolePoliciesCommand,
  ListRolesCommand,
  PutRolePolicyCommand,
} from '@aws-sdk/client-iam';
import type { Cloud } from './cloud.ts';

type Statement = { Effect: string; Action: string | string[]; Resource: string | string[]; Condition?: object };
type Document = { Version: string; Statement: Statement[] };
export type Grant = { role: string; policy: string; document: Document; statement: number; action: string };
export type Decision = {
  /** `assumed-role/<role>/<function>` or `user/<name>`. */
  by: string;
  action: string;
  resource: string;
  decision: 'Allow' | 'Deny' | 'ImplicitDeny';
  needs?: { action: string; resources: string[]; conditions: object };
};

export const nameOf = ({ role, document, statement, action }: Grant): string => {
  const { Resource, Condition } = document.Statement[statement]!;
  const places = [Resource]
    .flat()
    .map((arn) => arn.replace(/^arn:aws:(s3:::)?/, '$1').replace(/:[a-z]+-[a-z]+-\d:\d{12}:/, ':'));
  const only = Condition ? ` where ${JSON.stringify(Object.values(Condition)[0])}` : '';
  return `${role}: ${action} on ${places.join(', ')}${only}`;
};

/** Every grant of every role of the stage's functions. */
export const grantsOf = async ({ clients: { iam }, stage, region }: Cloud): Promise<Grant[]> => {
  const grants: Grant[] = [];
  for (const role of await rolesOf(
    iam,
    new RegExp(`^granary-\\w+-${stage}-.*lambdaRole$|^granary-\\w+-${stage}-[\\w-]+-${region}`),
  ))
    for (const policy of (await iam.send(new ListRolePoliciesCommand({ RoleName: role }))).PolicyNames ?? []) {
      const found = await iam.send(new GetRolePolicyCommand({ RoleName: role, PolicyName: policy }));
      const document: Document = JSON.parse(decodeURIComponent(found.PolicyDocument as string));
      document.Statement.forEach(({ Effect, Action }, statement) => {
        if (Effect === 'Allow')
          for (const action of [Action].flat()) grants.push({ role, policy, document, statement, action });
      });
    }
  return grants;
};
const rolesOf = async (iam: IAMClient, names: RegExp): Promise<string[]> => {
  const found: string[] = [];
  let Marker: string | undefined;
  do {
    const page = await iam.send(new ListRolesCommand({ Marker, MaxItems: 1000 }));
    found.push(...(page.Roles ?? []).map(({ RoleName }) => RoleName as string));
    Marker = page.IsTruncated ? page.Marker : undefined;
  } while (Marker);
  return found.filter((name) => names.test(name));
};

/** Those that were taken since then; `since` is an earlier {@link decisionsSize}. */
export const readDecisions = (cloud: Cloud, since = 0): Decision[] => {
  const bytes = readFileSync(cloud.ministack.decisions);
  // Whole lines: at either end one may have been in the middle of being written.
  const from = since === 0 ? 0 : bytes.indexOf('\n', since - 1) + 1;
  const lines = bytes.subarray(from).toString().split('\n').slice(0, -1);
  return lines.map((line) => JSON.parse(line));
};
export const decisionsSize = (cloud: Cloud): number => statSync(cloud.ministack.decisions).size;

/** Whether the decision was only possible by this grant. */
export const needs = ({ by, needs: needed }: Decision, { role, document, statement, action }: Grant): boolean => {
  const { Resource, Condition } = document.Statement[statement]!;
  return (
    needed !== undefined &&
    by.split('/')[1] === role &&
    needed.action === action &&
    JSON.stringify(needed.resources) === JSON.stringify([Resource].flat()) &&
    JSON.stringify(needed.conditions) === JSON.stringify(Condition ?? {})
  );
};

/** Those that are taken away at this moment. */
const taken = new Set<Grant>();

const sameStatement = (one: Grant, other: Grant) =>
  one.role === other.role && one.policy === other.policy && one.statement === other.statement;

/** The role's policy as it is without what is taken away. */
const putPolicy = async ({ clients: { iam } }: Pick<Cloud, 'clients'>, grant: Grant): Promise<void> => {
  const Statement = grant.document.Statement.flatMap((one, statement) => {
    const gone = [...taken]
      .filter((other) => sameStatement(other, { ...grant, statement }))
      .map(({ action }) => action);
    const Action = [one.Action].flat().filter((action) => !gone.includes(action));
    return Action.length > 0 ? [{ ...one, Action }] : [];
  });
  const PolicyDocument = JSON.stringify({ ...grant.document, Statement });
  await iam.send(new PutRolePolicyCommand({ RoleName: grant.role, PolicyName: grant.policy, PolicyDocument }));
};

/** Takes a grant from its role while `run` runs. */
export const without = async <T>(cloud: Cloud, grant: Grant, run: () => Promise<T>): Promise<T> => {
  taken.add(grant);
  await putPolicy(cloud, grant);
  try {
    return await run();
  } finally {
    taken.delete(grant);
    await putPolicy(cloud, grant);
  }
};
