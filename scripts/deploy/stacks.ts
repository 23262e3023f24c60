import {
  DescribeStackEventsCommand,
  DescribeStacksCommand,
  GetTemplateCommand,
  ListStackResourcesCommand,
  paginateListStacks,
  type Stack,
  type StackResourceSummary,
  type StackSummary,
} from '@aws-sdk/client-cloudformation';
import type { Account } from './account.ts';

export type Template = {
  Resources: Record<string, Resource>;
  Outputs?: Record<string, unknown>;
  Conditions?: Record<string, unknown>;
};
export type Resource = {
  Type: string;
  Properties?: Record<string, unknown>;
  DependsOn?: string | string[];
  DeletionPolicy?: string;
};

/** Undefined: there is none of that name. */
export const findStack = async ({ clients }: Account, StackName: string): Promise<Stack | undefined> => {
  try {
    const { Stacks } = await clients.formation.send(new DescribeStacksCommand({ StackName }));
    return Stacks?.[0]?.StackStatus === 'DELETE_COMPLETE' ? undefined : Stacks?.[0];
  } catch (error) {
    if ((error as Error).name === 'ValidationError' && /does not exist/.test((error as Error).message))
      return undefined;
    throw error;
  }
};

/** What the stack owns: logical ids and physical ones. What was deleted from it is not there. */
export const resourcesOf = async ({ clients }: Account, StackName: string): Promise<StackResourceSummary[]> => {
  const all: StackResourceSummary[] = [];
  let NextToken: string | undefined;
  do {
    const page = await clients.formation.send(new ListStackResourcesCommand({ StackName, NextToken }));
    all.push(...(page.StackResourceSummaries ?? []));
    NextToken = page.NextToken;
  } while (NextToken !== undefined);
  return all.filter(
    ({ ResourceStatus, PhysicalResourceId }) => PhysicalResourceId && ResourceStatus !== 'DELETE_COMPLETE',
  );
};

export const templateOf = async ({ clients }: Account, StackName: string): Promise<Template> => {
  const { TemplateBody = '{}' } = await clients.formation.send(
    new GetTemplateCommand({ StackName, TemplateStage: 'Original' }),
  );
  return JSON.parse(TemplateBody) as Template;
};

/**
 * What the newest stack of that name that was deleted had as its template: CloudFormation remembers it for 90 days.
 * Undefined where there was none.
 */
export const lastTemplateOf = async (account: Account, StackName: string): Promise<Template | undefined> => {
  let newest: StackSummary | undefined;
  for await (const page of paginateListStacks(
    { client: account.clients.formation },
    { StackStatusFilter: ['DELETE_COMPLETE'] },
  )) {
    for (const one of page.StackSummaries ?? []) {
      if (one.StackName === StackName && (one.DeletionTime ?? 0) > (newest?.DeletionTime ?? 0)) newest = one;
    }
  }
  return newest && templateOf(account, newest.StackId!);
};

/**
 * Why the last operation on the stack failed, in CloudFormation's words: a line per resource, the first cause first.
 */
export const failuresOf = async ({ clients }: Account, StackName: string, since: Date): Promise<string[]> => {
  const { StackEvents = [] } = await clients.formation.send(new DescribeStackEventsCommand({ StackName }));
  return StackEvents.filter(({ Timestamp }) => Timestamp && Timestamp >= since)
    .filter(({ ResourceStatus, ResourceStatusReason }) => /FAILED$/.test(ResourceStatus ?? '') && ResourceStatusReason)
    .filter(({ ResourceStatusReason }) => !/^Resource \w+ cancelled$/.test(ResourceStatusReason!))
    .map(({ LogicalResourceId, ResourceStatusReason }) => `  ${LogicalResourceId}: ${ResourceStatusReason}`)
    .reverse();
};
