import { createHash } from 'node:crypto';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import type { PublishedVersion } from '@granary/domain/dataset';
import { broughtBy } from '@granary/local/testing/brought-by-suite';
import { makeDynamoCatalog } from '@granary/stores/dynamo-catalog';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import {
  type Answer,
  differenceOf,
  type Golden,
  readCorpus,
  readDifferences,
  readGolden,
} from '../oracles/trino/answers.ts';
import { askTrino } from '../oracles/trino/ask-trino.ts';
import { corpusTable, parquetOfTable } from '../oracles/trino/local-engine.ts';
import { needsLocal } from './needs-local.ts';
import { dropState, newState, type Stack, startStack } from './stack.ts';

/** Set by .ci/suites/trino, which brings Trino. */
const { GRANARY_TRINO_JAVA: java, GRANARY_TRINO_CLASSES: classes } = process.env;

const DATASET = 'wines';
const BUCKET = 'granary-000000000000-us-east-1-local-data';
const HIVE: Readonly<Record<string, string>> = { int32: 'int', int64: 'bigint' };
const table = corpusTable();

/** Publishes the corpus' table in a running stack: its file, the catalog's items and the engine's table. */
const publish = async (endpoint: string): Promise<void> => {
  const aws = { endpoint, region: 'us-east-1', credentials: { accessKeyId: 'local', secretAccessKey: 'local' } };
  const s3 = new S3Client({ ...aws, forcePathStyle: true });
  const client = DynamoDBDocumentClient.from(new DynamoDBClient(aws), {
    marshallOptions: { removeUndefinedValues: true },
  });
  const catalog = makeDynamoCatalog({ client, table: 'granary-local-catalog' });
  const parquet = parquetOfTable(table);
  const prefix = `versions/${DATASET}/000001-corpus/`;
  const folder = `tables/${DATASET}/corpus/`;
  await s3.send(new PutObjectCommand({ Bucket: BUCKET, Key: `${prefix}data.parquet`, Body: parquet }));
  const manifest = `s3://${BUCKET}/${prefix}data.parquet\n`;
  await s3.send(new PutObjectCommand({ Bucket: BUCKET, Key: `${folder}symlink.txt`, Body: manifest }));

  const fields = table.columns.map(([name, type]) => ({ name, type, nullable: true }));
  const at = new Date().toISOString();
  const described = {
    id: DATASET,
    title: 'Wines',
    description: 'The table of the corpus.',
    publisher: 'Granary',
    theme: 'AGRI',
    tags: [],
    licence: { name: 'CC0-1.0', title: 'CC0' },
    source: 'corpus',
    source_url: 'http://127.0.0.1/wines.csv',
  };
  await catalog.describeDataset({ ...described, fields, key: ['id'] });
  const file = { bytes: parquet.length, sha256: createHash('sha256').update(parquet).digest('hex') };
  const raw = {
    key: 'raw/none',
    sha256: file.sha256,
    bytes: 1,
    url: described.source_url,
    etag: null,
    last_modified: null,
    fetched_at: at,
  };
  const rows = table.rows.length;
  const version = {
    dataset: DATASET,
    version: 1,
    state: 'published',
    attempt: 'corpus',
    owner: 'run/1',
    created_at: at,
    published_at: at,
    prefix,
    raw,
    parser_version: 1,
    counts: { rows_read: rows, rows_published: rows, rows_quarantined: 0, rows_deduplicated: 0 },
    files: { 'data.parquet': file, 'data.csv.gz': file, 'datapackage.json': file, 'quarantine.ndjson.gz': file },
    fields,
    key: ['id'],
    run: 'run',
  } as unknown as PublishedVersion;
  await catalog.reserve({
    dataset: DATASET,
    version: 1,
    state: 'pending',
    attempt: 'corpus',
    owner: 'run/1',
    created_at: at,
    lease_until: at,
  });
  if (!(await catalog.commit(version)) || !(await catalog.advance(version))) throw new Error('wines was not published');

  const glue = await fetch(endpoint, {
    method: 'POST',
    headers: {
      'content-type': 'application/x-amz-json-1.1',
      'x-amz-target': 'AWSGlue.CreateTable',
      authorization:
        'AWS4-HMAC-SHA256 Credential=local/20260101/us-east-1/glue/aws4_request, SignedHeaders=host, Signature=0',
    },
    body: JSON.stringify({
      DatabaseName: 'granary_local',
      TableInput: {
        Name: DATASET,
        TableType: 'EXTERNAL_TABLE',
        StorageDescriptor: {
          InputFormat: 'org.apache.hadoop.hive.ql.io.SymlinkTextInputFormat',
          OutputFormat: 'org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat',
          SerdeInfo: { SerializationLibrary: 'org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe' },
          Location: `s3://${BUCKET}/${folder}`,
          Columns: table.columns.map(([Name, type]) => ({ Name, Type: HIVE[type] ?? type })),
        },
      },
    }),
  });
  if (!glue.ok) throw new Error(`Glue answered ${glue.status}: ${await glue.text()}`);
};

