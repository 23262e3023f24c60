import { join } from 'node:path';
import { begunRun } from '@granary/domain/run';
import type { AreaRoute } from '@granary/runtime/serve-area';
import { type Call, grantedTo, permits, recordCalls } from '@granary/runtime/testing/recorded-calls';
import { makeDynamoCatalog } from '@granary/stores/dynamo-catalog';
import { makeDynamoRunStore } from '@granary/stores/dynamo-run-store';
import { makeMemoryVault } from '@granary/stores/memory-vault';
import { makeS3ObjectStore } from '@granary/stores/s3-object-store';
import { type Emulators, startEmulators } from '@granary/stores/testing/emulators';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import * as from from '../deps.ts';
import { callArea } from '../testing/call-area.ts';
import { publishCsv } from '../testing/publish-csv.ts';
import * as catalog from './catalog.ts';
import * as data from './data.ts';
import * as history from './history.ts';
import * as operations from './operations.ts';
import * as plots from './plots.ts';
import * as preview from './preview.ts';
import * as records from './records.ts';
import * as sources from './sources.ts';
import * as users from './users.ts';

jest.setTimeout(60_000);

const FUNCTIONS = join(import.meta.dirname, '../../functions.gen.yml');
const ID = 'embrapa_exp_uva';
const CSV = 'Id;País;1970;1970\n1;Alemanha;10;20\n2;Chile;30;nonsense\n';
const [TABLE, BUCKET, USERS] = [
  'granary-local-catalog',
  'granary-000000000000-us-east-1-local-data',
  'granary-local-users',
];
/** A source whose file is asked for, and refused: its host's budget was taken of. */
const UNREACHABLE = {
  ...{ id: 'port', kind: 'files', title: 'Port', publisher: 'The port', theme: 'environment', tags: [] },
  ...{ licence: { name: 'CC0-1.0', title: 'Public domain' }, schedule: 'rate(1 day)' },
  ...{ base_url: 'http://port.invalid/', requests_per_minute: 6000, max_bytes: 1_000_000 },
  config: { files: [{ dataset: 'port_a', url: 'a' }] },
  datasets: [{ id: 'port_a', title: 'A', description: 'A' }],
};
const PORT = {
  ...{ id: 'port', kind: 'files', title: 'Port', publisher: 'The port', theme: 'environment', tags: ['port'] },
  ...{
    licence: { name: 'CC0-1.0', title: 'Public domain' },
    schedule: 'rate(1 day)',
    base_url: 'https://93.184.215.14/',
  },
  ...{
    requests_per_minute: 60,
    max_bytes: 1_000_000,
    config: { files: [{ dataset: 'port_ships', url: 'ships.csv' }] },
  },
  datasets: [{ id: 'port_ships', title: 'Ships', description: 'Ships of the port.' }],
};
const before = { ...process.env };
let emulators: Emulators;

/** The functions' own deps, on emulators: what they call is written down in IAM's words. */
beforeAll(async () => {
  emulators = await startEmulators();
  await emulators.createCatalogTable(TABLE);
  await emulators.createUsersTable(USERS);
  await emulators.createBucket(BUCKET);
  /** Under the address by which it is reached here. */
  const reached = (url: string) => new URL(new URL(url).pathname, emulators.endpoint).href;
  const [collect, fetchUsers] = [
    await emulators.createQueue('granary-local-collect'),
    await emulators.createQueue('granary-local-fetch-users'),
  ];
  Object.assign(process.env, {
    ...{ AWS_REGION: 'us-east-1', AWS_ACCESS_KEY_ID: 'local', AWS_SECRET_ACCESS_KEY: 'local', STAGE: 'local' },
    AWS_ENDPOINT_URL: emulators.endpoint,
    AWS_ENDPOINT_URL_DYNAMODB: emulators.dynamoEndpoint,
    ...{ CATALOG_TABLE: TABLE, DATA_BUCKET: BUCKET, USERS_TABLE: USERS, USERS_KEY_ID: 'alias/none' },
    ...{ USERS_LOG_GROUP: '/granary/local/users', UNMASKED_PER_DAY: '100', SOURCE_URLS: '{}' },
    ...{ COLLECT_QUEUE_URL: reached(collect.url), COLLECT_DLQ_URL: reached(collect.deadLetters) },
    ...{ FETCH_USERS_QUEUE_URL: reached(fetchUsers.url), FETCH_USERS_DLQ_URL: reached(fetchUsers.deadLetters) },
  });
  const table = { client: emulators.documents, table: TABLE };
  const objects = makeS3ObjectStore({ client: emulators.s3, bucket: BUCKET });
  const stores = { catalog: makeDynamoCatalog(table), objects };
  await publishCsv(stores, ID, CSV);
  await publishCsv(stores, ID, CSV.replace(';10;', ';11;'), 1000);
  const started_at = new Date().toISOString();
  await makeDynamoRunStore(table).start(
    begunRun({ id: 'collect-1', kind: 'collect', source: 'embrapa', started_at, parts: 1, lease_until: started_at }),
  );
});
afterAll(async () => {
  process.env = before;
  await emulators?.stop();
});

