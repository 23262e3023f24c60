import {
  CreateGroupCommand,
  type CreateGroupCommandInput,
  CreateUserPoolClientCommand,
  type CreateUserPoolClientCommandInput,
  CreateUserPoolCommand,
  GetGroupCommand,
  ListUserPoolClientsCommand,
  ListUserPoolsCommand,
  UpdateUserPoolClientCommand,
} from '@aws-sdk/client-cognito-identity-provider';
import {
  CreateTableCommand,
  type CreateTableCommandInput,
  DescribeTableCommand,
  waitUntilTableExists,
} from '@aws-sdk/client-dynamodb';
import { CreateBucketCommand, HeadBucketCommand, PutBucketVersioningCommand } from '@aws-sdk/client-s3';
import { CreateQueueCommand, GetQueueAttributesCommand, SetQueueAttributesCommand } from '@aws-sdk/client-sqs';
import { POOL_ID_TAG } from '../cognito/cognito.ts';
import { sqlDatabase, sqlWorkGroup } from './athena-types.ts';
import { compositeAlarm, dashboard, metricAlarm, topic } from './cloudwatch-types.ts';
import { kmsAlias, kmsKey } from './kms-types.ts';
import { logGroup, logStream } from './log-types.ts';
import { type Provision, unlessMissing } from './provision-type.ts';

/** Tokens name the pool, so it is the same in every clone and after every `--fresh`. */
export const LOCAL_POOL_ID = 'us-east-1_LocalPool';

const bucket: Provision = async ({ BucketName, VersioningConfiguration }, { clients }) => {
  const Bucket = String(BucketName);
  const there = await unlessMissing(clients.s3.send(new HeadBucketCommand({ Bucket })), 'NotFound', 'NoSuchBucket');
  if (!there) await clients.s3.send(new CreateBucketCommand({ Bucket }));
  const { Status } = (VersioningConfiguration ?? {}) as { Status?: 'Enabled' };
  if (Status) await clients.s3.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status } }));
  return { ref: Bucket, attributes: { Arn: `arn:aws:s3:::${Bucket}` } };
};

/** s: how long a table may take, and how often it is asked for. */
const TABLE_WAIT_S = { maxWaitTime: 120, minDelay: 0.02, maxDelay: 1 };

const table: Provision = async (properties, { clients, account, region }) => {
  const { TableName, BillingMode, AttributeDefinitions, KeySchema, GlobalSecondaryIndexes } =
    properties as unknown as CreateTableCommandInput;
  const there = await unlessMissing(
    clients.dynamodb.send(new DescribeTableCommand({ TableName })),
    'ResourceNotFoundException',
  );
  if (!there) {
    const input = { TableName, BillingMode, AttributeDefinitions, KeySchema, GlobalSecondaryIndexes };
    await clients.dynamodb.send(new CreateTableCommand(input));
  }
  // Being created takes a moment, for dynalite too, and until then the table is not there for whoever asks for items.
  // An earlier start may have been killed meanwhile.
  if (there?.Table?.TableStatus !== 'ACTIVE')
    await waitUntilTableExists({ client: clients.dynamodb, ...TABLE_WAIT_S }, { TableName });
  return {
    ref: TableName as string,
    attributes: { Arn: `arn:aws:dynamodb:${region}:${account}:table/${TableName}` },
  };
};

const QUEUE_ATTRIBUTES = [
  'DelaySeconds',
  'MaximumMessageSize',
  'MessageRetentionPeriod',
  'ReceiveMessageWaitTimeSeconds',
  'VisibilityTimeout',
  'RedrivePolicy',
];

const queue: Provision = async (properties, { clients }) => {
  const { QueueName } = properties as { QueueName?: string };
  const Attributes = Object.fromEntries(
    Object.entries(properties)
      .filter(([name]) => QUEUE_ATTRIBUTES.includes(name))
      .map(([name, value]) => [name, typeof value === 'object' ? JSON.stringify(value) : String(value)]),
  );
  const { QueueUrl } = await clients.sqs.send(new CreateQueueCommand({ QueueName }));
  await clients.sqs.send(new SetQueueAttributesCommand({ QueueUrl, Attributes }));
  const facts = await clients.sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['QueueArn'] }));
  return {
    ref: QueueUrl as string,
    attributes: {
      Arn: facts.Attributes?.QueueArn as string,
      QueueName: QueueName as string,
      QueueUrl: QueueUrl as string,
    },
  };
};

