import { readFileSync } from 'node:fs';
import type { Capture } from '@granary/runtime/tracing';
import { parse } from 'yaml';

/** A call of an AWS service in the words of IAM. */
export type Call = { action: string; arn: string };

type Input = Readonly<Record<string, string | undefined>>;

const arnOf = (service: string, input: Input): string => {
  const { TableName, IndexName, Bucket, Key, QueueUrl, WorkGroup, logGroupName, logStreamName } = input;
  // A table is read by its name, and written as what it is to be.
  const { DatabaseName, Name, TableInput } = input as { TableInput?: Input } & Omit<Input, 'TableInput'>;
  if (service === 'dynamodb') return `table/${TableName}${IndexName ? `/index/${IndexName}` : ''}`;
  if (service === 's3') return Key === undefined ? `s3:::${Bucket}` : `s3:::${Bucket}/${Key}`;
  if (service === 'glue') return `table/${DatabaseName}/${Name ?? TableInput?.Name}`;
  if (service === 'athena') return `workgroup/${WorkGroup}`;
  if (service === 'sqs') return `${QueueUrl?.split('/').at(-1)}`;
  if (service === 'logs') return `log-group:${logGroupName}:log-stream:${logStreamName}`;
  return 'key';
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
          calls.push({ action: ACTIONS[action] ?? action, arn: arnOf(service, args.input) });
          return next(args);
        },
      { step: 'initialize' },
    );
    return client;
  };
  return { calls, capture };
};

type Statement = { Effect: string; Action: string[]; Resource: (string | Record<string, unknown>)[] };

/** What the generated functions.gen.yml lets a function do, its resources as patterns of the stage `local`. */
export const grantedTo = (id: string): { action: string; resource: RegExp }[] => {
  const functions = parse(readFileSync(new URL('../../functions.gen.yml', import.meta.url), 'utf8'));
  const statements = functions[id].iamRoleStatements as Statement[];
  return statements
    .filter(({ Effect }) => Effect === 'Allow')
    .flatMap(({ Action, Resource }) =>
      Action.flatMap((action) => Resource.map((resource) => ({ action, resource: patternOf(resource) }))),
    );
};

const patternOf = (resource: string | Record<string, unknown>): RegExp => {
  const sub = typeof resource === 'object' ? resource['Fn::Sub'] : resource;
  // An ARN of another stack: of the key, which has no name of its own.
  if (typeof sub !== 'string') return /^key$/;
  const arn = sub
    .replaceAll('${AWS::Partition}', 'aws')
    .replaceAll('${AWS::Region}', 'us-east-1')
    .replaceAll('${AWS::AccountId}', '000000000000')
    .replaceAll('${sls:stage}', 'local');
  // What calls say of the resource too: without service, region and account, but of S3, which knows neither of these.
  const whole = arn.replace(/^arn:aws:(?:s3(?=:::)|(?:athena|dynamodb|glue|logs|sqs):[^:]*:[^:]*:)/, (start) =>
    start.endsWith('s3') ? 's3' : '',
  );
  return new RegExp(`^${whole.replace(/[.+?^${}()|[\]\\]/g, '\\$&').replaceAll('*', '.*')}$`);
};