/** The calls of an area that answers these paths, each with a status below 500. */
const callsOf = async <Deps>(
  deps: (capture: ReturnType<typeof recordCalls>['capture']) => Deps,
  routes: readonly AreaRoute<Deps>[],
  asked: readonly (string | readonly [path: string, body: object, options?: { method: string; headers: object }])[],
): Promise<Call[]> => {
  const { calls, capture } = recordCalls();
  const call = callArea(deps(capture), routes, ['readers', 'analysts', 'operators']);
  for (const one of asked) {
    const [path, body, options] = typeof one === 'string' ? [one] : one;
    const { statusCode, json } = await call(
      path,
      body && ({ method: 'POST', body: JSON.stringify(body), ...options } as object),
    );
    if (statusCode >= 400 && statusCode !== 404) throw new Error(`${path}: ${statusCode} ${JSON.stringify(json())}`);
  }
  return calls;
};

const AREAS: Readonly<Record<string, () => Promise<Call[]>>> = {
  catalog: () =>
    callsOf(from.catalogDeps, catalog.routes as never, [
      ...['/v1/datasets', `/v1/datasets/${ID}`, `/v1/datasets/${ID}/versions`, `/v1/datasets/${ID}/versions/1`],
      ...['/v1/runs', '/v1/runs/collect-1', '/v1/runs/none', '/status'],
    ]),
  data: () =>
    callsOf(from.dataDeps, data.routes as never, [
      ...['/exportacaoCSV/tipo/Uva', `/v1/datasets/${ID}/quarantine`, `/v1/datasets/${ID}/download?format=raw`],
      '/v1/runs/collect-1/log',
    ]),
  plots: () => callsOf(from.plotsDeps, plots.routes as never, [`/v1/plots/${ID}`]),
  records: () =>
    callsOf(from.recordsDeps, records.routes as never, [
      `/v1/records/${ID}`,
      `/v1/records/${ID}?format=csv&redirect=false`,
      `/v1/records/${ID}?from=quarantine`,
      `/v1/datasets/${ID}/profile`,
      `/v1/datasets/${ID}/facets?columns=year`,
    ]),
  history: () =>
    callsOf(from.historyDeps, history.routes as never, [
      `/v1/datasets/${ID}/diff`,
      `/v1/datasets/${ID}/diff?format=ndjson`,
      `/v1/datasets/${ID}/provenance?row=line:2`,
    ]),
  users: () =>
    callsOf((capture) => ({ ...from.usersDeps(capture), vault: makeMemoryVault() }), users.routes as never, [
      '/v1/users',
      '/v1/users/1',
      '/view-data?last_name=o',
    ]),
  preview: () =>
    callsOf(from.previewDeps, preview.routes as never, [['/v1/admin/sources/preview', { source: UNREACHABLE }]]),
  operations: () =>
    callsOf(from.operationsDeps, operations.routes as never, [
      ['/fetch-data', { users: 1 }],
      ['/fetch-data', {}],
      ['/v1/admin/replay', { dataset: ID }],
      ['/v1/admin/rebuild', { dataset: ID, version: 1 }],
      '/v1/admin/dead-letters',
      ['/v1/admin/dead-letters/redrive', {}],
    ]),
  sources: () =>
    callsOf(from.sourcesDeps, sources.routes as never, [
      ['/v1/admin/sources/port', PORT, { method: 'PUT', headers: { 'If-None-Match': '*' } }],
      ...['/v1/admin/sources', '/v1/admin/sources/port', '/v1/admin/sources/port/history'],
      ['/v1/admin/sources/port/collect', {}],
      ['/v1/admin/sources/port/pause', {}],
      ['/v1/admin/sources/port/resume', {}],
      ['/v1/admin/sources/port', {}, { method: 'DELETE', headers: { 'If-Match': '*' } }],
    ]),
};

