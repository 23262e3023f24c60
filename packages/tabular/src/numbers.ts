/** Figures as people write them, read strictly: what is not surely a number is not one. */
import type { Dialect } from './table.ts';

export type NumberMarks = Pick<Dialect, 'decimal' | 'thousands'>;

const MARKS: Readonly<Record<string, string>> = {
  '.': '\\.',
  ' ': '[ \\u00a0\\u202f\\u2009\\u2007]',
  "'": "['\\u2019]",
};
const inPattern = (mark: string): string => MARKS[mark] ?? mark;
const patterns = new Map<string, RegExp>();

const patternOf = ({ decimal, thousands }: NumberMarks): RegExp => {
  const key = decimal + (thousands ?? '');
  let pattern = patterns.get(key);
  if (!pattern) {
    const grouped = thousands === null ? '' : `|[1-9]\\d{0,2}(?:${inPattern(thousands)}\\d{3})+`;
    pattern = new RegExp(`^[+\\u2212-]?(\\d+${grouped})(?:${inPattern(decimal)}(\\d+))?$`);
    patterns.set(key, pattern);
  }
  return pattern;
};

const FULL_WIDTH = /[\uff0b-\uff0e\uff10-\uff19]/g;

/**
 * The same figure in the signs of ASCII: blanks of any width as U+0020, the true minus as `-`, the typographic
 * apostrophe as `'`, digits of full width as those of half. Any other text is left alone, but for what of it is such a
 * sign.
 */
export const plainFigure = (text: string): string => {
  if (!/[^!-~]/.test(text)) return text;
  return text
    .replace(FULL_WIDTH, (sign) => String.fromCharCode(sign.charCodeAt(0) - 0xfee0))
    .replace(/[\u00a0\u202f\u2009\u2007]/g, ' ')
    .replace(/\u2019/g, "'")
    .replace(/^\u2212/, '-')
    .replace(/(?<=[eE])\u2212/, '-');
};

/**
 * Reads a decimal figure; `undefined` when the text is none. White space around it is ignored. Thousands marks are
 * accepted in groups of three only, exponents, hexadecimals, `Infinity`, `5.` and `.5` not at all. Integers beyond 2^53
 * come back rounded.
 */
export const parseNumber = (text: string, marks: NumberMarks): number | undefined => {
  const trimmed = text.trim();
  const match = patternOf(marks).exec(trimmed);
  if (!match) return undefined;
  const whole = match[1].length > 3 ? match[1].replace(/\D/g, '') : match[1];
  const value = Number(match[2] === undefined ? whole : `${whole}.${match[2]}`);
  if (!Number.isFinite(value)) return undefined;
  return trimmed[0] === '-' || trimmed[0] === '\u2212' ? 0 - value : value;
};

/** Markers of a figure that is not available, as statistical offices write them; the empty text is a blank cell. */
export const MISSING_MARKERS: ReadonlySet<string> = new Set(['', 'nd', '*', '+', '-']);

/** The same and the words that other exports put there. */
export const WIDE_MISSING_MARKERS: ReadonlySet<string> = new Set([
  ...MISSING_MARKERS,
  ...['na', 'n/a', '#n/a', 'n.a.', 'n.d.', 'nan', 'null', 'none', 'nil', '..', '...', '--', '…', '–', '—', '\u2212'],
]);

const LONGEST_MARKER = Math.max(...[...MISSING_MARKERS].map(({ length }) => length));
const isVisible = (code: number): boolean => code > 32 && code < 127;

/** Whether a cell says that there is no value. Case and white space around it do not matter. */
export const isMissing = (text: string, markers: ReadonlySet<string> = MISSING_MARKERS): boolean => {
  // Most cells are longer than any marker and have no white space around them: no copy is made of those.
  const isLong = markers === MISSING_MARKERS && text.length > LONGEST_MARKER;
  if (isLong && isVisible(text.charCodeAt(0)) && isVisible(text.charCodeAt(text.length - 1))) return false;
  return markers.has(text.trim().toLowerCase());
};
