import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import type { Capture } from '../tracing.ts';

/**
 * A call of an AWS service in the words of IAM. `key`: the partition key of the items, the prefix of the objects, or
 * the purpose of the data key, that it is about.
 */
export type Call = { action: string; arn: string; key?: string };

type Input = Readonly<Record<string, string | undefined>>;

/** What IAM has as dynamodb:LeadingKeys, s3:prefix and kms:EncryptionContext:purpose. */
const keyOf = (service: string, input: Input): string | undefined => {
  if (service === 'kms') return (input as { EncryptionContext?: Input }).EncryptionContext?.purpose;
  const { RequestItems, Key, Item, KeyConditionExpression, ExpressionAttributeValues, Prefix } = input as unknown as {
    [name in 'Key' | 'Item' | 'ExpressionAttributeValues']?: Record<string, unknown>;
  } & {
    KeyConditionExpression?: string;
    Prefix?: string;
    RequestItems?: Record<string, { Keys: { pk: string }[] }>;
  };
  if (service === 's3') return Prefix;
  if (service !== 'dynamodb') return undefined;
  const name = /^\w+ = (:\w+)/.exec(KeyConditionExpression ?? '')?.[1];
  const batch = Object.values(RequestItems ?? {})[0]?.Keys[0]?.pk;
  const key = Key?.pk ?? Item?.pk ?? batch ?? (name && ExpressionAttributeValues?.[name]);
  return typeof key === 'string' ? key : undefined;
};

const arnOf = (service: string, input: Input): string => {
  const { TableName, IndexName, Bucket, Key, QueueUrl, WorkGroup, logGroupName, logStreamName } = input;
  // A table is read by its name, and written as what it is to be.
  const { DatabaseName, Name, TableInput } = input as { TableInput?: Input } & Omit<Input, 'TableInput'>;
  // A batch of one table, of whose keys one stands for all.
  const { RequestItems } = input as { RequestItems?: object } & Omit<Input, 'RequestItems'>;
  if (service === 'dynamodb' && RequestItems) return `table/${Object.keys(RequestItems)[0]}`;
  if (service === 'dynamodb') return `table/${TableName}${IndexName ? `/index/${IndexName}` : ''}`;
  if (service === 's3') return Key === undefined ? `s3:::${Bucket}` : `s3:::${Bucket}/${Key}`;
  if (service === 'glue') return `table/${DatabaseName}/${Name ?? TableInput?.Name}`;
  if (service === 'athena') return `workgroup/${WorkGroup}`;
  if (service === 'sqs') return `${QueueUrl?.split('/').at(-1)}`;
  if (service === 'logs') return `log-group:${logGroupName}:log-stream:${logStreamName}`;
  return 'key/users';
};

const SERVICES: Readonly<Record<string, string>> = {
  DynamoDBClient: 'dynamodb',
  S3Client: 's3',
  SQSClient: 'sqs',
  KMSClient: 'kms',
  CloudWatchLogsClient: 'logs',
  AthenaClient: 'athena',
  GlueClient: 'glue',
};
const ACTIONS: Readonly<Record<string, string>> = {
  'dynamodb:Get': 'dynamodb:GetItem',
  'dynamodb:BatchGet': 'dynamodb:BatchGetItem',
  'dynamodb:Put': 'dynamodb:PutItem',
  'dynamodb:Update': 'dynamodb:UpdateItem',
  'sqs:SendMessageBatch': 'sqs:SendMessage',
  'sqs:ChangeMessageVisibilityBatch': 'sqs:ChangeMessageVisibility',
  's3:ListObjectsV2': 's3:ListBucket',
  's3:HeadObject': 's3:GetObject',
  // And s3:GetObject on where it copies from, which is not looked at.
  's3:CopyObject': 's3:PutObject',
};

