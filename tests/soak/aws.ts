import { createHash } from 'node:crypto';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { GetObjectCommand, ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';
import { GetQueueAttributesCommand, SQSClient } from '@aws-sdk/client-sqs';
import { DynamoDBDocumentClient, ScanCommand } from '@aws-sdk/lib-dynamodb';

const ACCOUNT = '000000000000';
const BUCKET = `granary-${ACCOUNT}-us-east-1-local-data`;
const CATALOG = 'granary-local-catalog';

/** An item of the catalog's table, as it stands there. */
// biome-ignore lint/suspicious/noExplicitAny: the checks say what they expect of it.
export type Item = Record<string, any>;

/** What the embedded AWS holds, looked at past the API. */
export const lookAt = (endpoint: string) => {
  const settings = { endpoint, region: 'us-east-1', credentials: { accessKeyId: 'local', secretAccessKey: 'local' } };
  const s3 = new S3Client({ ...settings, forcePathStyle: true });
  const sqs = new SQSClient({ ...settings, useQueueUrlAsEndpoint: false });
  const documents = DynamoDBDocumentClient.from(new DynamoDBClient(settings));
  return {
    async keys(Prefix: string): Promise<string[]> {
      const keys: string[] = [];
      let ContinuationToken: string | undefined;
      do {
        const page = await s3.send(new ListObjectsV2Command({ Bucket: BUCKET, Prefix, ContinuationToken }));
        for (const { Key } of page.Contents ?? []) keys.push(Key!);
        ContinuationToken = page.NextContinuationToken;
      } while (ContinuationToken);
      return keys;
    },
    async object(Key: string): Promise<Uint8Array> {
      const { Body } = await s3.send(new GetObjectCommand({ Bucket: BUCKET, Key }));
      return Body!.transformToByteArray();
    },
    async items(): Promise<Item[]> {
      const items: Item[] = [];
      let ExclusiveStartKey: Item | undefined;
      do {
        const page = await documents.send(new ScanCommand({ TableName: CATALOG, ExclusiveStartKey }));
        items.push(...(page.Items ?? []));
        ExclusiveStartKey = page.LastEvaluatedKey;
      } while (ExclusiveStartKey);
      return items;
    },
    /** Messages of a queue: those that wait, those that are delayed, those that somebody has. */
    async messages(queue: string): Promise<number> {
      const QueueUrl = `${endpoint}/${ACCOUNT}/granary-local-${queue}`;
      const answer = await sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['All'] }));
      const attributes: Record<string, string> = answer.Attributes ?? {};
      const names = ['', 'NotVisible', 'Delayed'].map((kind) => `ApproximateNumberOfMessages${kind}`);
      return names.reduce((sum, name) => sum + Number(attributes[name] ?? 0), 0);
    },
    close() {
      s3.destroy();
      sqs.destroy();
      documents.destroy();
    },
  };
};

export type Aws = ReturnType<typeof lookAt>;

export const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
