import { yearOf } from './year-cells.ts';

/** The wide shape of the files, rebuilt from a version's `header`: what a reader needs besides the long rows. */
export type WideColumn = {
  /** Name in the wide record: `1970`, and `1970_usd` for the second figure of a year. */
  key: string;
  year: number;
  /** The field of the normal form that holds the figure. */
  field: 'quantity' | 'quantity_kg' | 'value_usd';
};

/**
 * The figure columns of a file in the file's own order, each once. `kind`: `trade` files have two figures a year,
 * quantity then value. A year that the header names too often keeps its first columns (its figures are in quarantine).
 */
export const wideColumns = (header: readonly string[], kind: 'production' | 'trade'): readonly WideColumn[] => {
  const seen = new Map<string, number>();
  const columns: WideColumn[] = [];
  for (const cell of header) {
    const number = yearOf(cell);
    if (number === null) continue;
    const year = String(number);
    const nth = (seen.get(year) ?? 0) + 1;
    seen.set(year, nth);
    if (nth === 1) columns.push({ key: year, year: number, field: kind === 'trade' ? 'quantity_kg' : 'quantity' });
    if (nth === 2 && kind === 'trade') columns.push({ key: `${year}_usd`, year: number, field: 'value_usd' });
  }
  return columns;
};