describe('X12: what a function of the API may do', () => {
  it.each(Object.keys(AREAS))('is all that it does, item by item and key by key: %s', async (area) => {
    const calls = await AREAS[area]!();
    const granted = grantedTo(FUNCTIONS, area);
    expect(calls.length).toBeGreaterThan(0);
    expect(calls.filter((call) => !permits(granted, call))).toEqual([]);
  });

  const may = (area: string, action: string, place: string, key?: string) =>
    permits(grantedTo(FUNCTIONS, area), { action, arn: place, ...(key !== undefined && { key }) });
  const object = (key: string) => `s3:::${BUCKET}/${key}`;

  it('is to read no other route’s answers, and no results of SQL', () => {
    const queries = object('exports/queries/0b1c.csv');
    for (const area of ['records', 'history', 'plots', 'data', 'catalog', 'docs', 'users', 'operations'])
      expect({ area, may: may(area, 's3:GetObject', queries) }).toEqual({ area, may: false });
    expect(may('query', 's3:GetObject', queries)).toBe(true);
    expect(may('records', 's3:GetObject', object('exports/records/ab.csv'))).toBe(true);
    expect(may('records', 's3:GetObject', object('exports/diffs/ab.ndjson'))).toBe(false);
    expect(may('history', 's3:PutObject', object('exports/diffs/ab.ndjson'))).toBe(true);
    expect(may('history', 's3:PutObject', object('exports/records/ab.csv'))).toBe(false);
  });

  it('is to read of a version what it needs of it', () => {
    const version = (file: string) => object(`versions/${ID}/000001-abc/${file}`);
    for (const file of ['data.parquet', 'profile.json'])
      expect(may('records', 's3:GetObject', version(file))).toBe(true);
    for (const area of ['query', 'plots'])
      expect(may(area, 's3:GetObject', version('quarantine.ndjson.gz'))).toBe(false);
    for (const area of ['records', 'history', 'plots', 'query', 'data'])
      expect(may(area, 's3:PutObject', version('data.parquet'))).toBe(false);
  });

  it('is to list nothing but below what it reads, and never the bucket', () => {
    for (const area of ['data', 'plots', 'records', 'history', 'query']) {
      for (const prefix of [undefined, '', 'raw/users/', 'logs', 'versions/'])
        expect({ area, prefix, may: may(area, 's3:ListBucket', `s3:::${BUCKET}`, prefix) }).toEqual({
          ...{ area, prefix },
          may: area === 'query' && prefix === 'versions/',
        });
    }
    expect(may('data', 's3:ListBucket', `s3:::${BUCKET}`, 'logs/2026-11-20/run-1/')).toBe(true);
  });

  it('is to list datasets for who asks SQL of a table that is not there, as for who lists them', () => {
    const lists = (area: string) => may(area, 'dynamodb:Query', `table/${TABLE}/index/GSI1`, 'DATASETS');
    expect(['catalog', 'docs', 'records', 'query', 'data', 'plots', 'history'].filter(lists)).toEqual([
      ...['catalog', 'docs', 'records', 'query'],
    ]);
  });

  it('is to write, of the catalog table, runs and their sources who operates, and counts of reads who shows users', () => {
    const writes = (area: string, key: string) =>
      ['dynamodb:UpdateItem', 'dynamodb:PutItem'].filter((action) => may(area, action, `table/${TABLE}`, key));
    for (const key of ['DATASET#x', 'HOST#x', 'READER#x']) expect(writes('operations', key)).toEqual([]);
    expect(writes('operations', 'RUN#x')).toEqual(['dynamodb:UpdateItem', 'dynamodb:PutItem']);
    expect(writes('operations', 'SOURCE#x')).toEqual(['dynamodb:UpdateItem']);
    for (const key of ['DATASET#x', 'RUN#x', 'SOURCE#x', 'HOST#x']) expect(writes('users', key)).toEqual([]);
    // Configurations are edited there, and nowhere else: who starts runs of them may not edit them.
    expect(writes('sources', 'CONFIGURATION#x')).toEqual(['dynamodb:PutItem']);
    for (const area of ['operations', 'users', 'history', 'catalog', 'decisions'])
      expect({ area, writes: writes(area, 'CONFIGURATION#x') }).toEqual({ area, writes: [] });
    expect(writes('users', 'READER#x')).toEqual(['dynamodb:UpdateItem']);
    for (const area of ['catalog', 'data', 'docs', 'plots', 'records', 'history', 'query'])
      for (const key of ['DATASET#x', 'RUN#x', 'SOURCE#x', 'HOST#x', 'READER#x'])
        expect({ area, key, writes: writes(area, key) }).toEqual({ area, key, writes: [] });
    // A call that names no item at all is refused.
    expect(may('operations', 'dynamodb:UpdateItem', `table/${TABLE}`)).toBe(false);
  });
});
