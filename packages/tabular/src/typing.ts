/**
 * What type a cell is of, and what a column is of whose cells are of several. The fast parsers take shortcuts to the
 * same results.
 */
import { formatDate, parseDate, parseTimestamp } from './dates.ts';
import { type NumberMarks, parseNumber, plainFigure, WIDE_MISSING_MARKERS } from './numbers.ts';
import type { Cell, ColumnType, DeclaredField } from './table.ts';
import { splitUnit } from './units.ts';
import { type DateOrder, readWrittenDate, writtenDate } from './written-dates.ts';

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
  /** `1E5` and `20-`: figures where the column has decimals, codes where it has none. */
  DOUBTFUL: 512,
  /** Beside DATE or TIMESTAMP: it can only be read with the day first, only with the month first, or in either way. */
  DAY_FIRST: 1024,
  MONTH_FIRST: 2048,
  EITHER_FIRST: 4096,
} as const;

const ORDERS = KIND.DAY_FIRST | KIND.MONTH_FIRST | KIND.EITHER_FIRST;
const ORDER_BITS: Readonly<Record<string, number>> = {
  DMY: KIND.DAY_FIRST,
  MDY: KIND.MONTH_FIRST,
  either: KIND.EITHER_FIRST,
};

/** The bit of an order that a column is read in. */
export const orderBit = (order: DateOrder | undefined): number => (order === undefined ? 0 : (ORDER_BITS[order] ?? 0));

/** The order of the dates of a column: that which its cells show, and none contradicts. */
export const orderOfKinds = (kinds: number): 'DMY' | 'MDY' | undefined => {
  const shown = kinds & (KIND.DAY_FIRST | KIND.MONTH_FIRST);
  if (shown === KIND.DAY_FIRST) return 'DMY';
  return shown === KIND.MONTH_FIRST ? 'MDY' : undefined;
};

/** Whether all values are dates, and nothing says in which order. `mixed`: some say one order, and some the other. */
export const undecidedDates = (kinds: number): 'either' | 'mixed' | undefined => {
  const { DATE, TIMESTAMP, MISSING, DAY_FIRST, MONTH_FIRST } = KIND;
  if ((kinds & ~(DATE | TIMESTAMP | MISSING | ORDERS)) !== 0 || (kinds & ORDERS) === 0) return undefined;
  if ((kinds & DAY_FIRST) !== 0 && (kinds & MONTH_FIRST) !== 0) return 'mixed';
  return orderOfKinds(kinds) === undefined ? 'either' : undefined;
};

/**
 * How cells are read: the marks of figures, and the markers (lower case) of values that are not available. `lone`: the
 * marks that are believed where they stand once, before three digits: `1.234` is a figure only when it is known which
 * one.
 */
export type CellRules = NumberMarks & {
  missing: ReadonlySet<string>;
  lone: string;
  /** The order of its dates, where it is known. `declared_order`: somebody says so, and years may have two digits. */
  order?: DateOrder;
  declared_order?: true;
  /** What all its figures are written with ({@link ./units.ts}); one without it, or with another, is none. */
  unit?: string;
};

/** Rules for the cells of a column whose marks are known; without `lone` they are believed wherever they stand. */
export const cellRules = (
  marks: NumberMarks & { lone?: string },
  missing: ReadonlySet<string> = WIDE_MISSING_MARKERS,
): CellRules => ({
  decimal: marks.decimal,
  thousands: marks.thousands,
  missing,
  lone: marks.lone ?? '.,',
});

const lonePattern = /^[+-]?[1-9]\d{0,2}([.,])\d{3}$/;

/** Rules for the cells of a column of which something is declared. */
export const declaredRules = (rules: CellRules, { format }: DeclaredField): CellRules =>
  format === undefined ? rules : { ...rules, order: format, declared_order: true };

/** Whether a figure can be read as thousands or as decimals, and nothing says which. */
export const isUndecided = (text: string, rules: CellRules): boolean => {
  const mark = lonePattern.exec(plainFigure(text.trim()))?.[1];
  return mark !== undefined && !rules.lone.includes(mark);
};

/**
 * A figure with the file's marks, or with the other decimal mark where that cannot be a thousands mark: files mix
 * `26,8` and `29.6`. `1.234` in a file with decimal commas might be either, and so is no number.
 */
