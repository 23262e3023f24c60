/** What type a column of JSON values is of: that of CSV, but that JSON says itself what is a number. */
import { WIDE_MISSING_MARKERS } from '../numbers.ts';
import type { Cell, DeclaredField } from '../table.ts';
import { type CellRules, cellRules, declaredRules, KIND, kindOf, typedValue } from '../typing.ts';
import type { JsonSort } from './flatten.ts';

export type JsonTypes = {
  /** A bit of KIND; 0 for an empty text. */
  kindOf(sort: JsonSort, text: string): number;
  /** The value in a column of that type; undefined where it is none. */
  valueOf(sort: JsonSort, text: string, field: DeclaredField, declared: boolean): Cell | undefined;
};

const INT64_DIGITS = 19;

/**
 * Text is read as cells of CSV are, and `1.234` in it may mean two things; a number of JSON has one meaning. Integers
 * beyond 2^53 stay exact: as int64, or beyond that as text.
 */
export const jsonTypes = (missing: ReadonlySet<string> = WIDE_MISSING_MARKERS): JsonTypes => {
  const texts: CellRules = cellRules({ decimal: '.', thousands: null, lone: '' }, missing);
  const numbers: CellRules = cellRules({ decimal: '.', thousands: null }, NONE);
  return {
    kindOf(sort, text) {
      if (sort === 'json') return KIND.STRING;
      if (sort === 'boolean') return KIND.BOOLEAN;
      if (sort === 'text') {
        const kind = kindOf(text, texts);
        // Nothing in JSON says in which order the dates of a column are written.
        return kind & (KIND.DAY_FIRST | KIND.MONTH_FIRST | KIND.EITHER_FIRST) ? KIND.STRING : kind;
      }
      if (/^-?\d+$/.test(text)) return text.length > INT64_DIGITS + 1 ? KIND.STRING : kindOf(text, numbers);
      const value = Number(text);
      const lost = !Number.isFinite(value) || (value === 0 && /[1-9]/.test(text.split(/e/i)[0]!));
      return lost ? KIND.STRING : KIND.DOUBLE;
    },
    valueOf(sort, text, field, declared) {
      const { type } = field;
      if (type === 'string') return text;
      if (sort === 'json') return undefined;
      if (sort === 'boolean') return type === 'boolean' ? text === 'true' : undefined;
      if (sort === 'text') return typedValue(text, type, declaredRules(texts, field), declared);
      if (type === 'double' && /[.eE]/.test(text))
        return this.kindOf(sort, text) === KIND.DOUBLE ? Number(text) + 0 : undefined;
      return typedValue(text, type, numbers, declared);
    },
  };
};

const NONE: ReadonlySet<string> = new Set();
