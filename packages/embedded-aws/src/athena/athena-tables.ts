import type { GlueTable } from '../glue/glue.ts';
import { type AthenaObjects, type LocalObject, type ObjectPlace, placeOf } from './athena-objects.ts';
import { QueryFailure } from './athena-sql.ts';

const SYMLINKS = 'org.apache.hadoop.hive.ql.io.SymlinkTextInputFormat';

/** DuckDB's names of Hive's types. */
const TYPES: Readonly<Record<string, string>> = {
  boolean: 'BOOLEAN',
  tinyint: 'TINYINT',
  smallint: 'SMALLINT',
  int: 'INTEGER',
  integer: 'INTEGER',
  bigint: 'BIGINT',
  float: 'FLOAT',
  double: 'DOUBLE',
  date: 'DATE',
  timestamp: 'TIMESTAMP',
  string: 'VARCHAR',
  binary: 'BLOB',
};
const typeOf = (table: string, column: { name: string; type: string }): string => {
  const known = TYPES[column.type] ?? (/^decimal\(\d+,\s*\d+\)$/.test(column.type) ? column.type : undefined);
  if (!known) {
    const message = `The type ${column.type} of the column ${column.name} of ${table} is not in the embedded AWS.`;
    throw new QueryFailure(message, 'system');
  }
  return known;
};

export const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`;
export const literal = (text: string): string => `'${text.replaceAll("'", "''")}'`;

/**
 * A table with the objects that its manifests name; `partition` is the SQL of the value that those of its folder have
 * in the partition column.
 */
export type TablePlan = {
  name: string;
  columns: readonly { name: string; type: string }[];
  partitionColumn?: { name: string; type: string };
  files: readonly (ObjectPlace & { partition?: string; bytes: number; etag: string })[];
};

const severalAtOnce = async <T, U>(items: readonly T[], width: number, work: (item: T) => Promise<U>): Promise<U[]> => {
  const results: U[] = [];
  for (let from = 0; from < items.length; from += width) {
    results.push(...(await Promise.all(items.slice(from, from + width).map(work))));
  }
  return results;
};

/** Folders of a table: its LOCATION, or with partition projection one for each number of the range. */
const foldersOf = (name: string, table: GlueTable): { uri: string; partition?: string }[] => {
  const { parameters, partitionKeys } = table;
  if (partitionKeys.length === 0) return [{ uri: table.location }];
  const key = partitionKeys[0]!;
  const setting = (what: string) => parameters[`projection.${key.name}.${what}`];
  const range = /^(\d+),(\d+)$/.exec(setting('range') ?? '');
  const template = parameters['storage.location.template'];
  const known =
    partitionKeys.length === 1 && parameters['projection.enabled'] === 'true' && setting('type') === 'integer';
  if (!known || !range || !template) {
    const message = `${name} has partitions that are not projected from one range of integers, which alone are in the embedded AWS.`;
    throw new QueryFailure(message, 'system');
  }
  const [from, to] = [Number(range[1]), Number(range[2])];
  return Array.from({ length: Math.max(0, to - from + 1) }, (_, n) => ({
    uri: template.replaceAll(`\${${key.name}}`, String(from + n)),
    partition: String(from + n),
  }));
};

/**
 * Reads the manifests of a table (`symlink.txt` of each folder, a folder without one is empty) and the facts of what
 * they name. Throws QueryFailure for a table of another kind, and for an object that is not there.
 */
export const planTable = async (name: string, table: GlueTable, objects: AthenaObjects): Promise<TablePlan> => {
  if (table.inputFormat !== SYMLINKS) {
    throw new QueryFailure(`${name} has no ${SYMLINKS}, by which alone the embedded AWS reads tables.`, 'system');
  }
  const folders = foldersOf(name, table);
  const named = await severalAtOnce(folders, 8, async ({ uri, partition }) => {
    const manifest = placeOf(`${uri.replace(/\/*$/, '/')}symlink.txt`);
    const text = manifest && (await objects.read(manifest))?.toString();
    return (text ?? '')
      .split('\n')
      .filter((line) => line.trim() !== '')
      .map((uri) => ({ uri, partition }));
  });
  const files = await severalAtOnce(named.flat(), 8, async ({ uri, partition }) => {
    const place = placeOf(uri);
    const facts = place && (await objects.head(place));
    if (!facts)
      throw new QueryFailure(`HIVE_CANNOT_OPEN_SPLIT: Error opening Hive split ${uri.trim()}: no such object`);
    return { ...place, ...facts, partition };
  });
  return { name, columns: table.columns, partitionColumn: table.partitionKeys[0], files };
};

/**
 * The SELECT that is the table: its columns in their order and types, null where a file lacks one, and the partition's
 * number. `has` says which columns the copy of a file has, lower case, with their names as they are there.
 */
export const tableSql = (
  plan: TablePlan,
  copies: readonly LocalObject[],
  has: (path: string) => ReadonlyMap<string, string>,
): string => {
  const { name, columns, partitionColumn } = plan;
  const select = (sourceOf: (column: string) => string | undefined, partition: string | undefined) => {
    const items = columns.map((column) => {
      const value = sourceOf(column.name) ?? 'NULL';
      return `CAST(${value} AS ${typeOf(name, column)}) AS ${quoted(column.name)}`;
    });
    if (partitionColumn) {
      items.push(`CAST(${partition ?? 'NULL'} AS ${typeOf(name, partitionColumn)}) AS ${quoted(partitionColumn.name)}`);
    }
    return `SELECT ${items.join(', ')}`;
  };
  const parts = plan.files.map(({ partition }, n) => {
    const { path } = copies[n]!;
    const there = has(path);
    const sourceOf = (column: string) => {
      const found = there.get(column);
      return found === undefined ? undefined : quoted(found);
    };
    return `${select(sourceOf, partition)} FROM read_parquet(${literal(path)}, hive_partitioning = false)`;
  });
  return parts.length > 0 ? parts.join(' UNION ALL ') : `${select(() => undefined, undefined)} WHERE false`;
};
