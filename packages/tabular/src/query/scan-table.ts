/**
 * Reads what a plan needs. Where all of it is wanted, from end to end with the next pieces on their way; otherwise
 * window after window of row groups: first what filters look at, the rest only where rows are left.
 */
import { readColumn } from '../parquet/read-column.ts';
import type { Column } from '../table.ts';
import type { OpenTable } from './open-table.ts';
import { filterColumns, type GroupPlan, rowsOf } from './plan-groups.ts';
import { readAhead, readRanges, WIDEST_GAP } from './read-ranges.ts';

/**
 * Rows of one row group: their numbers in it (null: all of them), and the columns asked for, whole, by the index of the
 * field.
 */
export type Scanned = {
  plan: GroupPlan;
  rows: Uint32Array | null;
  count: number;
  columns: ReadonlyMap<number, Column>;
};

export type ScanOptions = {
  plans: readonly GroupPlan[];
  /** Indexes of the fields to read. */
  columns: readonly number[];
  /** No more rows than these are wanted; null for all. */
  enough: number | null;
  /** Asked before a row group is read, after the row groups of earlier windows were yielded. */
  skip?(plan: GroupPlan): boolean;
};

/**
 * Row groups in the first window and in the widest. Windows grow, so that a query that soon has enough reads little,
 * and fast, since each of them waits for the one before.
 */
const FIRST_WINDOW = 1;
const WIDEST_WINDOW = 64;
const GROWTH = 4;
const WINDOW_BYTES = 8 * 1024 * 1024;
/** With so few row groups left, one round of requests is worth more than bytes not read. */
const FEW = 2;

type Wanted = { plan: GroupPlan; column: number };

/** Bytes of column chunks, made columns when they are needed. */
class Chunks {
  readonly #table: OpenTable;
  readonly #bytes = new Map<GroupPlan, Map<number, Uint8Array>>();
  readonly #columns = new Map<GroupPlan, Map<number, Column>>();

  constructor(table: OpenTable) {
    this.#table = table;
  }

