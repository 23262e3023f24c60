/** What a table holds, column by column: made in one pass over its batches, in bounded memory. */
import type { Batch, Field } from '../table.ts';
import { type ColumnProfile, createColumnProfiler } from './profile-column.ts';

export type TableProfile = { rows: number; columns: readonly ColumnProfile[] };
export type TableProfiler = { add(batch: Batch): void; profile(): TableProfile };

export type ProfileOptions = {
  /** Columns about persons: nothing is said of single values. */
  isPersonal?(name: string): boolean;
};

/** Distinct values that are counted of one column, and of all of them together. */
const MOST_VALUES = { column: 50_000, table: 1_000_000 };
/** The same of the bytes of texts. */
const MOST_BYTES = { column: 2 * 2 ** 20, table: 16 * 2 ** 20 };
/** Values that are listed of one column, and of all of them together. */
const MOST_LISTED = { column: 20, table: 4000 };

const share = (most: { column: number; table: number }, columns: number, least: number): number =>
  Math.max(least, Math.min(most.column, Math.floor(most.table / columns)));

const withoutValues = (column: ColumnProfile): ColumnProfile => {
  const { missed: _missed, cut: _cut, ...known } = column;
  return { ...known, min: null, max: null, mean: null, most_frequent: [], most_frequent_is: 'withheld' };
};

/**
 * Profiles batches in whatever order they come. Distinct values are exact up to 50,000 of a column (fewer in tables of
 * more than 20 columns, and with more than 2 MiB of text), and estimated beyond.
 */
export const createTableProfiler = (
  fields: readonly Field[],
  { isPersonal = () => false }: ProfileOptions = {},
): TableProfiler => {
  const limits = {
    values: share(MOST_VALUES, fields.length, 200),
    bytes: share(MOST_BYTES, fields.length, 4096),
    listed: share(MOST_LISTED, fields.length, 3),
  };
  const profilers = fields.map((field) => createColumnProfiler(field, limits));
  let rows = 0;
  return {
    add(batch) {
      rows += batch.rows;
      for (const [index, profiler] of profilers.entries()) profiler.add(batch.columns[index], batch.rows);
    },
    profile: () => ({
      rows,
      columns: profilers.map((profiler) => {
        const column = profiler.profile();
        return column.format === 'email' || isPersonal(column.name) ? withoutValues(column) : column;
      }),
    }),
  };
};
