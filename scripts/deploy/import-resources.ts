import {
  CreateChangeSetCommand,
  type CreateChangeSetCommandInput,
  CreateStackCommand,
  DeleteChangeSetCommand,
  DescribeChangeSetCommand,
  DescribeStackResourceCommand,
  ExecuteChangeSetCommand,
  waitUntilChangeSetCreateComplete,
  waitUntilStackCreateComplete,
  waitUntilStackImportComplete,
} from '@aws-sdk/client-cloudformation';
import { PutObjectCommand } from '@aws-sdk/client-s3';
import type { Account } from './account.ts';
import type { Identifier } from './kinds.ts';
import { failuresOf, type Resource, type Template } from './stacks.ts';

export type Import = { id: string; resource: Resource; identifier: Identifier };

/** What CloudFormation takes in a request; what is longer is read from a bucket. */
const LONGEST_BODY = 51_200;
const BUCKET_OF_SERVICE = 'ServerlessDeploymentBucket';
const CAPABILITIES: CreateChangeSetCommandInput['Capabilities'] = ['CAPABILITY_IAM', 'CAPABILITY_NAMED_IAM'];
const patience = (account: Account) => ({
  client: account.clients.formation,
  minDelay: 1,
  maxDelay: 5,
  maxWaitTime: 900,
});

/**
 * The stack's template with those resources in it. An import may change nothing else, outputs neither, and wants it
 * said of each resource what becomes of it with the stack.
 */
export const withImports = (current: Template, imports: readonly Import[]): Template => ({
  ...current,
  Resources: {
    ...current.Resources,
    ...Object.fromEntries(imports.map(({ id, resource }) => [id, { DeletionPolicy: 'Retain', ...resource }])),
  },
});

/** The stack as osls makes it: with the bucket that it deploys from, and nothing else. */
export const createStack = async (account: Account, StackName: string, core: Template): Promise<void> => {
  const since = new Date();
  await account.clients.formation.send(
    new CreateStackCommand({
      StackName,
      TemplateBody: JSON.stringify(core),
      Capabilities: CAPABILITIES,
      Tags: [{ Key: 'STAGE', Value: account.stage }],
    }),
  );
  await waitUntilStackCreateComplete(patience(account), { StackName }).catch(() => fail(account, StackName, since));
};

/** Makes the stack the owner of resources that are there. They stay as they are until the next update. */
export const importResources = async (
  account: Account,
  StackName: string,
  current: Template,
  imports: readonly Import[],
): Promise<void> => {
  const { formation } = account.clients;
  const since = new Date();
  const changes = { StackName, ChangeSetName: `granary-adopt-${since.getTime()}` };
  await formation.send(
    new CreateChangeSetCommand({
      ...changes,
      ChangeSetType: 'IMPORT',
      ...(await bodyOf(account, StackName, withImports(current, imports))),
      Capabilities: CAPABILITIES,
      ResourcesToImport: imports.map(({ id, resource, identifier }) => ({
        ResourceType: resource.Type,
        LogicalResourceId: id,
        ResourceIdentifier: identifier,
      })),
    }),
  );
  try {
    await waitUntilChangeSetCreateComplete(patience(account), changes);
  } catch {
    const { StatusReason } = await formation.send(new DescribeChangeSetCommand(changes));
    await formation.send(new DeleteChangeSetCommand(changes));
    throw new Error(
      `CloudFormation does not take into ${StackName} what is there: ${StatusReason ?? 'it says no reason'}.`,
    );
  }
  await formation.send(new ExecuteChangeSetCommand(changes));
  await waitUntilStackImportComplete(patience(account), { StackName }).catch(() => fail(account, StackName, since));
};

const fail = async (account: Account, StackName: string, since: Date): Promise<never> => {
  const lines = await failuresOf(account, StackName, since);
  throw new Error(
    `The stack ${StackName} did not take it:\n${lines.join('\n') || '  (CloudFormation says no reason)'}`,
  );
};

const bodyOf = async (
  account: Account,
  StackName: string,
  template: Template,
): Promise<{ TemplateBody: string } | { TemplateURL: string }> => {
  const TemplateBody = JSON.stringify(template);
  if (Buffer.byteLength(TemplateBody) <= LONGEST_BODY) return { TemplateBody };
  const { clients, region, partition } = account;
  const { StackResourceDetail } = await clients.formation.send(
    new DescribeStackResourceCommand({ StackName, LogicalResourceId: BUCKET_OF_SERVICE }),
  );
  const Bucket = StackResourceDetail?.PhysicalResourceId as string;
  const Key = 'granary/adopt/template.json';
  await clients.s3.send(new PutObjectCommand({ Bucket, Key, Body: TemplateBody, ContentType: 'application/json' }));
  const suffix = partition === 'aws-cn' ? 'amazonaws.com.cn' : 'amazonaws.com';
  return { TemplateURL: `https://s3.${region}.${suffix}/${Bucket}/${Key}` };
};
