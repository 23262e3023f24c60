import type { PublishedVersion } from '../dataset.ts';
import { type HistoryTable, type SqlColumn, sqlColumns } from '../sql-table.ts';

/**
 * The history after one more version, which is newer than all that it has. Columns are the version's, then those that
 * only older ones have. One table has one type of a column: where a type changed, the history begins anew at this
 * version (older ones are read by `/v1/records/<dataset>?version=`).
 */
export const foldHistory = (history: HistoryTable | undefined, version: PublishedVersion): HistoryTable => {
  const own = sqlColumns(version.fields);
  const older = history && isSameTypes(history.columns, own) ? history : undefined;
  const names = new Set(own.map(({ name }) => name));
  const columns = [...own, ...(older?.columns ?? []).filter(({ name }) => !names.has(name))];
  return {
    kind: 'history',
    dataset: version.dataset,
    columns,
    from: older?.from ?? version.version,
    to: version.version,
    attempt: version.attempt,
    number_column: numberColumn(columns),
  };
};

const isSameTypes = (known: readonly SqlColumn[], columns: readonly SqlColumn[]): boolean => {
  const types = new Map(known.map(({ name, type }) => [name, type]));
  return columns.every(({ name, type }) => (types.get(name) ?? type) === type);
};

/** `version`, or the first of `version_number`, `version_number_`, … that the data has no column of. */
const numberColumn = (columns: readonly SqlColumn[]): string => {
  const taken = new Set(columns.map(({ name }) => name));
  if (!taken.has('version')) return 'version';
  let name = 'version_number';
  while (taken.has(name)) name += '_';
  return name;
};
