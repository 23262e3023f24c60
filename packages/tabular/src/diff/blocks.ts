/** Two sorted tables side by side, in blocks of rows that are alike in the columns which both are sorted by. */
import { cellAt } from '../cells.ts';
import type { Batch, Cell, ColumnType } from '../table.ts';
import { compareTexts } from '../text-order.ts';
import { sameCells } from './compare-cells.ts';
import type { DiffTable } from './diff-table.ts';

/**
 * A row that stays where it was read: its cells are made when they are asked for. `number` is its place in the table,
 * from 1.
 */
export type Row = { batch: Batch; index: number; number: number };

/** A cell of a row; null in a column that its table does not have (-1). */
export const cellOf = (row: Row, column: number): Cell =>
  column === -1 ? null : cellAt(row.batch.columns[column], row.index);

export type Block = { from: Row[]; to: Row[] };

/** Rows of one side that must be matched at once, beyond which a diff is refused: they are in memory. */
const MOST_TOGETHER = 500_000;

/** The tables cannot be compared here; the message says why. */
export class TooManyRows extends Error {
  override readonly name = 'TooManyRows';
}

const compare = (a: Cell, b: Cell, type: ColumnType): number => {
  if (same(a, b)) return 0;
  if (a === null || b === null) return a === null ? -1 : 1;
  if (type === 'string') return compareTexts(a as string, b as string);
  if (type === 'date' || type === 'timestamp') return Date.parse(a as string) - Date.parse(b as string);
  return a < b ? -1 : 1;
};

const same = sameCells('double', 'double');

type Cursor = {
  /** Values of the next block's rows; undefined at the end. */
  next(): Promise<readonly Cell[] | undefined>;
  /** The rows of the block whose values `next` gave. */
  take(): Promise<Row[]>;
};

const cursorOf = (table: DiffTable, columns: readonly number[]): Cursor => {
  const batches = table.batches()[Symbol.asyncIterator]();
  let batch: Batch | undefined;
  let index = 0;
  let before = 0;
  let values: readonly Cell[] | undefined;

  const onRow = async (): Promise<boolean> => {
    while (!batch || index >= batch.rows) {
      if (batch) before += batch.rows;
      const { done, value } = await batches.next();
      if (done) return false;
      batch = value;
      index = 0;
    }
    return true;
  };
  const valuesHere = (): Cell[] => columns.map((column) => cellAt(batch!.columns[column], index));

  return {
    async next() {
      values ??= (await onRow()) ? valuesHere() : undefined;
      return values;
    },
    async take() {
      const rows: Row[] = [];
      const mine = values!;
      do {
        rows.push({ batch: batch!, index, number: before + index + 1 });
        if (rows.length > MOST_TOGETHER)
          throw new TooManyRows(
            `more than ${MOST_TOGETHER} rows can only be told apart by comparing each with all others`,
          );
        index++;
        // Within a batch without waiting: most rows are there already.
        if (index >= batch!.rows && !(await onRow())) break;
      } while (columns.every((column, i) => same(cellAt(batch!.columns[column], index), mine[i])));
      values = undefined;
      return rows;
    },
  };
};

/**
 * Every row of both tables once, in the order of the sort. Memory grows with the largest block. Throws {@link
 * TooManyRows}.
 */
export async function* blocksOf(from: DiffTable, to: DiffTable, by: readonly string[]): AsyncGenerator<Block> {
  const columnsIn = (table: DiffTable) => by.map((name) => table.fields.findIndex((field) => field.name === name));
  const types = columnsIn(to).map((column) => to.fields[column].type);
  const [before, after] = [cursorOf(from, columnsIn(from)), cursorOf(to, columnsIn(to))];
  for (;;) {
    const [a, b] = [await before.next(), await after.next()];
    if (!a && !b) return;
    let order = 0;
    if (!a || !b) order = a ? -1 : 1;
    else for (let i = 0; i < types.length && order === 0; i++) order = compare(a[i], b[i], types[i]);
    yield { from: order <= 0 ? await before.take() : [], to: order >= 0 ? await after.take() : [] };
  }
}
