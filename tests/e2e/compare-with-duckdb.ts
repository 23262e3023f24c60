import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';

type Cell = string | number | boolean | null;
type Profiled = {
  name: string;
  type: string;
  nulls: number;
  distinct: number;
  distinct_is: string;
  min: Cell;
  max: Cell;
  mean: number | null;
  most_frequent: { value: Cell; count: number }[];
  most_frequent_is: string;
};
type Facet = {
  column: string;
  nulls: number;
  distinct: number;
  values: { value: Cell; count: number }[];
  other: number;
  truncated: boolean;
};
// biome-ignore lint/suspicious/noExplicitAny: answers are compared member by member.
type Get = (path: string) => Promise<any>;

/** DuckDB's text of a value and ours as one thing to compare. */
const same = (type: string, value: unknown): Cell => {
  if (value === null || value === undefined) return null;
  const text = String(value);
  if (type === 'int32' || type === 'int64' || type === 'double') return Number(text);
  if (type === 'timestamp') return Date.parse(text.replace(' ', 'T').replace(/([+-]\d\d)$/, '$1:00'));
  return text;
};
const isClose = (a: number, b: number): boolean => Math.abs(a - b) <= 1e-9 * Math.max(1, Math.abs(a), Math.abs(b));

const rowsOf = async (connection: DuckDBConnection, sql: string): Promise<Record<string, unknown>[]> =>
  (await connection.runAndReadAll(sql)).getRowObjectsJson();

/**
 * Compares the profiles and the facets of all datasets with what DuckDB finds in their Parquet files (SUMMARIZE, COUNT
 * DISTINCT, GROUP BY). Gives the datasets, the columns that were compared, and a sentence for each difference.
 */
export const compareWithDuckDb = async (
  get: Get,
): Promise<{ datasets: string[]; columns: number; differences: string[] }> => {
  const folder = mkdtempSync(join(tmpdir(), 'granary-profiles-'));
  const instance = await DuckDBInstance.create(':memory:', { threads: '1' });
  const connection = await instance.connect();
  const differences: string[] = [];
  let columns = 0;
  try {
    await connection.run("SET TimeZone='UTC'");
    const { items } = await get('/v1/datasets?limit=1000');
    // Of a file that was refused there is nothing to profile.
    const published = items.filter(({ latest }: { latest: number | null }) => latest !== null);
    const datasets: string[] = published.map(({ id }: { id: string }) => id);
    for (const id of datasets) {
      const { location } = await get(`/v1/datasets/${id}/download?format=parquet&redirect=false`);
      const path = join(folder, `${id}.parquet`);
      writeFileSync(path, Buffer.from(await (await fetch(location)).arrayBuffer()));
      const profile = await get(`/v1/datasets/${id}/profile`);
      const all: Profiled[] = profile.columns;
      columns += all.length;
      const told = (what: string) => differences.push(`${id}: ${what}`);
      await compareProfile(connection, path, profile.rows, all, told);
      for (let at = 0; at < all.length; at += 20) {
        const some = all.slice(at, at + 20).map(({ name }) => name);
        for (const [filter, where] of [
          ['', 'true'],
          ['&line=gte.4', 'line >= 4'],
        ]) {
          const { rows, facets } = await get(`/v1/datasets/${id}/facets?columns=${some.join(',')}&limit=50${filter}`);
          for (const facet of facets as Facet[]) await compareFacet(connection, path, where!, rows, facet, all, told);
        }
      }
    }
    return { datasets, columns, differences };
  } finally {
    connection.closeSync();
    rmSync(folder, { recursive: true, force: true });
  }
};

