import {
  CreateTableCommand,
  GetTableCommand,
  type Table,
  type TableInput,
  UpdateTableCommand,
} from '@aws-sdk/client-glue';
import type { HistoryTable, LatestTable } from '@granary/domain/sql-table';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { sqlCatalogContract } from './contracts/sql-catalog.ts';
import { makeGlueSqlCatalog } from './glue-sql-catalog.ts';
import { makeMemorySqlCatalog } from './memory-sql-catalog.ts';
import { type GlueEmulator, startGlueEmulator } from './testing/glue.ts';

let glue: GlueEmulator;
let made = 0;
let clock: () => number = Date.now;
beforeAll(async () => {
  glue = await startGlueEmulator({ now: () => clock() });
});
afterAll(() => glue.stop());

const place = async () => ({
  client: glue.client,
  database: await glue.createDatabase(`test_${++made}`),
  bucket: 'bucket',
});

sqlCatalogContract('The memory catalog', async (now) => makeMemorySqlCatalog({ now, bucket: 'bucket' }));
sqlCatalogContract('Glue', async (now) => {
  clock = now;
  return makeGlueSqlCatalog(await place());
});

const latest: LatestTable = {
  kind: 'latest',
  dataset: 'a_b',
  columns: [
    { name: 'year', type: 'int' },
    { name: 'quantity', type: 'double' },
  ],
  version: 3,
  attempt: 'third',
};
const history: HistoryTable = {
  ...{ kind: 'history', dataset: 'a_b', columns: latest.columns, from: 2, to: 3, attempt: 'third' },
  number_column: 'version_number',
};

const format = {
  InputFormat: 'org.apache.hadoop.hive.ql.io.SymlinkTextInputFormat',
  OutputFormat: 'org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat',
  SerdeInfo: { SerializationLibrary: 'org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe' },
  Columns: [
    { Name: 'year', Type: 'int' },
    { Name: 'quantity', Type: 'double' },
  ],
};

/**
 * Glue over HTTP, which fails as it is told before it does what it is asked: each failure is for one call of its
 * command.
 */
const failing = async (failures: [command: string, error: string][]) => {
  const options = await place();
  const sent: string[] = [];
  const slept: number[] = [];
  const client = {
    async send(command: { constructor: { name: string } }) {
      sent.push(command.constructor.name);
      const failure = failures[0];
      if (failure?.[0] === command.constructor.name) {
        failures.shift();
        throw Object.assign(new Error(failure[1]), { name: failure[1] });
      }
      return options.client.send(command as never);
    },
  };
  const sleep = async (ms: number) => void slept.push(ms);
  return { tables: makeGlueSqlCatalog({ ...options, client: client as never, sleep }), sent, slept };
};

