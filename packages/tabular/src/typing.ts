/** What type a cell is of, and what a column is of whose cells are of several. The fast parsers take shortcuts to the same results. */
import { parseDate, parseTimestamp } from './dates.ts';
import { type NumberMarks, parseNumber, WIDE_MISSING_MARKERS } from './numbers.ts';
import type { Cell, ColumnType } from './table.ts';

/** Bits of the kinds of cells that a column has; a blank cell has none. */
export const KIND = {
  MISSING: 1,
  BOOLEAN: 2,
  INT32: 4,
  /** Exact in a double. */
  INT53: 8,
  INT64: 16,
  DOUBLE: 32,
  DATE: 64,
  TIMESTAMP: 128,
  STRING: 256,
} as const;

/** How cells are read: the marks of figures, and the markers (lower case) of values that are not available. */
export type CellRules = NumberMarks & { missing: ReadonlySet<string> };

export const cellRules = (marks: NumberMarks, missing: ReadonlySet<string> = WIDE_MISSING_MARKERS): CellRules => ({
  decimal: marks.decimal,
  thousands: marks.thousands,
  missing,
});

/**
 * A figure with the file's marks, or with the other decimal mark where that cannot be a thousands mark: files mix `26,8` and `29.6`.
 * `1.234` in a file with decimal commas might be either, and so is no number.
 */
const figure = (text: string, rules: CellRules): number | undefined => {
  const value = parseNumber(text, rules);
  if (value !== undefined) return value;
  const other = rules.decimal === '.' ? ',' : '.';
  if (rules.thousands === other || /^[+-]?[1-9]\d{0,2}[.,]\d{3}$/.test(text)) return undefined;
  return parseNumber(text, { decimal: other, thousands: null });
};

const wholePattern = /^[+-]?(\d+|\d{1,3}([.,\s]\d{3})+)$/;

/** A whole number, exactly. */
const whole = (text: string, rules: CellRules): bigint | undefined => {
  if (!wholePattern.test(text) || parseNumber(text, rules) === undefined) return undefined;
  const digits = text.replace(/[^\d-]/g, '');
  // Written in groups, `1.234` is whole only where the point is the thousands mark.
  if (!/^[+-]?\d+$/.test(text) && rules.thousands === null) return undefined;
  const mark = /[.,]/.exec(text)?.[0];
  return mark === undefined || mark === rules.thousands ? BigInt(digits) : undefined;
};

const padded = /^[+-]?0\d|^\+/;
const INT32_MAX = 2n ** 31n - 1n;
const INT64_MAX = 2n ** 63n - 1n;
const SAFE = BigInt(Number.MAX_SAFE_INTEGER);

/** The kind of a cell, as a bit of {@link KIND}; 0 when it is blank. Figures with leading zeros or a plus sign are codes: text. */
export const kindOf = (cell: string, rules: CellRules): number => {
  const text = cell.trim();
  if (text === '') return 0;
  if (rules.missing.has(text.toLowerCase())) return KIND.MISSING;
  if (/^(true|false)$/i.test(text)) return KIND.BOOLEAN;
  if (padded.test(text)) return KIND.STRING;
  const integer = whole(text, rules);
  if (integer !== undefined) {
    const size = integer < 0n ? -integer - 1n : integer;
    if (size <= INT32_MAX) return KIND.INT32;
    if ((integer < 0n ? -integer : integer) <= SAFE) return KIND.INT53;
    return size <= INT64_MAX ? KIND.INT64 : KIND.STRING;
  }
  if (figure(text, rules) !== undefined) return KIND.DOUBLE;
  if (parseDate(text) !== undefined) return KIND.DATE;
  return parseTimestamp(text) === undefined ? KIND.STRING : KIND.TIMESTAMP;
};

/** The narrowest type that holds every kind without loss. Nothing but blanks and markers is text. */
export const typeOfKinds = (kinds: number): ColumnType => {
  const { BOOLEAN, INT32, INT53, INT64, DOUBLE, DATE, TIMESTAMP } = KIND;
  const values = kinds & ~KIND.MISSING;
  if (values === 0) return 'string';
  const within = (allowed: number): boolean => (values & ~allowed) === 0;
  if (within(BOOLEAN)) return 'boolean';
  if (within(INT32)) return 'int32';
  if (within(INT32 | INT53 | INT64)) return 'int64';
  if (within(INT32 | INT53 | DOUBLE)) return 'double';
  if (within(DATE)) return 'date';
  return within(DATE | TIMESTAMP) ? 'timestamp' : 'string';
};

/**
 * The value of a cell in a column of that type, `undefined` when it is none. Markers of missing values are null in all columns
 * but those of text. `declared`: the type is known from a contract, so leading zeros and a plus sign say nothing against it.
 */
export const typedValue = (cell: string, type: ColumnType, rules: CellRules, declared: boolean): Cell | undefined => {
  if (type === 'string') return cell;
  const text = cell.trim();
  if (text === '' || rules.missing.has(text.toLowerCase())) return null;
  if (type === 'boolean') return /^true$/i.test(text) ? true : /^false$/i.test(text) ? false : undefined;
  if (type === 'date') return parseDate(text) === undefined ? undefined : text;
  if (type === 'timestamp') {
    const time = parseTimestamp(text) ?? (parseDate(text) ?? Number.NaN) * 86_400_000;
    return Number.isNaN(time) ? undefined : new Date(time).toISOString();
  }
  if (!declared && padded.test(text)) return undefined;
  const integer = whole(text, rules);
  if (integer === undefined) return type === 'double' ? figure(text, rules) : undefined;
  const size = integer < 0n ? -integer - 1n : integer;
  if (type === 'int64') return size <= INT64_MAX ? integer : undefined;
  if (type === 'int32') return size <= INT32_MAX ? Number(integer) : undefined;
  return (integer < 0n ? -integer : integer) <= SAFE ? Number(integer) : undefined;
};
