import type { Column, Table, TableInput } from '@aws-sdk/client-glue';
import type { DatasetId } from '@granary/domain/dataset';
import { sqlFolder, sqlFolders } from '@granary/domain/rules/keys';
import {
  type HistoryTable,
  type LatestTable,
  type SqlColumn,
  type SqlTable,
  type SqlType,
  sqlTableName,
} from '@granary/domain/sql-table';

export type UriOf = (key: string) => string;

/**
 * How Athena reads Parquet files that a text file names, as its documentation has it for S3 Inventory
 * (https://docs.aws.amazon.com/AmazonS3/latest/userguide/storage-inventory-athena-query.html).
 */
const FORMAT = {
  InputFormat: 'org.apache.hadoop.hive.ql.io.SymlinkTextInputFormat',
  OutputFormat: 'org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat',
  SerdeInfo: { SerializationLibrary: 'org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe' },
};
const COMMON = { EXTERNAL: 'TRUE', classification: 'parquet' };

/**
 * A table as Glue has it. The latest table's location is the folder of its version: location and columns change in one
 * UpdateTable. The history has no partitions that anybody would have to add: they are projected from the range of its
 * versions (https://docs.aws.amazon.com/athena/latest/ug/partition-projection-supported-types.html).
 */
export const tableInput = (table: SqlTable, uriOf: UriOf): TableInput => ({
  Name: sqlTableName(table),
  TableType: 'EXTERNAL_TABLE',
  PartitionKeys: table.kind === 'history' ? [{ Name: table.number_column, Type: 'int' }] : [],
  Parameters: {
    ...COMMON,
    'granary.dataset': table.dataset,
    'granary.attempt': table.attempt,
    ...(table.kind === 'latest' ? { 'granary.version': String(table.version) } : historyParameters(table, uriOf)),
  },
  StorageDescriptor: {
    ...FORMAT,
    Location: locationOf(table, uriOf),
    Columns: table.columns.map(({ name, type }) => ({ Name: name, Type: type })),
  },
});

const historyParameters = ({ dataset, from, to, number_column }: HistoryTable, uriOf: UriOf) => ({
  'granary.from': String(from),
  'granary.to': String(to),
  'projection.enabled': 'true',
  [`projection.${number_column}.type`]: 'integer',
  [`projection.${number_column}.range`]: `${from},${to}`,
  'storage.location.template': uriOf(sqlFolder(dataset, `\${${number_column}}`)),
});

const locationOf = (table: SqlTable, uriOf: UriOf): string =>
  uriOf(table.kind === 'latest' ? sqlFolder(table.dataset, table.version) : sqlFolders(table.dataset));

/** Undefined when it is not the latest table that we made of this dataset and that lies in this bucket. */
export const latestOf = (table: Table | undefined, dataset: DatasetId, uriOf: UriOf): LatestTable | undefined => {
  const known = parse(table, dataset);
  const version = numberOf(table, 'granary.version');
  if (!known || !version) return undefined;
  return atItsPlace({ kind: 'latest', dataset, version, ...known }, table, uriOf);
};

/** The same of its history. */
export const historyOf = (table: Table | undefined, dataset: DatasetId, uriOf: UriOf): HistoryTable | undefined => {
  const known = parse(table, dataset);
  const [from, to] = [numberOf(table, 'granary.from'), numberOf(table, 'granary.to')];
  const number_column = table?.PartitionKeys?.[0]?.Name;
  if (!known || !from || !to || !number_column) return undefined;
  return atItsPlace({ kind: 'history', dataset, from, to, number_column, ...known }, table, uriOf);
};

const parse = (table: Table | undefined, dataset: DatasetId) => {
  const { 'granary.dataset': of, 'granary.attempt': attempt } = table?.Parameters ?? {};
  const columns = columnsOf(table?.StorageDescriptor?.Columns);
  return of === dataset && attempt && columns ? { attempt, columns } : undefined;
};

const atItsPlace = <T extends SqlTable>(known: T, table: Table | undefined, uriOf: UriOf): T | undefined => {
  const location = table?.StorageDescriptor?.Location?.replace(/\/$/, '');
  return location === locationOf(known, uriOf).replace(/\/$/, '') ? known : undefined;
};

const numberOf = (table: Table | undefined, parameter: string): number | undefined => {
  const text = table?.Parameters?.[parameter] ?? '';
  return /^[1-9]\d{0,8}$/.test(text) ? Number(text) : undefined;
};

const TYPES: Readonly<Record<SqlType, true>> = {
  boolean: true,
  int: true,
  bigint: true,
  double: true,
  date: true,
  timestamp: true,
  string: true,
};

/** Undefined unless all of them are of types that we give. */
const columnsOf = (columns: readonly Column[] | undefined): readonly SqlColumn[] | undefined =>
  columns?.every((column): column is { Name: string; Type: SqlType } => Object.hasOwn(TYPES, column.Type ?? ''))
    ? columns.map(({ Name, Type }) => ({ name: Name, type: Type }))
    : undefined;