const compareProfile = async (
  connection: DuckDBConnection,
  path: string,
  rows: number,
  columns: readonly Profiled[],
  told: (what: string) => void,
): Promise<void> => {
  const summary = await rowsOf(connection, `SUMMARIZE SELECT * FROM read_parquet('${path}')`);
  if (summary.length !== columns.length) told(`${columns.length} columns, not ${summary.length}`);
  for (const [index, theirs] of summary.entries()) {
    const ours = columns[index]!;
    const name = String(theirs.column_name);
    const differ = (what: string, mine: unknown, other: unknown) => told(`${what} of ${name}: ${mine}, not ${other}`);
    if (ours.name !== name) differ('name', ours.name, name);
    if (rows !== Number(theirs.count)) differ('count', rows, theirs.count);
    const share = (100 * ours.nulls) / rows;
    if (Math.abs(share - Number(theirs.null_percentage)) > 0.0051) differ('nulls', share, theirs.null_percentage);
    if (ours.most_frequent_is !== 'withheld')
      for (const what of ['min', 'max'] as const) {
        const [mine, other] = [same(ours.type, ours[what]), same(ours.type, theirs[what])];
        if (mine !== other) differ(what, mine, other);
      }
    if (ours.mean !== null && !isClose(ours.mean, Number(theirs.avg))) differ('mean', ours.mean, theirs.avg);
    const [counted] = await rowsOf(
      connection,
      `SELECT count(DISTINCT "${name}")::INT AS n, count("${name}")::INT AS present FROM read_parquet('${path}')`,
    );
    if (ours.distinct_is === 'exact' && ours.distinct !== counted!.n) differ('distinct', ours.distinct, counted!.n);
    if (rows - ours.nulls !== counted!.present) differ('present', rows - ours.nulls, counted!.present);
    if (ours.most_frequent_is !== 'exact') continue;
    const grouped = await groupsOf(connection, path, name, ours.type, 'true');
    compareCounts(ours.most_frequent, grouped, ours.type, (what) => told(`${name}: ${what}`));
  }
};

const groupsOf = async (
  connection: DuckDBConnection,
  path: string,
  name: string,
  type: string,
  where: string,
): Promise<Map<Cell, number>> => {
  const rows = await rowsOf(
    connection,
    `SELECT "${name}" AS value, count(*)::INT AS n FROM read_parquet('${path}') WHERE ${where} GROUP BY "${name}"`,
  );
  return new Map(rows.map(({ value, n }) => [same(type, value), n as number]));
};

const compareCounts = (
  values: readonly { value: Cell; count: number }[],
  grouped: ReadonlyMap<Cell, number>,
  type: string,
  told: (what: string) => void,
): void => {
  for (const { value, count } of values)
    if (grouped.get(same(type, value)) !== count)
      told(`${value} ${count} times, not ${grouped.get(same(type, value))}`);
  const most = [...grouped]
    .flatMap(([value, n]) => (value === null ? [] : [n]))
    .sort((a, b) => b - a)
    .slice(0, values.length);
  if (most.join() !== values.map(({ count }) => count).join()) told('others are more frequent');
};

const compareFacet = async (
  connection: DuckDBConnection,
  path: string,
  where: string,
  rows: number,
  facet: Facet,
  columns: readonly Profiled[],
  told: (what: string) => void,
): Promise<void> => {
  const { type } = columns.find(({ name }) => name === facet.column)!;
  const grouped = await groupsOf(connection, path, facet.column, type, where);
  const said = (what: string) => told(`facet ${facet.column} where ${where}: ${what}`);
  compareCounts(facet.values, grouped, type, said);
  const total = [...grouped.values()].reduce((sum, n) => sum + n, 0);
  if (rows !== total) said(`${rows} rows, not ${total}`);
  if (facet.nulls !== (grouped.get(null) ?? 0)) said(`${facet.nulls} nulls`);
  const distinct = grouped.size - (grouped.has(null) ? 1 : 0);
  if (facet.distinct !== distinct) said(`${facet.distinct} distinct, not ${distinct}`);
  const listed = facet.values.reduce((sum, { count }) => sum + count, 0);
  if (listed + facet.other + facet.nulls !== total) said('the counts do not add up');
  if (facet.truncated !== distinct > facet.values.length) said(`truncated: ${facet.truncated}`);
};