type Body = { detail?: string; columns: { name: string; type: string }[] };

const local = needsLocal('it puts tables of its own into the catalog');

local.describeWith(broughtBy('trino', java && classes), 'S1–S4: /v1/query beside Trino', () => {
  const state = newState();
  let stack: Stack;
  let golden: Golden[];
  beforeAll(async () => {
    // One after the other: the machine is small.
    golden = await askTrino({ java: java as string, classes: classes as string }, table, readCorpus());
    stack = await startStack({ state, args: ['--no-collect'] });
    await publish(stack.local.awsEndpoint);
  }, 1200_000);
  afterAll(async () => {
    await stack?.stop();
    dropState(state);
  }, 90_000);

  const ask = async (sql: string): Promise<Answer> => {
    const headers = { authorization: `Bearer ${await stack.token('analyst')}`, 'content-type': 'application/json' };
    const url = `http://127.0.0.1:${stack.port}/v1/query`;
    const answer = await fetch(url, { method: 'POST', headers, body: JSON.stringify({ sql }) });
    const body = (await answer.json()) as Body;
    if (!answer.ok) return { error: `${answer.status} ${body.detail}` };
    const csv = await fetch(`${url}/${(body as unknown as { id: string }).id}?format=csv`, {
      headers,
      redirect: 'manual',
    });
    const text = await (await fetch(csv.headers.get('location') as string)).text();
    return { columns: body.columns, rows: rowsOf(text).slice(1) };
  };

  it('stores what Trino says today: what npm test compares with', () => {
    const stored = new Map(readGolden().map((one) => [one.sql, one]));
    const plain = (one: Golden | undefined) =>
      'error' in (one ?? {}) ? { error: (one as { error: string }).error } : one;
    const other = golden.filter((one) => JSON.stringify(plain(stored.get(one.sql))) !== JSON.stringify(plain(one)));
    expect(other.map((one) => [one, stored.get(one.sql)])).toEqual([]);
  });

  it('refuses what Trino refuses, and answers the same types and values, but for the documented differences', async () => {
    const differences = readDifferences();
    const found: [string, string][] = [];
    for (const one of golden) {
      const difference = differenceOf(one, await ask(one.sql));
      if (difference !== undefined && !differences.has(one.sql)) found.push([one.sql, difference]);
    }
    expect(found).toEqual([]);
    expect(golden.length).toBeGreaterThan(300);
  }, 720_000);
});

/** Rows of Athena's CSV: every value in quotes, null as nothing. */
const rowsOf = (text: string): (string | null)[][] => {
  const rows: (string | null)[][] = [[]];
  for (const [, quoted, end] of text.matchAll(/(?:"((?:[^"]|"")*)")?(,|\n)/g)) {
    (rows.at(-1) as (string | null)[]).push(quoted === undefined ? null : quoted.replaceAll('""', '"'));
    if (end === '\n') rows.push([]);
  }
  return rows.slice(0, -1);
};
