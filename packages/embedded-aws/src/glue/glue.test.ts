import {
  CreateDatabaseCommand,
  CreateTableCommand,
  DeleteTableCommand,
  GetDatabaseCommand,
  GetPartitionsCommand,
  GetTableCommand,
  GetTablesCommand,
  paginateGetTables,
  type TableInput,
  UpdateDatabaseCommand,
  UpdateTableCommand,
} from '@aws-sdk/client-glue';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type AthenaStack, DATABASE, putTable, startAthenaStack, tableInput } from '../athena/testing/athena-stack.ts';

let stack: AthenaStack;
const DatabaseName = DATABASE;
const glue = () => stack.clients.glue;
const get = async (Name: string) => (await glue().send(new GetTableCommand({ DatabaseName, Name }))).Table!;
const update = (TableInput: TableInput) =>
  glue().send(new UpdateTableCommand({ DatabaseName, TableInput, SkipArchive: true }));
const refusal = async (call: Promise<unknown>) =>
  call.then(
    () => 'none',
    (error: Error) => error.name,
  );

beforeAll(async () => {
  stack = await startAthenaStack();
});
afterAll(() => stack.close());

describe('Glue', () => {
  it('keeps databases', async () => {
    const DatabaseInput = { Name: 'others', Description: 'first' };
    await glue().send(new CreateDatabaseCommand({ DatabaseInput }));
    expect(await refusal(glue().send(new CreateDatabaseCommand({ DatabaseInput })))).toBe('AlreadyExistsException');
    const change = { Name: 'others', DatabaseInput: { Name: 'others', Description: 'second' } };
    await glue().send(new UpdateDatabaseCommand(change));
    const { Database } = await glue().send(new GetDatabaseCommand({ Name: 'others' }));
    expect(Database).toMatchObject({ Name: 'others', Description: 'second', CatalogId: '000000000000' });
    expect(await refusal(glue().send(new GetDatabaseCommand({ Name: 'none' })))).toBe('EntityNotFoundException');
  });

  it('keeps tables, replaces them whole, and says when each became another', async () => {
    const input = tableInput('wine', { year: 'int', litres: 'bigint' }, { Parameters: { a: '1', b: '2' } });
    const before = Date.now();
    await putTable(stack.clients, input);
    const first = await get('wine');
    expect(first).toMatchObject({ ...input, DatabaseName, VersionId: '0' });
    expect(first.UpdateTime!.getTime()).toBeGreaterThanOrEqual(before);
    expect(await refusal(putTable(stack.clients, input))).toBe('AlreadyExistsException');
    await new Promise((resolve) => setTimeout(resolve, 5));
    await update(tableInput('wine', { year: 'int' }, { Parameters: { a: '3' } }));
    const second = await get('WINE');
    expect(second.Parameters).toEqual({ a: '3' });
    expect(second.StorageDescriptor!.Columns).toEqual([{ Name: 'year', Type: 'int' }]);
    expect([second.VersionId, second.CreateTime]).toEqual(['1', first.CreateTime]);
    expect(second.UpdateTime!.getTime()).toBeGreaterThan(first.UpdateTime!.getTime());
    await glue().send(new DeleteTableCommand({ DatabaseName, Name: 'wine' }));
    expect(await refusal(get('wine'))).toBe('EntityNotFoundException');
    expect(await refusal(glue().send(new DeleteTableCommand({ DatabaseName, Name: 'wine' })))).toBe(
      'EntityNotFoundException',
    );
    expect(await refusal(update(input))).toBe('EntityNotFoundException');
  });

  it('lists tables in pages, by name', async () => {
    const names = Array.from({ length: 7 }, (_, n) => `listed_${n}`);
    for (const name of names.toReversed()) await putTable(stack.clients, tableInput(name, { a: 'int' }));
    const found: string[] = [];
    for await (const { TableList } of paginateGetTables({ client: glue(), pageSize: 3 }, { DatabaseName })) {
      expect(TableList!.length).toBeLessThanOrEqual(3);
      found.push(...TableList!.map(({ Name }) => Name!));
    }
    expect(found).toEqual(names);
    const token = new GetTablesCommand({ DatabaseName, NextToken: 'no token!' });
    expect(await refusal(glue().send(token))).toBe('InvalidInputException');
  });

  it('refuses names and columns that no query could find', async () => {
    for (const name of ['Wine', 'a/b', '../x', '', 'a b']) {
      expect([name, await refusal(putTable(stack.clients, tableInput(name, { a: 'int' })))]).toEqual([
        name,
        'InvalidInputException',
      ]);
    }
    expect(await refusal(putTable(stack.clients, tableInput('t', { Upper: 'int' })))).toBe('InvalidInputException');
    const twice = tableInput('t', { a: 'int' }, { PartitionKeys: [{ Name: 'a', Type: 'int' }] });
    expect(await refusal(putTable(stack.clients, twice))).toBe('InvalidInputException');
    const none = new CreateTableCommand({ DatabaseName: 'none', TableInput: tableInput('t', { a: 'int' }) });
    expect(await refusal(glue().send(none))).toBe('EntityNotFoundException');
  });

  it('answers 501 by name to what it does not do, and nothing to a page in a browser', async () => {
    const message = (call: Promise<unknown>) =>
      call.then(
        () => 'none',
        (error: Error) => error.message,
      );
    const partitions = new GetPartitionsCommand({ DatabaseName, TableName: 't' });
    expect(await message(glue().send(partitions))).toBe('The embedded AWS does not implement Glue GetPartitions.');
    const ViewOriginalText = 'SELECT 1';
    expect(await message(putTable(stack.clients, { ...tableInput('v', { a: 'int' }), ViewOriginalText }))).toBe(
      'The embedded AWS does not implement Glue CreateTable with TableInput.ViewOriginalText.',
    );
    for (const target of ['AWSGlue.GetDatabases', 'AmazonAthena.ListQueryExecutions']) {
      const headers = { 'x-amz-target': target, origin: 'http://localhost:4000' };
      expect((await fetch(stack.aws.url, { method: 'POST', headers, body: '{}' })).status).toBe(403);
    }
  });

  it('keeps its tables over a restart', async () => {
    const input = tableInput('kept', { a: 'int' });
    await putTable(stack.clients, input);
    const before = await get('kept');
    await stack.restart();
    expect(await get('kept')).toEqual({ ...before });
  });
});
