import type { ColumnType, Field } from '@granary/tabular/table';
import type { DatasetId } from './dataset.ts';

/** Types of the SQL engine (Athena, and so Hive's names in its catalog). */
export type SqlType = 'boolean' | 'int' | 'bigint' | 'double' | 'date' | 'timestamp' | 'string';
export type SqlColumn = { name: string; type: SqlType };

const SQL_TYPES: Readonly<Record<ColumnType, SqlType>> = {
  boolean: 'boolean',
  int32: 'int',
  int64: 'bigint',
  double: 'double',
  date: 'date',
  timestamp: 'timestamp',
  string: 'string',
};

export const sqlColumns = (fields: readonly Field[]): readonly SqlColumn[] =>
  fields.map(({ name, type }) => ({ name, type: SQL_TYPES[type] }));

/** The table of a dataset: its latest version only, so that a sum does not grow with every publication. */
export type LatestTable = {
  kind: 'latest';
  dataset: DatasetId;
  columns: readonly SqlColumn[];
  /** Number of the version that its rows are. */
  version: number;
  /** Of that version: a catalog that was begun anew, or went back in time, has another one of the same number. */
  attempt: string;
};

/**
 * `<dataset>_versions`: the versions `from` to `to`, one after the other, with their number in the column
 * `number_column`. It begins with the first version after a column changed its type: one table has one type of a
 * column.
 */
export type HistoryTable = {
  kind: 'history';
  dataset: DatasetId;
  /** Of all its versions; a version without one of them has null there. Not `number_column`. */
  columns: readonly SqlColumn[];
  from: number;
  to: number;
  /** Of the version `to`, as in {@link LatestTable}. */
  attempt: string;
  /** `version`, unless the data has a column of that name. */
  number_column: string;
};

export type SqlTable = LatestTable | HistoryTable;

/** The end of a history's name. No dataset's id may end so. */
export const HISTORY_ENDING = '_versions';

export const sqlTableName = ({ kind, dataset }: Pick<SqlTable, 'kind' | 'dataset'>): string =>
  kind === 'latest' ? dataset : `${dataset}${HISTORY_ENDING}`;
