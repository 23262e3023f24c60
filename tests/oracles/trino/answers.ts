import { readFileSync } from 'node:fs';
import { join } from 'node:path';

type Row = readonly (string | null)[];
/** What an engine makes of a statement: its columns and rows, each value as Athena writes it, or why it refuses it. */
export type Answer = { columns: readonly { name: string; type: string }[]; rows: readonly Row[] } | { error: string };

/** An answer that Trino gave, as {@link ./answers.jsonl} keeps it. */
export type Golden = { sql: string } & (
  | { columns: readonly { name: string; type: string }[]; rows: readonly Row[] }
  | { error: string; message: string }
);

const read = (name: string): string[] =>
  readFileSync(join(import.meta.dirname, name), 'utf8')
    .trimEnd()
    .split('\n');

/** The statements of corpus.sql, one a line. */
export const readCorpus = (): string[] => read('corpus.sql').filter((line) => line !== '' && !line.startsWith('-- '));

export const readGolden = (): Golden[] => read('answers.jsonl').map((line) => JSON.parse(line) as Golden);

/** Statements that are answered otherwise on purpose, by the reason, which stands in docs/sql.md. */
export const readDifferences = (): ReadonlyMap<string, string> => {
  const byReason = JSON.parse(read('differences.json').join('\n')) as Record<string, readonly string[]>;
  return new Map(Object.entries(byReason).flatMap(([reason, all]) => all.map((sql) => [sql, reason] as const)));
};

/**
 * Without the digits of texts, decimals and times, which Athena does not tell of a column, and without what is in an
 * array.
 */
const plainType = (type: string): string => {
  const word = type.replace(/ ?\(.*?\)(?= with time zone$)/, '').replace(/\(.*$/, '');
  return { float: 'real', string: 'varchar' }[word] ?? word;
};

const NUMBERS = new Set(['real', 'double', 'decimal']);
const isNear = (a: number, b: number): boolean => Object.is(a, b) || a === b || Math.abs(a - b) <= 1e-12 * Math.abs(b);

const isSameValue = (type: string, found: string | null, expected: string | null): boolean => {
  if (found === null || expected === null) return found === expected;
  if (NUMBERS.has(type)) return isNear(Number(found), Number(expected));
  if (!type.startsWith('time')) return found === expected;
  // 12:00:00 and 12:00:00.000 are one time.
  const short = (text: string) => text.replace(/(:\d\d)\.0+(?!\d)/, '$1');
  return short(found) === short(expected);
};

const isOrdered = (sql: string): boolean => /\bORDER BY [^()]*(\([^()]*\)[^()]*)*$/i.test(sql);
const sorted = (rows: readonly Row[]): Row[] =>
  [...rows].sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));

/** What is different between an answer and Trino's: undefined where nothing is. */
export const differenceOf = (golden: Golden, found: Answer): string | undefined => {
  if ('error' in golden) return 'error' in found ? undefined : `answered, and Trino says ${golden.error}`;
  if ('error' in found) return `refused: ${found.error}`;
  const types = golden.columns.map(({ type }) => plainType(type));
  const foundTypes = found.columns.map(({ type }) => plainType(type));
  const [expectedTypes, otherTypes] = [types.join(', '), foundTypes.join(', ')];
  if (expectedTypes !== otherTypes) return `types ${otherTypes}, and Trino's are ${expectedTypes}`;
  const [expected, rows] = isOrdered(golden.sql)
    ? [golden.rows, found.rows]
    : [sorted(golden.rows), sorted(found.rows)];
  const isSame =
    expected.length === rows.length &&
    expected.every((row, y) => row.every((value, x) => isSameValue(types[x], rows[y][x], value)));
  return isSame ? undefined : `values ${JSON.stringify(rows)}, and Trino's are ${JSON.stringify(expected)}`;
};
