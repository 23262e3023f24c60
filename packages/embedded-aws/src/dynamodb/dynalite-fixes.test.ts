import { mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DynamoDBClient, PutItemCommand, QueryCommand, ScanCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, expect, it, jest } from '@jest/globals';
import { type EmbeddedAws, startEmbeddedAws } from '../embedded-aws.ts';
import { createTable } from '../testing/create-table.ts';

const dir = mkdtempSync(join(tmpdir(), 'granary-dynalite-'));
let aws: EmbeddedAws;
let dynamodb: DynamoDBClient;
/** Iterators of LevelDB that were made and not yet closed. */
const open = new Set<object>();

beforeAll(async () => {
  const ofDynalite = createRequire(createRequire(import.meta.url).resolve('dynalite'));
  const { Level } = ofDynalite('level');
  for (const name of ['keys', 'values'] as const) {
    const make = Level.prototype[name];
    jest
      .spyOn(Level.prototype as Record<'keys' | 'values', (...options: unknown[]) => object>, name)
      .mockImplementation(function (this: unknown, ...options) {
        const iterator = make.apply(this, options);
        open.add(iterator);
        const close = iterator.close.bind(iterator);
        iterator.close = () => {
          open.delete(iterator);
          return close();
        };
        return iterator;
      });
  }
  aws = await startEmbeddedAws({ port: 0, dir });
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
  dynamodb = new DynamoDBClient({ endpoint: aws.url, region: 'us-east-1', credentials });
});
afterAll(async () => {
  dynamodb.destroy();
  await aws.close();
  rmSync(dir, { recursive: true });
});

it('X13: leaves no iterator open after a Query or a Scan, whether all was read, a page of it, or nothing', async () => {
  const TableName = 'things';
  await createTable(dynamodb, {
    TableName,
    KeySchema: [
      { AttributeName: 'pk', KeyType: 'HASH' },
      { AttributeName: 'sk', KeyType: 'RANGE' },
    ],
    AttributeDefinitions: [
      { AttributeName: 'pk', AttributeType: 'S' },
      { AttributeName: 'sk', AttributeType: 'N' },
    ],
  });
  for (let n = 0; n < 30; n++)
    await dynamodb.send(new PutItemCommand({ TableName, Item: { pk: { S: 'a' }, sk: { N: String(n) } } }));
  const query = (pk: string, Limit?: number) =>
    dynamodb.send(
      new QueryCommand({
        TableName,
        Limit,
        KeyConditionExpression: 'pk = :pk',
        ExpressionAttributeValues: { ':pk': { S: pk } },
      }),
    );
  expect((await query('a')).Items).toHaveLength(30);
  expect((await query('a', 3)).LastEvaluatedKey).toBeDefined();
  expect((await query('none')).Items).toHaveLength(0);
  expect((await dynamodb.send(new ScanCommand({ TableName, Limit: 2 }))).Items).toHaveLength(2);
  expect((await dynamodb.send(new ScanCommand({ TableName }))).Items).toHaveLength(30);
  // Closing goes on for a moment after the answer.
  for (let waited = 0; open.size > 0 && waited < 2_000; waited += 20)
    await new Promise((resolve) => setTimeout(resolve, 20));
  expect(open.size).toBe(0);
});
