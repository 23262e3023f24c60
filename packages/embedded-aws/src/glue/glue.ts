import { AwsError, NotImplementedHere } from '../aws-error.ts';
import { type JsonService, makeJsonService, operation, readMembers, type ServiceOperation } from '../json-service.ts';
import { type GlueFiles, openGlueFiles, type StoredDatabase, type StoredTable } from './glue-files.ts';

const NAME = /^[a-z0-9_-]{1,255}$/;
const INVALID = 'InvalidInputException';
const invalid = (message: string) => new AwsError(INVALID, message);

/** Glue folds upper case in silence, and whoever asks for the name that was given finds nothing; here it is refused. */
const checkName = (what: string, name: string): string => {
  if (!NAME.test(name))
    throw invalid(`The name of a ${what} has lower-case letters, digits, _ and - alone, 255 at most.`);
  return name;
};

const DATABASE_INPUT = { Name: 'text!', Description: 'text', LocationUri: 'text', Parameters: 'map' } as const;
const TABLE_INPUT = {
  Name: 'text!',
  Description: 'text',
  Owner: 'text',
  Retention: 'integer',
  StorageDescriptor: 'object',
  PartitionKeys: 'list',
  TableType: 'text',
  Parameters: 'map',
} as const;
const STORAGE = {
  Columns: 'list',
  Location: 'text',
  InputFormat: 'text',
  OutputFormat: 'text',
  Compressed: 'flag',
  NumberOfBuckets: 'integer',
  SerdeInfo: 'object',
  BucketColumns: 'texts',
  SortColumns: 'list',
  Parameters: 'map',
  StoredAsSubDirectories: 'flag',
} as const;
const COLUMN = { Name: 'text!', Type: 'text', Comment: 'text', Parameters: 'map' } as const;

const checkColumns = (columns: readonly unknown[] = []): string[] =>
  columns.map((column) => {
    const { Name } = readMembers(column, COLUMN, INVALID, 'Columns.');
    if (Name !== Name.toLowerCase()) throw invalid(`The column ${Name} has upper-case letters.`);
    return Name;
  });

/** A table as it is stored. Two columns of one name are refused here and now: Athena would say so at each query. */
const tableInputOf = (given: unknown) => {
  const input = readMembers(given, TABLE_INPUT, INVALID, 'TableInput.');
  checkName('table', input.Name);
  const storage = readMembers(input.StorageDescriptor ?? {}, STORAGE, INVALID, 'StorageDescriptor.');
  const names = [...checkColumns(storage.Columns), ...checkColumns(input.PartitionKeys)];
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice) throw invalid(`The column ${twice} is there twice.`);
  return given as Readonly<Record<string, unknown>> & { Name: string };
};

const describeDatabase = ({ input, created }: StoredDatabase, CatalogId: string) => ({
  ...input,
  CreateTime: created / 1000,
  CreateTableDefaultPermissions: [],
  CatalogId,
});

const describeTable = ({ input, created, updated, version }: StoredTable, DatabaseName: string, CatalogId: string) => ({
  Retention: 0,
  PartitionKeys: [],
  ...input,
  DatabaseName,
  CreateTime: created / 1000,
  UpdateTime: updated / 1000,
  IsRegisteredWithLakeFormation: false,
  CatalogId,
  VersionId: String(version),
});

/** A table as a query finds it. */
export type GlueTable = {
  location: string;
  inputFormat: string;
  columns: readonly { name: string; type: string }[];
  partitionKeys: readonly { name: string; type: string }[];
  parameters: Readonly<Record<string, string>>;
};
/** Names of a database's tables, lower case, and a table by its name. Undefined where there is no such database. */
export type LookUpTables = (
  database: string,
) => { names(): readonly string[]; table(name: string): GlueTable | undefined } | undefined;

type Stored = {
  StorageDescriptor?: { Columns?: { Name: string; Type?: string }[]; Location?: string; InputFormat?: string };
  PartitionKeys?: { Name: string; Type?: string }[];
  Parameters?: Record<string, string>;
};
const columnsOf = (columns: Stored['PartitionKeys'] = []) =>
  columns.map(({ Name, Type = 'string' }) => ({ name: Name, type: Type.toLowerCase() }));

const makeLookUp =
  (files: GlueFiles): LookUpTables =>
  (database) => {
    if (!files.databases.get(database)) return undefined;
    const tables = files.tables(database);
    return {
      names: () => tables.list().map(({ name }) => name),
      table(name) {
        const input = tables.get(name)?.input as Stored | undefined;
        if (!input) return undefined;
        return {
          location: input.StorageDescriptor?.Location ?? '',
          inputFormat: input.StorageDescriptor?.InputFormat ?? '',
          columns: columnsOf(input.StorageDescriptor?.Columns),
          partitionKeys: columnsOf(input.PartitionKeys),
          parameters: input.Parameters ?? {},
        };
      },
    };
  };

/**
 * Part of Glue's catalog: databases and tables, kept under `dir`. `tables` is how Athena looks them up. Old versions of
 * a table are not kept, whatever SkipArchive says.
 */
