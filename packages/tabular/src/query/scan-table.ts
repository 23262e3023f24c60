/** Reads what a plan needs, window after window of row groups: first what filters look at, the rest only where rows are left. */
import { readColumn } from '../parquet/read-column.ts';
import type { Column } from '../table.ts';
import type { OpenTable } from './open-table.ts';
import { filterColumns, type GroupPlan, rowsOf } from './plan-groups.ts';
import { readRanges } from './read-ranges.ts';

/** Rows of one row group: their numbers in it (null: all of them), and the columns asked for, whole, by the index of the field. */
export type Scanned = { plan: GroupPlan; rows: Uint32Array | null; count: number; columns: ReadonlyMap<number, Column> };

export type ScanOptions = {
  plans: readonly GroupPlan[];
  /** Indexes of the fields to read. */
  columns: readonly number[];
  /** No more rows than these are wanted; null for all. */
  enough: number | null;
  /** Asked before a row group is read, when what came before it is known. */
  skip?(plan: GroupPlan): boolean;
};

/** Row groups in the first window and in the widest; windows double, so that a query that soon has enough reads little. */
const FIRST_WINDOW = 1;
const WIDEST_WINDOW = 16;
const WINDOW_BYTES = 8 * 1024 * 1024;
/** With so few row groups left, one round of requests is worth more than bytes not read. */
const FEW = 2;

type Wanted = { plan: GroupPlan; column: number };
type Loaded = Map<GroupPlan, Map<number, Column>>;

export async function* scanTable(table: OpenTable, options: ScanOptions): AsyncGenerator<Scanned> {
  const { plans, columns, enough, skip } = options;
  const sizeOf = ({ group }: GroupPlan): number =>
    columns.reduce((sum, column) => sum + group.chunks[column].end - group.chunks[column].start, 0);

  const load = async (wanted: readonly Wanted[], into: Loaded): Promise<void> => {
    const ranges = wanted.map(({ plan, column }) => plan.group.chunks[column]);
    const bytes = await readRanges(table.file, ranges);
    for (const [index, { plan, column }] of wanted.entries()) {
      const columnsOf = into.get(plan) ?? new Map<number, Column>();
      into.set(plan, columnsOf.set(column, readColumn(bytes[index], table.fields[column], plan.group.rows)));
    }
  };

  const eager = plans.length <= FEW;
  /** What of a row group is read before its filter is asked. */
  const firstColumns = ({ filter }: GroupPlan): readonly number[] => {
    if (!filter) return columns;
    const needed = filterColumns(filter);
    return eager ? [...new Set([...needed, ...columns])] : needed;
  };
  const begin = async (window: readonly GroupPlan[]): Promise<Loaded> => {
    const loaded: Loaded = new Map();
    await load(
      window.flatMap((plan) => firstColumns(plan).map((column) => ({ plan, column }))),
      loaded,
    );
    return loaded;
  };

  let next = 0;
  let size = FIRST_WINDOW;
  let found = 0;
  const nextWindow = (): GroupPlan[] => {
    const window: GroupPlan[] = [];
    let bytes = 0;
    let certain = found;
    while (next < plans.length && window.length < size && bytes < WINDOW_BYTES) {
      if (enough !== null && certain >= enough) break;
      const plan = plans[next++];
      if (skip?.(plan)) continue;
      window.push(plan);
      bytes += sizeOf(plan);
      if (!plan.filter) certain += plan.group.rows;
    }
    size = Math.min(size * 2, WIDEST_WINDOW);
    return window;
  };

  if (enough === null && !skip) size = WIDEST_WINDOW;
  let window = nextWindow();
  let loading = begin(window);
  while (window.length > 0) {
    const loaded = await loading;
    // When everything is wanted anyway, the next window is on its way while this one is worked on.
    const ahead = enough === null && !skip ? nextWindow() : null;
    if (ahead) {
      loading = begin(ahead);
      // Its failure is met when it is waited for.
      loading.catch(() => undefined);
    }
    const hits: { plan: GroupPlan; rows: Uint32Array | null; count: number }[] = [];
    for (const plan of window) {
      if (enough !== null && found >= enough) break;
      const { rows: all } = plan.group;
      const rows = plan.filter ? rowsOf(plan.filter, loaded.get(plan) ?? new Map(), all) : null;
      const count = rows ? rows.length : all;
      if (count === 0) continue;
      found += count;
      hits.push({ plan, rows, count });
    }
    const missing = hits.flatMap(({ plan }) =>
      columns.filter((column) => !loaded.get(plan)?.has(column)).map((column) => ({ plan, column })),
    );
    await load(missing, loaded);
    for (const hit of hits) {
      yield { ...hit, columns: loaded.get(hit.plan) ?? new Map() };
      loaded.delete(hit.plan);
    }
    if (enough !== null && found >= enough) return;
    if (ahead) window = ahead;
    else {
      window = nextWindow();
      loading = begin(window);
    }
  }
}
