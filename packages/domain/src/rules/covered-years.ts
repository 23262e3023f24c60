import type { ColumnProfile } from '@granary/tabular/profile/profile-column';

/** First and last year. */
export type Years = { first: number; last: number };

/** Columns that every row has of us. */
const OWN: ReadonlySet<string> = new Set(['processing_date']);

/**
 * The years that a table is about: those that its columns of years hold, or else its columns of dates. Undefined where
 * it has neither, or where such a column goes beyond years of four digits, as a date that stands for "for ever" does.
 */
export const coveredYears = (columns: readonly ColumnProfile[]): Years | undefined =>
  spanOf(columns.filter(({ format }) => format === 'year')) ??
  spanOf(columns.filter(({ name, type }) => (type === 'date' || type === 'timestamp') && !OWN.has(name)));

const spanOf = (columns: readonly ColumnProfile[]): Years | undefined => {
  const known = columns.filter(({ min, max }) => min !== null && max !== null);
  if (known.length === 0) return undefined;
  const first = Math.min(...known.map(({ min }) => yearOf(min)));
  const last = Math.max(...known.map(({ max }) => yearOf(max)));
  return first >= 1000 && last <= 2999 ? { first, last } : undefined;
};

/** NaN, which fits no span, of what begins with no year. */
const yearOf = (value: ColumnProfile['min']): number => Number(/^\d{4}(?!\d)/.exec(String(value))?.[0]);