export const startGlue = (options: {
  dir: string;
  accountId: string;
  onFailure: (error: Error) => void;
  /** ms since the epoch */
  now?: () => number;
}): { handle: JsonService; tables: LookUpTables } => {
  const { accountId, now = Date.now } = options;
  const files = openGlueFiles(options.dir);

  const checkCatalog = (CatalogId: string | undefined) => {
    if (CatalogId !== undefined && CatalogId !== accountId) throw new NotImplementedHere(`with CatalogId ${CatalogId}`);
  };
  const missing = (message: string) => new AwsError('EntityNotFoundException', message);
  const databaseOf = (name: string): StoredDatabase => {
    const found = files.databases.get(name.toLowerCase());
    if (!found) throw missing(`Database ${name} not found.`);
    return found;
  };
  const tableOf = (database: string, name: string): StoredTable => {
    const found = files.tables(databaseOf(database).name).get(name.toLowerCase());
    if (!found) throw missing(`Entity Not Found: Table ${name} not found.`);
    return found;
  };

  const operations: Record<string, ServiceOperation> = {
    CreateDatabase: operation({ CatalogId: 'text', DatabaseInput: 'object!' }, ({ CatalogId, DatabaseInput }) => {
      checkCatalog(CatalogId);
      const input = readMembers(DatabaseInput, DATABASE_INPUT, INVALID, 'DatabaseInput.');
      const name = checkName('database', input.Name);
      if (files.databases.get(name)) throw new AwsError('AlreadyExistsException', 'Database already exists.');
      files.databases.put({ name, input, created: now() });
      return {};
    }),
    GetDatabase: operation({ CatalogId: 'text', Name: 'text!' }, ({ CatalogId, Name }) => {
      checkCatalog(CatalogId);
      return { Database: describeDatabase(databaseOf(Name), accountId) };
    }),
    UpdateDatabase: operation(
      { CatalogId: 'text', Name: 'text!', DatabaseInput: 'object!' },
      ({ CatalogId, Name, DatabaseInput }) => {
        checkCatalog(CatalogId);
        const { name, created } = databaseOf(Name);
        const input = readMembers(DatabaseInput, DATABASE_INPUT, INVALID, 'DatabaseInput.');
        if (input.Name !== name) throw new NotImplementedHere('with another Name');
        files.databases.put({ name, input, created });
        return {};
      },
    ),
    CreateTable: operation(
      { CatalogId: 'text', DatabaseName: 'text!', TableInput: 'object!' },
      ({ CatalogId, DatabaseName, TableInput }) => {
        checkCatalog(CatalogId);
        const tables = files.tables(databaseOf(DatabaseName).name);
        const input = tableInputOf(TableInput);
        if (tables.get(input.Name)) throw new AwsError('AlreadyExistsException', 'Table already exists.');
        const created = now();
        tables.put({ name: input.Name, input, created, updated: created, version: 0 });
        return {};
      },
    ),
    UpdateTable: operation(
      { CatalogId: 'text', DatabaseName: 'text!', TableInput: 'object!', SkipArchive: 'flag' },
      ({ CatalogId, DatabaseName, TableInput }) => {
        checkCatalog(CatalogId);
        const input = tableInputOf(TableInput);
        const { name, created, version } = tableOf(DatabaseName, input.Name);
        const table = { name, input, created, updated: now(), version: version + 1 };
        files.tables(databaseOf(DatabaseName).name).put(table);
        return {};
      },
    ),
    GetTable: operation(
      { CatalogId: 'text', DatabaseName: 'text!', Name: 'text!' },
      ({ CatalogId, DatabaseName, Name }) => {
        checkCatalog(CatalogId);
        return { Table: describeTable(tableOf(DatabaseName, Name), databaseOf(DatabaseName).name, accountId) };
      },
    ),
    GetTables: operation(
      { CatalogId: 'text', DatabaseName: 'text!', MaxResults: 'integer', NextToken: 'text' },
      ({ CatalogId, DatabaseName, MaxResults = 100, NextToken }) => {
        checkCatalog(CatalogId);
        if (!(MaxResults >= 1 && MaxResults <= 100)) throw invalid('MaxResults must be from 1 to 100.');
        const { name } = databaseOf(DatabaseName);
        const { items, next } = pageOf(files.tables(name).list(), MaxResults, NextToken);
        return { TableList: items.map((table) => describeTable(table, name, accountId)), ...next };
      },
    ),
    DeleteTable: operation(
      { CatalogId: 'text', DatabaseName: 'text!', Name: 'text!' },
      ({ CatalogId, DatabaseName, Name }) => {
        checkCatalog(CatalogId);
        const { name } = tableOf(DatabaseName, Name);
        files.tables(databaseOf(DatabaseName).name).remove(name);
        return {};
      },
    ),
  };

  const handle = makeJsonService({
    name: 'Glue',
    target: 'AWSGlue',
    operations,
    errors: { invalid: INVALID, internal: 'InternalServiceException' },
    largest: 4 << 20,
    onFailure: options.onFailure,
  });
  return { handle, tables: makeLookUp(files) };
};

/**
 * The items after the token, which is the last name of the page before: tables that come and go do not shift the
 * others.
 */
const pageOf = <T extends { name: string }>(all: readonly T[], limit: number, token: string | undefined) => {
  const after = token === undefined ? '' : Buffer.from(token, 'base64url').toString();
  if (token !== undefined && !NAME.test(after)) throw invalid('The token is not valid.');
  const rest = all.filter(({ name }) => name > after);
  const items = rest.slice(0, limit);
  const next = rest.length > limit ? { NextToken: Buffer.from(items.at(-1)!.name).toString('base64url') } : {};
  return { items, next };
};