/** Remembers the calls of every client that is given to `capture`. */
export const recordCalls = (): { calls: Call[]; capture: Capture } => {
  const calls: Call[] = [];
  const capture: Capture = (client) => {
    const { middlewareStack } = client as unknown as {
      middlewareStack: { add(middleware: unknown, options: { step: 'initialize' }): void };
    };
    middlewareStack.add(
      (next: (args: { input: Input }) => unknown, { clientName = '', commandName = '' }) =>
        (args: { input: Input }) => {
          const service = SERVICES[clientName] ?? SERVICES[client.constructor.name] ?? clientName;
          const action = `${service}:${commandName.replace(/Command$/, '')}`;
          const key = keyOf(service, args.input);
          calls.push({ action: ACTIONS[action] ?? action, arn: arnOf(service, args.input), ...(key && { key }) });
          return isRead(service, commandName) ? orMissing(next(args), args.input) : next(args);
        },
      { step: 'initialize' },
    );
    return client;
  };
  /** That an object is not there S3 says only to who may list it: to all others it is forbidden. */
  const orMissing = async (answer: unknown, { Bucket, Key }: Input): Promise<unknown> => {
    try {
      return await answer;
    } catch (error) {
      const { name } = error as Error;
      if (name === 'NoSuchKey' || name === 'NotFound')
        calls.push({ action: 's3:ListBucket', arn: `s3:::${Bucket}`, key: Key });
      throw error;
    }
  };
  return { calls, capture };
};

const isRead = (service: string, commandName: string): boolean =>
  service === 's3' && /^(Get|Head)ObjectCommand$/.test(commandName);

type Statement = {
  Effect: string;
  Action: string[];
  Resource: (string | Record<string, unknown>)[];
  Condition?: Record<string, Record<string, string | string[]>>;
};
type Granted = { action: string; resource: RegExp; keys: readonly RegExp[] | undefined };

/** What a service's functions.gen.yml (its path) lets a function do, its resources as patterns of the stage `local`. */
export const grantedTo = (path: string, id: string): Granted[] => {
  const statements = parse(readFileSync(path, 'utf8'))[id].iamRoleStatements as Statement[];
  return statements
    .filter(({ Effect }) => Effect === 'Allow')
    .flatMap(({ Action, Resource, Condition }) =>
      Action.flatMap((action) =>
        Resource.map((resource) => ({ action, resource: patternOf(resource), keys: keysOf(Condition) })),
      ),
    );
};

/** Whether one of them lets this call through. */
export const permits = (granted: readonly Granted[], { action, arn, key }: Call): boolean =>
  granted.some(
    (one) =>
      one.action === action &&
      one.resource.test(arn) &&
      (one.keys === undefined || (key !== undefined && one.keys.some((pattern) => pattern.test(key)))),
  );

/** Undefined: of any key. */
const keysOf = (condition: Statement['Condition']): RegExp[] | undefined => {
  if (condition === undefined) return undefined;
  const leading = condition['ForAllValues:StringLike']?.['dynamodb:LeadingKeys'];
  const prefixes = condition.StringLike?.['s3:prefix'];
  // Which keys have the tag is not known here.
  const purpose = condition.StringEquals?.['kms:EncryptionContext:purpose'];
  return [leading ?? prefixes ?? purpose ?? []].flat().map((pattern) => whole(pattern));
};

const whole = (pattern: string): RegExp =>
  new RegExp(`^${pattern.replace(/[.+?^${}()|[\]\\]/g, '\\$&').replaceAll('*', '.*')}$`);

const patternOf = (resource: string | Record<string, unknown>): RegExp => {
  const sub = typeof resource === 'object' ? resource['Fn::Sub'] : resource;
  // An ARN of another stack: of the key, which has no name of its own.
  if (typeof sub !== 'string') return /^key\/users$/;
  const arn = sub
    .replaceAll('${AWS::Partition}', 'aws')
    .replaceAll('${AWS::Region}', 'us-east-1')
    .replaceAll('${AWS::AccountId}', '000000000000')
    .replaceAll('${sls:stage}', 'local');
  // What calls say of the resource too: without service, region and account, but of S3, which knows neither of these.
  const said = arn.replace(/^arn:aws:(?:s3(?=:::)|(?:athena|dynamodb|glue|kms|logs|sqs):[^:]*:[^:]*:)/, (start) =>
    start.endsWith('s3') ? 's3' : '',
  );
  return whole(said);
};
