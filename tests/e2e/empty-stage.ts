/**
 * A deployed stage that tests run against begins empty, as a new stack on this machine does; and nobody's data are
 * deleted for it.
 */
import { CloudWatchLogsClient, CreateLogStreamCommand, DeleteLogStreamCommand } from '@aws-sdk/client-cloudwatch-logs';
import {
  BatchWriteItemCommand,
  DescribeTableCommand,
  DynamoDBClient,
  paginateScan,
  type WriteRequest,
} from '@aws-sdk/client-dynamodb';
import { BatchDeleteTableCommand, GlueClient, paginateGetTables } from '@aws-sdk/client-glue';
import { DeleteObjectsCommand, ListObjectVersionsCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { GetQueueUrlCommand, PurgeQueueCommand, SQSClient } from '@aws-sdk/client-sqs';

export type StageData = {
  stage: string;
  aws: { region: string; endpoint?: string };
  bucket: string;
  tables: readonly string[];
  /** It collects from addresses of this machine: what it holds was never anybody's. */
  replicaOnly: boolean;
};

/** Lies in the bucket of a stage whose data were made by tests. */
const MARK = 'e2e/made-by-tests';
const STREAMS = ['Info', 'Error', 'Status', 'Audit'];
const QUEUES = ['collect', 'collect-dlq', 'fetch-users', 'fetch-users-dlq'];

type ObjectVersion = { Key: string; VersionId: string | undefined };

/** Every version of every object, and what marks one as deleted; a thousand at a time. */
const versionsIn = async function* (s3: S3Client, Bucket: string): AsyncGenerator<ObjectVersion[]> {
  let at: { KeyMarker?: string; VersionIdMarker?: string } = {};
  for (;;) {
    const page = await s3.send(new ListObjectVersionsCommand({ Bucket, ...at }));
    yield [...(page.Versions ?? []), ...(page.DeleteMarkers ?? [])].map(({ Key = '', VersionId }) => ({
      Key,
      VersionId,
    }));
    if (!page.IsTruncated) return;
    at = { KeyMarker: page.NextKeyMarker, VersionIdMarker: page.NextVersionIdMarker };
  }
};

const deleteObjects = async (s3: S3Client, Bucket: string, which: (key: string) => boolean): Promise<void> => {
  for await (const versions of versionsIn(s3, Bucket)) {
    const Objects = versions.filter(({ Key }) => which(Key));
    if (Objects.length > 0) await s3.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects, Quiet: true } }));
  }
};

const emptyTable = async (dynamodb: DynamoDBClient, TableName: string): Promise<void> => {
  const { Table } = await dynamodb.send(new DescribeTableCommand({ TableName }));
  const names = (Table?.KeySchema ?? []).map(({ AttributeName }) => AttributeName ?? '');
  const scan = {
    TableName,
    ProjectionExpression: names.map((_, index) => `#k${index}`).join(', '),
    ExpressionAttributeNames: Object.fromEntries(names.map((name, index) => [`#k${index}`, name])),
    ConsistentRead: true,
  };
  for await (const { Items = [] } of paginateScan({ client: dynamodb }, scan)) {
    for (let from = 0; from < Items.length; from += 25) {
      let left: WriteRequest[] = Items.slice(from, from + 25).map((Key) => ({ DeleteRequest: { Key } }));
      while (left.length > 0) {
        const { UnprocessedItems } = await dynamodb.send(
          new BatchWriteItemCommand({ RequestItems: { [TableName]: left } }),
        );
        left = UnprocessedItems?.[TableName] ?? [];
      }
    }
  }
};

const emptyQueue = async (sqs: SQSClient, QueueName: string): Promise<void> => {
  const { QueueUrl } = await sqs.send(new GetQueueUrlCommand({ QueueName }));
  await sqs.send(new PurgeQueueCommand({ QueueUrl })).catch((error: Error) => {
    // Once a minute: the purge before took all that was there then.
    if (error.name !== 'PurgeQueueInProgress') throw error;
  });
};

const dropTables = async (glue: GlueClient, DatabaseName: string): Promise<void> => {
  for await (const { TableList = [] } of paginateGetTables({ client: glue }, { DatabaseName })) {
    const TablesToDelete = TableList.map(({ Name }) => Name ?? '');
    if (TablesToDelete.length > 0) await glue.send(new BatchDeleteTableCommand({ DatabaseName, TablesToDelete }));
  }
};

const restartStream = async (logs: CloudWatchLogsClient, logGroupName: string, logStreamName: string) => {
  await logs.send(new DeleteLogStreamCommand({ logGroupName, logStreamName }));
  await logs.send(new CreateLogStreamCommand({ logGroupName, logStreamName }));
};

const makeClients = ({ aws }: StageData) => ({
  s3: new S3Client({ ...aws, forcePathStyle: aws.endpoint !== undefined }),
  dynamodb: new DynamoDBClient(aws),
  sqs: new SQSClient(aws),
  glue: new GlueClient(aws),
  logs: new CloudWatchLogsClient(aws),
});
type Clients = ReturnType<typeof makeClients>;

const withClients = async <T>(data: StageData, act: (clients: Clients) => Promise<T>): Promise<T> => {
  const clients = makeClients(data);
  try {
    return await act(clients);
  } finally {
    for (const client of Object.values(clients)) client.destroy();
  }
};

const empty = async (
  { stage, bucket, tables }: StageData,
  { s3, dynamodb, sqs, glue, logs }: Clients,
): Promise<void> => {
  await Promise.all(QUEUES.map((name) => emptyQueue(sqs, `granary-${stage}-${name}`)));
  await Promise.all([
    deleteObjects(s3, bucket, (key) => key !== MARK),
    ...tables.map((table) => emptyTable(dynamodb, table)),
    dropTables(glue, `granary_${stage}`),
    ...STREAMS.map((stream) => restartStream(logs, `/granary/${stage}/users`, stream)),
  ]);
};

/**
 * Whether objects are somebody's, and not of tests. The logs of runs are nobody's: schedules write them on a new stage.
 */
export const isSomebodys = (keys: readonly string[]): boolean =>
  keys.some((key) => !key.startsWith('logs/')) && !keys.includes(MARK);

/** Empties a stage for tests and marks it as theirs. Throws when there are data in it that no test made. */
export const takeStage = (data: StageData): Promise<void> =>
  withClients(data, async (clients) => {
    const found: string[] = [];
    for await (const versions of versionsIn(clients.s3, data.bucket)) found.push(...versions.map(({ Key }) => Key));
    if (!data.replicaOnly && isSomebodys(found)) {
      throw new Error(
        `The stage '${data.stage}' holds ${found.length} objects that no test made (in ${data.bucket}). The tests begin with an empty stage and would delete them: deploy one for the tests alone.`,
      );
    }
    await clients.s3.send(new PutObjectCommand({ Bucket: data.bucket, Key: MARK, Body: new Date().toISOString() }));
    await empty(data, clients);
  });

/** Empties it again, and gives it back: whoever uses the stage next finds nothing. */
export const giveBackStage = (data: StageData): Promise<void> =>
  withClients(data, async (clients) => {
    await empty(data, clients);
    await deleteObjects(clients.s3, data.bucket, (key) => key === MARK);
  });
