import {
  GetGroupCommand,
  paginateListUserPoolClients,
  paginateListUserPools,
} from '@aws-sdk/client-cognito-identity-provider';
import { DescribeTableCommand } from '@aws-sdk/client-dynamodb';
import { HeadBucketCommand } from '@aws-sdk/client-s3';
import type { Account } from './account.ts';

/** What CloudFormation knows a resource by when it is to own it; the last of the values is what `Ref` gives. */
export type Identifier = Readonly<Record<string, string>>;

/** A type of resource that outlives its stack, and how one of it is found again. */
export type Kind = {
  /** For people: `the bucket …`. */
  called: string;
  /** Why it stays when its stack goes. */
  why: string;
  /** By the name that the template gives it; undefined: there is none. `name` holds the resolved properties. */
  find?(account: Account, properties: Readonly<Record<string, string>>): Promise<Identifier | undefined>;
};

const absent =
  (...names: string[]) =>
  (error: Error): undefined => {
    if (!names.includes(error.name)) throw error;
  };

const findBucket: Kind['find'] = async ({ id, clients }, { BucketName }) => {
  try {
    await clients.s3.send(new HeadBucketCommand({ Bucket: BucketName, ExpectedBucketOwner: id }));
    return { BucketName: BucketName! };
  } catch (error) {
    const { name } = error as Error;
    if (name === 'NotFound' || name === 'NoSuchBucket') return undefined;
    throw new Error(
      `The bucket ${BucketName} cannot be looked at (${name}): it belongs to another account, or you may not s3:ListBucket it.`,
    );
  }
};

const findTable: Kind['find'] = async ({ clients }, { TableName }) =>
  clients.dynamodb
    .send(new DescribeTableCommand({ TableName }))
    .then(() => ({ TableName: TableName! }), absent('ResourceNotFoundException'));

/** Names of pools and clients are no keys: there may be several of one. Which is the stage's only its owner knows. */
const only = (found: readonly string[], what: string): string | undefined => {
  if (found.length < 2) return found[0];
  throw new Error(
    `There are ${found.length} ${what}: ${found.join(', ')}. Delete all but the one to keep, or rename them, and deploy again.`,
  );
};

const findPool: Kind['find'] = async ({ clients }, { UserPoolName }) => {
  const found: string[] = [];
  for await (const { UserPools = [] } of paginateListUserPools(
    { client: clients.cognito, pageSize: 60 },
    { MaxResults: 60 },
  ))
    found.push(...UserPools.filter(({ Name }) => Name === UserPoolName).map(({ Id }) => Id!));
  const id = only(found, `user pools of the name ${UserPoolName}`);
  return id === undefined ? undefined : { UserPoolId: id };
};

const findClient: Kind['find'] = async ({ clients }, { UserPoolId, ClientName }) => {
  const found: string[] = [];
  const pages = paginateListUserPoolClients({ client: clients.cognito, pageSize: 60 }, { UserPoolId });
  for await (const { UserPoolClients = [] } of pages)
    found.push(
      ...UserPoolClients.filter((client) => client.ClientName === ClientName).map(({ ClientId }) => ClientId!),
    );
  const id = only(found, `clients ${ClientName} of the user pool ${UserPoolId}`);
  return id === undefined ? undefined : { UserPoolId: UserPoolId!, ClientId: id };
};

const findGroup: Kind['find'] = async ({ clients }, { UserPoolId, GroupName }) =>
  clients.cognito
    .send(new GetGroupCommand({ UserPoolId, GroupName }))
    .then(() => ({ UserPoolId: UserPoolId!, GroupName: GroupName! }), absent('ResourceNotFoundException'));

export const KINDS: Readonly<Record<string, Kind>> = {
  'AWS::S3::Bucket': {
    called: 'the bucket',
    why: 'raw bytes, every version of every dataset, pages and logs',
    find: findBucket,
  },
  'AWS::DynamoDB::Table': { called: 'the table', why: 'datasets, versions and runs, or users', find: findTable },
  'AWS::Cognito::UserPool': { called: 'the user pool', why: 'accounts and their passwords', find: findPool },
  'AWS::Cognito::UserPoolClient': {
    called: 'the client',
    why: 'goes with the user pool; whoever signs in has its id',
    find: findClient,
  },
  'AWS::Cognito::UserPoolGroup': {
    called: 'the group',
    why: 'goes with the user pool; its members would be lost',
    find: findGroup,
  },
  // Has no name: users-keys.ts finds it.
  'AWS::KMS::Key': { called: 'the key', why: 'without it what it sealed of users is lost' },
  'AWS::IAM::Role': { called: 'the role', why: 'all APIs of the account and region write their logs with one role' },
  'AWS::ApiGateway::Account': {
    called: "API Gateway's setting",
    why: 'it is of the account and region, and names the role that logs are written with',
  },
};