describe('Glue as a SqlCatalog', () => {
  const stored = async ({ client, database: DatabaseName }: Awaited<ReturnType<typeof place>>, Name: string) =>
    (await client.send(new GetTableCommand({ DatabaseName, Name }))).Table!;

  it('has the latest table where its version is, in the form that Athena reads', async () => {
    const options = await place();
    await makeGlueSqlCatalog(options).putTable(latest);
    expect(await stored(options, 'a_b')).toMatchObject({
      Name: 'a_b',
      TableType: 'EXTERNAL_TABLE',
      PartitionKeys: [],
      Parameters: {
        EXTERNAL: 'TRUE',
        classification: 'parquet',
        'granary.dataset': 'a_b',
        'granary.version': '3',
        'granary.attempt': 'third',
      },
      StorageDescriptor: { ...format, Location: 's3://bucket/tables/a_b/3/' },
    });
  });

  it('has the history with its versions projected', async () => {
    const options = await place();
    await makeGlueSqlCatalog(options).putTable(history);
    const { Parameters, ...table } = await stored(options, 'a_b_versions');
    expect(table).toMatchObject({
      TableType: 'EXTERNAL_TABLE',
      PartitionKeys: [{ Name: 'version_number', Type: 'int' }],
      StorageDescriptor: { ...format, Location: 's3://bucket/tables/a_b/' },
    });
    expect(Parameters).toEqual({
      EXTERNAL: 'TRUE',
      classification: 'parquet',
      'granary.dataset': 'a_b',
      'granary.from': '2',
      'granary.to': '3',
      'granary.attempt': 'third',
      'projection.enabled': 'true',
      'projection.version_number.type': 'integer',
      'projection.version_number.range': '2,3',
      'storage.location.template': 's3://bucket/tables/a_b/${version_number}/',
    });
  });

  it.each([
    ['has no mark of ours', (table) => ({ ...table, Parameters: { EXTERNAL: 'TRUE' } })],
    ['is marked as of another dataset', (table) => marked(table, { 'granary.dataset': 'other' })],
    ['says no number', (table) => marked(table, { 'granary.version': 'three', 'granary.to': '3.5' })],
    ['says no attempt', (table) => marked(table, { 'granary.attempt': '' })],
    ['lies elsewhere', (table) => described(table, { Location: 's3://other/tables/a_b/3/' })],
    ['has types that we do not give', (table) => described(table, { Columns: [{ Name: 'year', Type: 'array<int>' }] })],
    ['has no columns', (table) => ({ ...table, StorageDescriptor: undefined })],
  ] as [string, (table: TableInput) => TableInput][])(
    'takes for none, and replaces, a table that %s',
    async (_, spoil) => {
      const options = await place();
      const tables = makeGlueSqlCatalog(options);
      for (const table of [latest, history]) {
        await tables.putTable(table);
        const { Name, TableType, PartitionKeys, Parameters, StorageDescriptor }: Table = await stored(
          options,
          table === latest ? 'a_b' : 'a_b_versions',
        );
        const TableInput = spoil({ Name, TableType, PartitionKeys, Parameters, StorageDescriptor });
        await options.client.send(new UpdateTableCommand({ DatabaseName: options.database, TableInput }));
      }
      expect(await tables.getLatest('a_b')).toBeUndefined();
      expect(await tables.getHistory('a_b')).toBeUndefined();
      for (const table of [latest, history]) await tables.putTable(table);
      expect([await tables.getLatest('a_b'), await tables.getHistory('a_b')]).toEqual([latest, history]);
    },
  );

  it('takes a folder without its last slash for the same', async () => {
    const options = await place();
    const tables = makeGlueSqlCatalog(options);
    await tables.putTable(latest);
    const { Name, Parameters, StorageDescriptor } = await stored(options, 'a_b');
    const TableInput = described({ Name, Parameters, StorageDescriptor }, { Location: 's3://bucket/tables/a_b/3' });
    await options.client.send(new UpdateTableCommand({ DatabaseName: options.database, TableInput }));
    expect(await tables.getLatest('a_b')).toEqual(latest);
  });

  it('tries again, after a while, when two write at once, and gives up at last', async () => {
    const busy = (times: number) =>
      Array.from({ length: times }, (): [string, string] => ['UpdateTableCommand', 'ConcurrentModificationException']);
    const twice = await failing(busy(2));
    await twice.tables.putTable(latest);
    expect(twice.sent).toEqual([...Array(3).fill('UpdateTableCommand'), 'CreateTableCommand']);
    expect(twice.slept).toHaveLength(2);
    expect(await twice.tables.getLatest('a_b')).toEqual(latest);
    const always = await failing(busy(99));
    await expect(always.tables.putTable(latest)).rejects.toThrow('ConcurrentModificationException');
    expect(always.sent).toHaveLength(6);
  });

  it('updates the table that another worker created in between', async () => {
    const options = await place();
    const raced = {
      async send(command: unknown) {
        if (command instanceof CreateTableCommand) await options.client.send(new CreateTableCommand(command.input));
        return options.client.send(command as never);
      },
    };
    const tables = makeGlueSqlCatalog({ ...options, client: raced as never, sleep: async () => {} });
    await tables.putTable(latest);
    expect(await tables.getLatest('a_b')).toEqual(latest);
  });

  it('says to whoever asks for a query when to try again, where it is asked too often', async () => {
    const { tables } = await failing([['GetTableCommand', 'ThrottlingException']]);
    await expect(tables.changedAt('a_b')).rejects.toMatchObject({ status: 429, headers: { 'Retry-After': '5' } });
    expect(await tables.changedAt('a_b')).toBeUndefined();
  });

  it('throws what else goes wrong: refusals, and a database that is not there', async () => {
    for (const command of ['UpdateTableCommand', 'CreateTableCommand', 'GetTableCommand']) {
      const { tables } = await failing([[command, 'AccessDeniedException']]);
      const working = async () => {
        await tables.putTable(latest);
        await tables.getLatest('a_b');
      };
      await expect(working()).rejects.toThrow('AccessDeniedException');
    }
    const tables = makeGlueSqlCatalog({ client: glue.client, database: 'missing', bucket: 'bucket' });
    await expect(tables.putTable(latest)).rejects.toThrow('Database missing not found');
  });

  it('failed nowhere inside', () => expect(glue.failures).toEqual([]));
});

const marked = (table: TableInput, parameters: Record<string, string>): TableInput => ({
  ...table,
  Parameters: { ...table.Parameters, ...parameters },
});
const described = (table: TableInput, storage: TableInput['StorageDescriptor']): TableInput => ({
  ...table,
  StorageDescriptor: { ...table.StorageDescriptor, ...storage },
});
