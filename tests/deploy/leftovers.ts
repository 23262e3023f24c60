import { GetRestApisCommand } from '@aws-sdk/client-api-gateway';
import { DescribeLogGroupsCommand } from '@aws-sdk/client-cloudwatch-logs';
import { ListUserPoolsCommand } from '@aws-sdk/client-cognito-identity-provider';
import { ListTablesCommand } from '@aws-sdk/client-dynamodb';
import { ListRolesCommand } from '@aws-sdk/client-iam';
import { DescribeKeyCommand, ListKeysCommand } from '@aws-sdk/client-kms';
import { ListFunctionsCommand } from '@aws-sdk/client-lambda';
import { ListBucketsCommand } from '@aws-sdk/client-s3';
import { ListQueuesCommand } from '@aws-sdk/client-sqs';
import type { Cloud } from './cloud.ts';

export type Leftover = { kind: string; name: string };

/** What of Granary is in the account, whichever stack it is of: nothing of it was there before. */
export const leftovers = async ({ clients }: Cloud): Promise<Leftover[]> => {
  const { s3, dynamo, cognito, kms, iam, lambda, sqs, gateway, logs } = clients;
  const found: Leftover[] = [];
  const add = (kind: string, names: readonly (string | undefined)[] = []) => {
    for (const name of names) if (name !== undefined) found.push({ kind, name });
  };
  const ours = (names: readonly (string | undefined)[] = []) => names.filter((name) => name?.includes('granary'));
  add(
    'bucket',
    (await s3.send(new ListBucketsCommand({}))).Buckets?.map(({ Name }) => Name),
  );
  add('table', (await dynamo.send(new ListTablesCommand({}))).TableNames);
  add(
    'user pool',
    (await cognito.send(new ListUserPoolsCommand({ MaxResults: 60 }))).UserPools?.map(({ Id }) => Id),
  );
  for (const { KeyId } of (await kms.send(new ListKeysCommand({}))).Keys ?? []) {
    const { KeyMetadata } = await kms.send(new DescribeKeyCommand({ KeyId }));
    if (KeyMetadata?.KeyManager === 'CUSTOMER' && KeyMetadata.KeyState === 'Enabled') add('key', [KeyId]);
  }
  const { Roles } = await iam.send(new ListRolesCommand({ MaxItems: 1000 }));
  add(
    'role',
    ours(Roles?.map(({ RoleName }) => RoleName)).filter((name) => name !== 'deploys-granary'),
  );
  add(
    'function',
    (await lambda.send(new ListFunctionsCommand({}))).Functions?.map(({ FunctionName }) => FunctionName),
  );
  add('queue', (await sqs.send(new ListQueuesCommand({}))).QueueUrls);
  add(
    'API',
    (await gateway.send(new GetRestApisCommand({ limit: 500 }))).items?.map(({ name }) => name),
  );
  add(
    'log group',
    ours((await logs.send(new DescribeLogGroupsCommand({}))).logGroups?.map(({ logGroupName }) => logGroupName)),
  );
  return found;
};
