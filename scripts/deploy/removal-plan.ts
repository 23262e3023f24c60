import { DescribeUserPoolCommand } from '@aws-sdk/client-cognito-identity-provider';
import { DescribeTableCommand } from '@aws-sdk/client-dynamodb';
import type { Account } from './account.ts';
import { findLogsRole } from './adopt-api.ts';
import { KINDS } from './kinds.ts';
import { withPackages } from './package-service.ts';
import { findRetained, physicalOf, retainedIn } from './retained.ts';
import type { Service } from './services.ts';
import { findStack, resourcesOf, type Template, templateOf } from './stacks.ts';
import { keysCalled } from './users-keys.ts';

export type Going = { stack: string; resources: number; protected: boolean };
/** What outlives its stack, by its own name; `protected`: AWS deletes it for nobody. */
export type Staying = { type: string; name: string; protected: boolean };
export type RemovalPlan = { going: Going[]; staying: Staying[] };

/** What a removal takes away, in its order, and what it leaves; also what an earlier removal left. */
export const planRemoval = async (account: Account, services: readonly Service[]): Promise<RemovalPlan> => {
  const going: Going[] = [];
  const staying = new Map<string, Staying>();
  const keep = async (type: string, name: string) => {
    staying.set(`${type} ${name}`, { type, name, protected: await isProtected(account, type, name) });
  };
  for (const service of [...services].reverse()) {
    const stack = `${service.stack}-${account.stage}`;
    const found = await findStack(account, stack);
    const owned = found ? await resourcesOf(account, stack) : [];
    const retained = found ? retainedIn(await templateOf(account, stack)) : [];
    for (const { id, type } of retained) {
      const one = owned.find(({ LogicalResourceId }) => LogicalResourceId === id);
      if (one) await keep(type, one.PhysicalResourceId!);
    }
    const resources = owned.length - retained.length;
    if (found) going.push({ stack, resources, protected: found.EnableTerminationProtection === true });
    if (service.name === 'api') {
      const role = await findLogsRole(account, stack);
      if (role !== undefined) await keep('AWS::IAM::Role', role);
    }
    if (service.name !== 'storage') continue;
    const template = await withPackages([service], account, async (packages) => packages.get(service.name)!.template);
    for (const one of await findRetained(account, retainedIn(template)))
      await keep(one.type, physicalOf(one.identifier));
    for (const id of await keysCalled(account, usersKeyCalled(template))) await keep('AWS::KMS::Key', id);
  }
  return { going, staying: [...staying.values()] };
};

const usersKeyCalled = ({ Resources }: Template): string => String(Resources.UsersKey?.Properties?.Description);

const isProtected = async ({ clients }: Account, type: string, name: string): Promise<boolean> => {
  try {
    if (type === 'AWS::DynamoDB::Table') {
      const { Table } = await clients.dynamodb.send(new DescribeTableCommand({ TableName: name }));
      return Table?.DeletionProtectionEnabled === true;
    }
    if (type === 'AWS::Cognito::UserPool') {
      const { UserPool } = await clients.cognito.send(new DescribeUserPoolCommand({ UserPoolId: name }));
      return UserPool?.DeletionProtection === 'ACTIVE';
    }
  } catch (error) {
    // In the stack's list, and deleted by hand since.
    if ((error as Error).name !== 'ResourceNotFoundException') throw error;
  }
  return false;
};

/** For people: a line each. */
export const planLines = ({ going, staying }: RemovalPlan, deleteData: boolean): string[] => {
  const goes = going.map(({ stack, resources }) => `  ${stack}: ${resources} resources`);
  const stays = staying.map(({ type, name, protected: is }) => {
    const { called, why } = KINDS[type] ?? { called: type, why: 'its template says so' };
    return `  ${called} ${name}${is ? ' (protected against deletion)' : ''}: ${isData(type) && deleteData ? fate(type) : why}`;
  });
  return [
    ...(goes.length > 0 ? ['Goes, in this order:', ...goes] : ['No stack is there.']),
    ...(stays.length > 0
      ? [
          deleteData
            ? 'Is left, and then deleted where it says so:'
            : 'Stays, and is taken over by the next deployment:',
          ...stays,
        ]
      : ['Nothing else is left.']),
  ];
};

/** What `--delete-data` deletes: the rest is no data of the stage. */
export const isData = (type: string): boolean => /^AWS::(S3|DynamoDB|Cognito|KMS)::/.test(type);
const fate = (type: string): string =>
  type === 'AWS::KMS::Key'
    ? 'its deletion is scheduled, 30 days from now'
    : type.startsWith('AWS::Cognito::UserPool') && type !== 'AWS::Cognito::UserPool'
      ? 'deleted with the user pool'
      : 'DELETED, for good';