const figure = (text: string, rules: CellRules): number | undefined => {
  const value = parseNumber(text, rules);
  if (value !== undefined) return value;
  const other = rules.decimal === '.' ? ',' : '.';
  if (rules.thousands === other || /^[+-]?[1-9]\d{0,2}[.,]\d{3}$/.test(text)) return undefined;
  return parseNumber(text, { decimal: other, thousands: null });
};

const exponentPattern = /^[+-]?(\d+(?:[.,]\d+)?)[eE][+-]?\d{1,3}$/;

/** A figure with an exponent. One that a double cannot hold, or would make 0, is none. */
const scientific = (text: string, rules: CellRules): number | undefined => {
  const mantissa = exponentPattern.exec(text)?.[1];
  if (mantissa === undefined) return undefined;
  const mark = /[.,]/.exec(mantissa);
  if (mark && mark[0] !== rules.decimal && mark.index !== 1) return undefined;
  const value = Number(text.replace(',', '.'));
  const lost = !Number.isFinite(value) || (value === 0 && /[1-9]/.test(mantissa));
  return lost ? undefined : value + 0;
};

/** A figure with its minus behind it, as some bookkeeping writes it. */
const trailingMinus = (text: string, rules: CellRules): number | undefined => {
  const value = /^\d.*-$/.test(text) ? figure(text.slice(0, -1).trimEnd(), rules) : undefined;
  return value === undefined ? undefined : 0 - value;
};

