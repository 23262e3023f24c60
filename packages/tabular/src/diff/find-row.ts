/** Rows of a published table by a reference. */
import { cellAt } from '../cells.ts';
import type { RowGroup } from '../parquet/read-footer.ts';
import type { OpenTable } from '../query/open-table.ts';
import type { Batch, Cell } from '../table.ts';
import { readGroup } from './diff-table.ts';
import { PLACE } from './plan-diff.ts';
import type { RowReference } from './row-reference.ts';

/** `row` is the first that fits, `matches` how many do, `lines` the lines of the source that they stand in. */
export type FoundRow = { row: Readonly<Record<string, Cell>>; matches: number; lines: ReadonlySet<number> };

/**
 * False when the bounds of the row group say that no row of it can fit. Looks at numbers only: `line` and years are.
 */
const mayHold = ({ rows, from, chunks }: RowGroup, reference: RowReference): boolean => {
  if ('number' in reference) return reference.number > from && reference.number <= from + rows;
  return reference.cells.every(({ column, value }) => {
    const { bounds } = chunks[column];
    if (typeof value !== 'number' || !bounds || typeof bounds.min !== 'number') return true;
    return value >= bounds.min && value <= (bounds.max as number);
  });
};

const numbersIn = function* (batch: Batch, group: RowGroup, reference: RowReference): Generator<number> {
  if ('number' in reference) {
    yield reference.number - group.from - 1;
    return;
  }
  const wanted = reference.cells.map(({ column, value }) => ({ column: batch.columns[column], value }));
  for (let row = 0; row < batch.rows; row++)
    if (wanted.every(({ column, value }) => cellAt(column, row) === value)) yield row;
};

/** Reads the row groups that may hold the row; undefined when none does. */
export const findRow = async (table: OpenTable, reference: RowReference): Promise<FoundRow | undefined> => {
  const place = table.fields.findIndex(({ name }) => name === PLACE);
  const lines = new Set<number>();
  let row: FoundRow['row'] | undefined;
  let matches = 0;
  for (const group of table.groups) {
    if (!mayHold(group, reference)) continue;
    const batch = await readGroup(table, group);
    for (const index of numbersIn(batch, group, reference)) {
      matches++;
      row ??= Object.fromEntries(table.fields.map(({ name }, i) => [name, cellAt(batch.columns[i], index)]));
      if (place !== -1) lines.add(Number(cellAt(batch.columns[place], index)));
    }
  }
  return row && { row, matches, lines };
};
