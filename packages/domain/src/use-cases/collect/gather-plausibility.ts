import { createKeySketch, type KeySketch } from '@granary/tabular/key-sketch';
import type { TableSums } from '@granary/tabular/read-back/table-sums';
import type { Batch, ColumnType } from '@granary/tabular/table';
import type { PlausibilityFacts } from '../../dataset.ts';
import type { DatasetDefinition } from '../../source.ts';

export type PlausibilityGatherer = {
  add(batch: Batch): void;
  keys: KeySketch;
  profile(sums: TableSums): PlausibilityFacts;
};

const FIGURES: ReadonlySet<ColumnType> = new Set(['int32', 'int64', 'double']);

const sumOf = (values: Int32Array | BigInt64Array | Float64Array, rows: number, valid?: Uint8Array): number => {
  let sum = 0;
  for (let row = 0; row < rows; row++) if (valid?.[row] !== 0) sum += Math.abs(Number(values[row]));
  return sum;
};

/** Gathers, from the rows that are written, what the next version is compared with. */
export const gatherPlausibility = ({ fields, key, plausible = {} }: DatasetDefinition): PlausibilityGatherer => {
  const keys = createKeySketch(fields, plausible.keys ?? []);
  const year = fields.findIndex(({ name, type }) => name === plausible.year && type === 'int32');
  const figures = fields.flatMap(({ name, type }, index) =>
    FIGURES.has(type) && name !== 'line' && !key.includes(name) ? [{ name, index }] : [],
  );
  const totals = figures.map(() => 0);
  let [first, last] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  return {
    keys,
    add(batch) {
      keys.add(batch);
      for (const [at, { index }] of figures.entries()) {
        const column = batch.columns[index]!;
        if (column.type === 'int32' || column.type === 'int64' || column.type === 'double')
          totals[at]! += sumOf(column.values, batch.rows, column.valid);
      }
      const column = batch.columns[year];
      if (column?.type !== 'int32') return;
      for (let row = 0; row < batch.rows; row++) {
        if (column.valid?.[row] === 0) continue;
        first = Math.min(first, column.values[row]!);
        last = Math.max(last, column.values[row]!);
      }
    },
    profile({ rows, columns }) {
      return {
        figures: Object.fromEntries(figures.map(({ name, index }) => [name, rows - columns[index]!.nulls])),
        totals: Object.fromEntries(figures.map(({ name }, at) => [name, totals[at]!])),
        keys: keys.sample(),
        years: first <= last ? { first, last } : null,
      };
    },
  };
};