const wholePattern = /^[+-]?(\d+|\d{1,3}([.,\s']\d{3})+)$/;

/** A whole number, exactly. */
const whole = (text: string, rules: CellRules): bigint | undefined => {
  if (!wholePattern.test(text) || parseNumber(text, rules) === undefined) return undefined;
  const digits = text.replace(/[^\d-]/g, '');
  // Written in groups, `1.234` is whole only where the point is the thousands mark.
  if (!/^[+-]?\d+$/.test(text) && rules.thousands === null) return undefined;
  const mark = /[.,']/.exec(text)?.[0];
  return mark === undefined || mark === rules.thousands ? BigInt(digits) : undefined;
};

const padded = /^[+-]?0\d|^\+/;
const INT32_MAX = 2n ** 31n - 1n;
const INT64_MAX = 2n ** 63n - 1n;
const SAFE = BigInt(Number.MAX_SAFE_INTEGER);

/**
 * A figure in scientific notation or with its minus behind: sure of itself when it shows a decimal mark or a signed
 * exponent.
 */
const oddKind = (text: string, rules: CellRules): number => {
  const odd = scientific(text, rules) ?? trailingMinus(text, rules);
  if (odd === undefined) return 0;
  return /[.,]|[eE][+-]/.test(text) ? KIND.DOUBLE : KIND.DOUBTFUL;
};

const temporalKind = (text: string): number => {
  if (parseDate(text) !== undefined) return KIND.DATE;
  if (parseTimestamp(text) !== undefined) return KIND.TIMESTAMP;
  const written = writtenDate(text);
  if (written === undefined) return KIND.STRING;
  return (written.time ? KIND.TIMESTAMP : KIND.DATE) | (written.order === null ? 0 : ORDER_BITS[written.order]);
};

const NUMBERS = KIND.INT32 | KIND.INT53 | KIND.INT64 | KIND.DOUBLE;

/** The figure of a cell of a column whose figures have a unit; undefined for any other cell. */
const figureOf = (text: string, rules: CellRules): string | undefined => {
  const split = splitUnit(text);
  return split?.unit === rules.unit ? split?.figure : undefined;
};

const bare = (rules: CellRules): CellRules => ({ ...rules, unit: undefined });

const kindWithUnit = (text: string, rules: CellRules): number => {
  const figure = figureOf(text, rules);
  const kind = figure === undefined ? KIND.STRING : kindOf(figure, bare(rules));
  return (kind & ~NUMBERS) === 0 ? kind : KIND.STRING;
};

/**
 * The kind of a cell, as a bit of {@link KIND}; 0 when it is blank. Figures with leading zeros or a plus sign are
 * codes: text.
 */
export const kindOf = (cell: string, rules: CellRules): number => {
  const written = cell.trim();
  if (written === '') return 0;
  if (rules.missing.has(written.toLowerCase())) return KIND.MISSING;
  if (rules.unit !== undefined) return kindWithUnit(written, rules);
  if (/^(true|false)$/i.test(written)) return KIND.BOOLEAN;
  const text = plainFigure(written);
  // A year before 1000 begins with a nought too, and a column of dates holds it.
  if (padded.test(text)) return temporalKind(text);
  if (isUndecided(text, rules)) return KIND.STRING;
  const integer = whole(text, rules);
  if (integer !== undefined) {
    const size = integer < 0n ? -integer - 1n : integer;
    if (size <= INT32_MAX) return KIND.INT32;
    if ((integer < 0n ? -integer : integer) <= SAFE) return KIND.INT53;
    return size <= INT64_MAX ? KIND.INT64 : KIND.STRING;
  }
  if (figure(text, rules) !== undefined) return KIND.DOUBLE;
  const odd = oddKind(text, rules);
  return odd === 0 ? temporalKind(text) : odd;
};

/** The narrowest type that holds every kind without loss. Nothing but blanks and markers is text. */
export const typeOfKinds = (kinds: number): ColumnType => {
  const { BOOLEAN, INT32, INT53, INT64, DOUBLE, DOUBTFUL, DATE, TIMESTAMP } = KIND;
  if (undecidedDates(kinds) !== undefined) return 'string';
  const values = kinds & ~(KIND.MISSING | ORDERS);
  if (values === 0) return 'string';
  const within = (allowed: number): boolean => (values & ~allowed) === 0;
  if (within(BOOLEAN)) return 'boolean';
  if (within(INT32)) return 'int32';
  if (within(INT32 | INT53 | INT64)) return 'int64';
  if (within(INT32 | INT53 | DOUBLE | DOUBTFUL) && (values & DOUBLE) !== 0) return 'double';
  if (within(DATE)) return 'date';
  return within(DATE | TIMESTAMP) ? 'timestamp' : 'string';
};

const DAY = 86_400_000;

const temporalValue = (
  text: string,
  type: 'date' | 'timestamp',
  { order, declared_order: short }: CellRules,
  lenient: boolean,
): string | undefined => {
  if (type === 'date' && parseDate(text) !== undefined) return text;
  const time = type === 'date' ? undefined : (parseTimestamp(text) ?? (parseDate(text) ?? Number.NaN) * DAY);
  if (time !== undefined && !Number.isNaN(time)) return new Date(time).toISOString();
  const written = readWrittenDate(plainFigure(text), { order, short, lenient });
  if (written === undefined || (type === 'date' && written.ms !== null)) return undefined;
  return type === 'date' ? formatDate(written.days) : new Date(written.days * DAY + (written.ms ?? 0)).toISOString();
};

/** Whether a text is a date that can be read with the day or the month first, and nothing says which. */
export const isUndecidedDate = (text: string, { order }: CellRules): boolean =>
  order === undefined && writtenDate(plainFigure(text.trim()))?.order === 'either';

/**
 * The value of a cell in a column of that type, `undefined` when it is none. Markers of missing values are null in all
 * columns but those of text. `declared`: the type is known from a contract, so leading zeros and a plus sign say
 * nothing against it.
 */
export const typedValue = (cell: string, type: ColumnType, rules: CellRules, declared: boolean): Cell | undefined => {
  if (type === 'string') return cell;
  const text = cell.trim();
  if (text === '' || rules.missing.has(text.toLowerCase())) return null;
  if (type === 'boolean') return /^true$/i.test(text) ? true : /^false$/i.test(text) ? false : undefined;
  if (type === 'date' || type === 'timestamp') return temporalValue(text, type, rules, declared);
  const figureText = rules.unit === undefined ? text : figureOf(text, rules);
  if (figureText === undefined) return undefined;
  const plain = plainFigure(figureText);
  if ((!declared && padded.test(plain)) || isUndecided(plain, rules)) return undefined;
  const integer = whole(plain, rules);
  if (integer === undefined) {
    if (type !== 'double') return undefined;
    return figure(plain, rules) ?? scientific(plain, rules) ?? trailingMinus(plain, rules);
  }
  const size = integer < 0n ? -integer - 1n : integer;
  if (type === 'int64') return size <= INT64_MAX ? integer : undefined;
  if (type === 'int32') return size <= INT32_MAX ? Number(integer) : undefined;
  return (integer < 0n ? -integer : integer) <= SAFE ? Number(integer) : undefined;
};