  /** Reads those that are not there yet. */
  async load(wanted: readonly Wanted[]): Promise<void> {
    const missing = wanted.filter(({ plan, column }) => !this.#bytes.get(plan)?.has(column));
    const ranges = missing.map(({ plan, column }) => plan.group.chunks[column]);
    const bytes = await readRanges(this.#table.file, ranges);
    for (const [index, { plan, column }] of missing.entries()) {
      const ofPlan = this.#bytes.get(plan) ?? new Map<number, Uint8Array>();
      this.#bytes.set(plan, ofPlan.set(column, bytes[index]));
    }
  }

  /** Columns of a row group by the index of their fields. */
  columns(plan: GroupPlan, wanted: readonly number[]): ReadonlyMap<number, Column> {
    const columns = this.#columns.get(plan) ?? new Map<number, Column>();
    this.#columns.set(plan, columns);
    for (const column of wanted) {
      if (columns.has(column)) continue;
      const bytes = this.#bytes.get(plan)!.get(column)!;
      columns.set(column, readColumn(bytes, this.#table.fields[column], plan.group.rows));
    }
    return columns;
  }

  forget(plan: GroupPlan): void {
    this.#bytes.delete(plan);
    this.#columns.delete(plan);
  }
}

const bytesOf = ({ group }: GroupPlan, columns: readonly number[]): number =>
  columns.reduce((sum, column) => sum + group.chunks[column].end - group.chunks[column].start, 0);

/** Whether all columns are read with those of the filter: there is none, or asking once more would cost as much. */
const isReadAtOnce = (table: OpenTable, plan: GroupPlan, columns: readonly number[]): boolean => {
  if (!plan.filter) return true;
  const needed = filterColumns(plan.filter);
  if (needed.every((column) => column === table.sortedBy[0])) return true;
  return (
    bytesOf(
      plan,
      columns.filter((column) => !needed.includes(column)),
    ) <= WIDEST_GAP
  );
};

/** Row groups from the first to the last, whose columns are all read. */
async function* scanAll(
  table: OpenTable,
  plans: readonly GroupPlan[],
  columns: readonly number[],
): AsyncGenerator<Scanned> {
  const needed = plans.map(({ filter }) => [...new Set([...filterColumns(filter), ...columns])]);
  const ranges = plans.map(({ group }, index) => needed[index].map((column) => group.chunks[column]));
  let next = 0;
  for await (const bytes of readAhead(table.file, ranges)) {
    const indexes = needed[next];
    const plan = plans[next++];
    const { filter, group } = plan;
    const read = new Map<number, Column>();
    const decode = (wanted: readonly number[]): ReadonlyMap<number, Column> => {
      for (const column of wanted)
        if (!read.has(column))
          read.set(column, readColumn(bytes[indexes.indexOf(column)], table.fields[column], group.rows));
      return read;
    };
    const rows = filter ? rowsOf(filter, decode(filterColumns(filter)), group.rows) : null;
    const count = rows ? rows.length : group.rows;
    if (count > 0) yield { plan, rows, count, columns: decode(columns) };
  }
}

export async function* scanTable(table: OpenTable, options: ScanOptions): AsyncGenerator<Scanned> {
  const { plans, columns, enough, skip } = options;
  const everything = enough === null && !skip;
  if (everything && plans.every((plan) => isReadAtOnce(table, plan, columns))) {
    yield* scanAll(table, plans, columns);
    return;
  }
  const chunks = new Chunks(table);

  let next = 0;
  let size = everything ? WIDEST_WINDOW : FIRST_WINDOW;
  let found = 0;
  /** Row groups whose filter has been asked, and those of them that had rows. */
  let asked = 0;
  let answered = 0;

  /**
   * Reads what is needed to test the filters: with the other columns where matches are likely, which saves a round of
   * requests.
   */
  const load = (window: readonly GroupPlan[]): Promise<void> => {
    const sure = plans.length <= FEW || (asked > 0 && answered === asked);
    return chunks.load(
      window.flatMap((plan) => {
        const needed = filterColumns(plan.filter);
        const likely = sure || isReadAtOnce(table, plan, columns);
        return [...new Set(likely ? [...needed, ...columns] : needed)].map((column) => ({ plan, column }));
      }),
    );
  };

  const nextWindow = (): GroupPlan[] => {
    // As many row groups as it should take by the rows found in each so far. A few groups are a poor estimate: at most
    // 16 times as many as were tested.
    if (enough !== null && found > 0) size = Math.min(Math.ceil(((enough - found) * asked) / found), 16 * asked);
    size = Math.min(size, WIDEST_WINDOW);
    const window: GroupPlan[] = [];
    let bytes = 0;
    let certain = found;
    while (next < plans.length && window.length < size && bytes < WINDOW_BYTES) {
      if (enough !== null && certain >= enough) break;
      const plan = plans[next++];
      if (skip?.(plan)) continue;
      window.push(plan);
      bytes += bytesOf(plan, columns);
      if (!plan.filter) certain += plan.group.rows;
    }
    size *= GROWTH;
    return window;
  };

  let window = nextWindow();
  let loading = load(window);
  while (window.length > 0) {
    await loading;
    // When everything is wanted anyway, the next window is on its way while this one is worked on.
    const ahead = everything ? nextWindow() : null;
    if (ahead) {
      loading = load(ahead);
      // A failure is thrown where it is awaited.
      loading.catch(() => undefined);
    }
    const hits: { plan: GroupPlan; rows: Uint32Array | null; count: number }[] = [];
    for (const plan of window) {
      if (enough !== null && found >= enough) break;
      const { filter, group } = plan;
      const rows = filter ? rowsOf(filter, chunks.columns(plan, filterColumns(filter)), group.rows) : null;
      const count = rows ? rows.length : group.rows;
      asked++;
      found += count;
      if (count === 0) chunks.forget(plan);
      else {
        answered++;
        hits.push({ plan, rows, count });
      }
    }
    await chunks.load(hits.flatMap(({ plan }) => columns.map((column) => ({ plan, column }))));
    for (const hit of hits) {
      yield { ...hit, columns: chunks.columns(hit.plan, columns) };
      chunks.forget(hit.plan);
    }
    if (enough !== null && found >= enough) return;
    window = ahead ?? nextWindow();
    if (!ahead) loading = load(window);
  }
}
