/** Values of conditions as PostgreSQL reads them from text, with its errors. */
import { daysFromCivil, isCivil, parseTimestamp } from '../dates.ts';
import type { ColumnType } from '../table.ts';
import type { Value } from './query.ts';
import { QueryError, shortened } from './query-error.ts';

/** PostgreSQL's names of the types. */
export const SQL_NAME: Record<ColumnType, string> = {
  boolean: 'boolean',
  int32: 'integer',
  int64: 'bigint',
  double: 'double precision',
  date: 'date',
  timestamp: 'timestamp with time zone',
  string: 'text',
};

const wrongSyntax = (text: string, type: ColumnType): QueryError =>
  new QueryError(
    type === 'date' || type === 'timestamp' ? '22007' : '22P02',
    `invalid input syntax for type ${SQL_NAME[type]}: "${shortened(text)}"`,
  );

const outOfRange = (text: string, type: ColumnType): QueryError => {
  if (type === 'date' || type === 'timestamp')
    return new QueryError('22008', `date/time field value out of range: "${shortened(text)}"`);
  const value = type === 'double' ? `"${shortened(text)}"` : `value "${shortened(text)}"`;
  return new QueryError('22003', `${value} is out of range for type ${SQL_NAME[type]}`);
};

const MOST_DIGITS = 400;

const parseWhole = (text: string, type: 'int32' | 'int64'): number | bigint => {
  const digits = text.trim();
  if (!/^[+-]?\d+$/.test(digits)) throw wrongSyntax(text, type);
  // BigInt reads a long text in more than linear time.
  if (digits.length > MOST_DIGITS) throw outOfRange(text, type);
  const value = BigInt(digits.replace('+', ''));
  const bits = type === 'int32' ? 32 : 64;
  if (BigInt.asIntN(bits, value) !== value) throw outOfRange(text, type);
  return type === 'int32' ? Number(value) : value;
};

const parseDouble = (text: string): number => {
  const figure = text.trim();
  if (/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(figure)) {
    const value = Number(figure);
    const lost = value === 0 && /[1-9]/.test(figure.split(/e/i)[0]!);
    if (!Number.isFinite(value) || lost) throw outOfRange(text, 'double');
    return value;
  }
  if (/^nan$/i.test(figure)) return Number.NaN;
  const infinite = /^([+-]?)inf(inity)?$/i.exec(figure);
  if (!infinite) throw wrongSyntax(text, 'double');
  return infinite[1] === '-' ? -Infinity : Infinity;
};

const WORDS: readonly (readonly [word: string, least: number, value: boolean])[] = [
  ['true', 1, true],
  ['false', 1, false],
  ['yes', 1, true],
  ['no', 1, false],
  ['on', 2, true],
  ['off', 2, false],
  ['1', 1, true],
  ['0', 1, false],
];

const parseBoolean = (text: string): boolean => {
  const asked = text.trim().toLowerCase();
  const found = WORDS.find(([word, least]) => asked.length >= least && word.startsWith(asked));
  if (!found) throw wrongSyntax(text, 'boolean');
  return found[2];
};

const MOMENT = /^(\d{4,7})-(\d{1,2})-(\d{1,2})(?:[T ](.*))?$/is;
/** The last years of PostgreSQL's dates and timestamps. */
const LAST_YEAR = { date: 5_874_897, timestamp: 294_276 };

/** Days of the date, and milliseconds from its midnight in UTC to the time of day. */
const parseMoment = (text: string, type: 'date' | 'timestamp'): { days: number; time: number } => {
  const match = MOMENT.exec(text.trim());
  if (!match) throw wrongSyntax(text, type);
  const [year, month, day] = [Number(match[1]), Number(match[2]), Number(match[3])];
  if (!isCivil(year, month, day) || year > LAST_YEAR[type] || year === 0) throw outOfRange(text, type);
  const days = daysFromCivil(year, month, day);
  if (match[4] === undefined) return { days, time: 0 };
  const fraction = /\.(\d+)/.exec(match[4]);
  const rest = match[4].replace(/\.\d+/, '').replace(/ ?([+-]\d\d)$/, '$1:00');
  const time = parseTimestamp(`1970-01-01T${rest.toUpperCase()}`);
  if (time === undefined) {
    if (/^\d\d:\d\d(:\d\d)?(Z|[+-]\d\d(:?\d\d)?)?$/i.test(rest)) throw outOfRange(text, type);
    throw wrongSyntax(text, type);
  }
  // PostgreSQL keeps microseconds; what we compare with has milliseconds.
  return { days, time: time + (fraction ? Math.round(Number(`0.${fraction[1]!.slice(0, 9)}`) * 1e6) / 1000 : 0) };
};

const parseTemporal = (text: string, type: 'date' | 'timestamp'): number => {
  const infinite = /^\s*([+-]?)infinity\s*$/i.exec(text);
  if (infinite) return infinite[1] === '-' ? -Infinity : Infinity;
  const { days, time } = parseMoment(text, type);
  return type === 'date' ? days : days * 86_400_000 + time;
};

/**
 * A value of a type: days for dates and milliseconds for timestamps, either perhaps infinite, bigint for int64.
 * Throws QueryError 22P02, 22003, 22007 or 22008.
 */
export const parseValue = (text: string, type: ColumnType): Value => {
  switch (type) {
    case 'string':
      return text;
    case 'int32':
    case 'int64':
      return parseWhole(text, type);
    case 'double':
      return parseDouble(text);
    case 'boolean':
      return parseBoolean(text);
    default:
      return parseTemporal(text, type);
  }
};
