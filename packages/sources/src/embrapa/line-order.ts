import { RefusedContent } from '@granary/domain/errors';
import type { CsvRow } from '@granary/tabular/csv/tokenizer';
import type { Layout } from './layout.ts';

/** Real files have a line or two that were put in later, under the next id that was free. */
const FEW = 1 / 20;

/** How many numbers at least would have to go for the others to ascend. */
const outOfOrder = (numbers: readonly number[]): number => {
  // The least last number of an ascending run of each length.
  const ends: number[] = [];
  for (const number of numbers) {
    const at = ends.findIndex((end) => end >= number);
    ends[at === -1 ? ends.length : at] = number;
  }
  return numbers.length - ends.length;
};

/**
 * A file in sections is read in the order of its lines: sorted by name or turned upside down, it has each product below another title than its own.
 * The ids tell that.
 * @throws RefusedContent when the ids of the lines do not ascend. Lines that are equal count once: a file may be pasted twice.
 */
export const refuseSorted = (rows: readonly CsvRow[], { id }: Pick<Layout, 'id'>): void => {
  if (id === null) return;
  const unique = new Map(rows.map((row) => [row.fields.join('\n'), row.fields[id].trim()]));
  const ids = [...unique.values()].filter((text) => /^\d{1,6}$/.test(text)).map(Number);
  const moved = outOfOrder(ids);
  if (moved > 1 && moved > ids.length * FEW)
    throw new RefusedContent(
      `The ids of the lines are not in their order (${moved} of ${ids.length} stand elsewhere), so the lines were sorted: nothing tells which section they belong to.`,
    );
};
