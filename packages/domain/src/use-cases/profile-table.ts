import { createKeySketch, type KeySketch } from '@granary/tabular/key-sketch';
import type { TableSums } from '@granary/tabular/read-back/table-sums';
import type { Batch, ColumnType } from '@granary/tabular/table';
import type { VersionProfile } from '../dataset.ts';
import type { DatasetDefinition } from '../source.ts';

export type TableProfiler = { add(batch: Batch): void; keys: KeySketch; profile(sums: TableSums): VersionProfile };

const FIGURES: ReadonlySet<ColumnType> = new Set(['int32', 'int64', 'double']);

/** Gathers, from the rows that are written, what the next version is compared with. */
export const profileTable = ({ fields, key, plausible = {} }: DatasetDefinition): TableProfiler => {
  const keys = createKeySketch(fields, plausible.keys ?? []);
  const year = fields.findIndex(({ name, type }) => name === plausible.year && type === 'int32');
  let [first, last] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  return {
    keys,
    add(batch) {
      keys.add(batch);
      const column = batch.columns[year];
      if (column?.type !== 'int32') return;
      for (let row = 0; row < batch.rows; row++) {
        if (column.valid?.[row] === 0) continue;
        first = Math.min(first, column.values[row]!);
        last = Math.max(last, column.values[row]!);
      }
    },
    profile({ rows, columns }) {
      const figures = fields.flatMap(({ name, type }, index) =>
        FIGURES.has(type) && name !== 'line' && !key.includes(name)
          ? [[name, rows - columns[index]!.nulls] as const]
          : [],
      );
      return {
        figures: Object.fromEntries(figures),
        keys: keys.sample(),
        years: first <= last ? { first, last } : null,
      };
    },
  };
};