const userPool: Provision = async (properties, { clients, account, region }) => {
  const { UserPoolName, ...rest } = properties as unknown as { UserPoolName: string };
  const { UserPools } = await clients.cognito.send(new ListUserPoolsCommand({ MaxResults: 60 }));
  let Id = UserPools?.find((pool) => pool.Name === UserPoolName || pool.Id === LOCAL_POOL_ID)?.Id;
  if (!Id) {
    const { EnabledMfas: _, ...settings } = rest as { EnabledMfas?: unknown };
    const tags = { UserPoolTags: { [POOL_ID_TAG]: LOCAL_POOL_ID } };
    const made = await clients.cognito.send(
      new CreateUserPoolCommand({ ...settings, ...tags, PoolName: UserPoolName }),
    );
    Id = made.UserPool?.Id;
  }
  const attributes = {
    Arn: `arn:aws:cognito-idp:${region}:${account}:userpool/${Id}`,
    ProviderName: `cognito-idp.${region}.amazonaws.com/${Id}`,
    ProviderURL: `https://cognito-idp.${region}.amazonaws.com/${Id}`,
    UserPoolId: Id as string,
  };
  return { ref: Id as string, attributes };
};

const userPoolClient: Provision = async (properties, { clients }) => {
  const settings = properties as unknown as CreateUserPoolClientCommandInput;
  const { UserPoolId, ClientName } = settings;
  const { UserPoolClients } = await clients.cognito.send(
    new ListUserPoolClientsCommand({ UserPoolId, MaxResults: 60 }),
  );
  let ClientId = UserPoolClients?.find((client) => client.ClientName === ClientName)?.ClientId;
  if (ClientId) {
    await clients.cognito.send(new UpdateUserPoolClientCommand({ ...settings, ClientId }));
  } else {
    const made = await clients.cognito.send(new CreateUserPoolClientCommand(settings));
    ClientId = made.UserPoolClient?.ClientId;
  }
  return { ref: ClientId as string, attributes: { ClientId: ClientId as string } };
};

const group: Provision = async (properties, { clients }) => {
  const settings = properties as unknown as CreateGroupCommandInput;
  const { UserPoolId, GroupName } = settings;
  const get = clients.cognito.send(new GetGroupCommand({ UserPoolId, GroupName }));
  const there = await unlessMissing(get, 'ResourceNotFoundException', 'GroupNotFoundException');
  if (!there) await clients.cognito.send(new CreateGroupCommand(settings));
  return { ref: GroupName as string, attributes: {} };
};

/** The types that exist locally, each made by the emulator's own API. */
export const RESOURCE_TYPES: Readonly<Record<string, Provision>> = {
  'AWS::S3::Bucket': bucket,
  'AWS::DynamoDB::Table': table,
  'AWS::SQS::Queue': queue,
  'AWS::Cognito::UserPool': userPool,
  'AWS::Cognito::UserPoolClient': userPoolClient,
  'AWS::Cognito::UserPoolGroup': group,
  'AWS::KMS::Key': kmsKey,
  'AWS::KMS::Alias': kmsAlias,
  'AWS::CloudWatch::Alarm': metricAlarm,
  'AWS::CloudWatch::CompositeAlarm': compositeAlarm,
  'AWS::CloudWatch::Dashboard': dashboard,
  'AWS::SNS::Topic': topic,
  'AWS::Logs::LogGroup': logGroup,
  'AWS::Logs::LogStream': logStream,
  'AWS::Glue::Database': sqlDatabase,
  'AWS::Athena::WorkGroup': sqlWorkGroup,
};

/**
 * The types that nothing needs locally: serverless-offline is the gateway and runs the functions, and nobody has a
 * mailbox here. A type in neither list is an error, so that a new one is a decision.
 */
export const NOT_NEEDED_LOCALLY: ReadonlySet<string> = new Set([
  'AWS::S3::BucketPolicy',
  'AWS::SQS::QueuePolicy',
  'AWS::IAM::Role',
  'AWS::IAM::Policy',
  'AWS::IAM::ManagedPolicy',
  'AWS::Logs::MetricFilter',
  'AWS::Logs::QueryDefinition',
  'AWS::XRay::Group',
  'AWS::Budgets::Budget',
  'AWS::SNS::Subscription',
  'AWS::SNS::TopicPolicy',
  'AWS::Events::Rule',
  'AWS::Lambda::Permission',
  'AWS::Lambda::EventInvokeConfig',
  'AWS::ApiGateway::RestApi',
  'AWS::ApiGateway::Account',
  'AWS::ApiGateway::Authorizer',
  'AWS::ApiGateway::Deployment',
  'AWS::ApiGateway::GatewayResponse',
  'AWS::ApiGateway::Method',
  'AWS::ApiGateway::RequestValidator',
  'AWS::ApiGateway::Resource',
  'AWS::ApiGateway::Stage',
  'AWS::ApiGateway::UsagePlan',
]);
