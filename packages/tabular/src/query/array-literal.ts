/** What stands between `{` and `}`, as PostgreSQL reads an array of one dimension. */
import { QueryError, shortened, tooMuch } from './query-error.ts';

/** Blanks of PostgreSQL's array_in. */
const BLANKS = /[ \t\n\r\v\f]*/y;
/** A run that is no mark of the literal; blanks within an element that is not quoted count, those around it do not. */
const RUN = /[^"\\{},]+/y;

/**
 * The elements of `{a,"b, c",NULL}`, null for one that is NULL and stands neither in quotes nor escaped. Throws
 * QueryError 22P02 with PostgreSQL's details, PGRST100 for more than `most`.
 */
export const parseArrayLiteral = (text: string, most: number): (string | null)[] => {
  let at = 0;
  const malformed = (details: string): QueryError =>
    new QueryError('22P02', `malformed array literal: "${shortened(text)}"`, { details });
  const match = (pattern: RegExp): string => {
    pattern.lastIndex = at;
    const found = pattern.exec(text)?.[0] ?? '';
    at += found.length;
    return found;
  };
  const unexpected = (): QueryError =>
    malformed(at >= text.length ? 'Unexpected end of input.' : `Unexpected "${text[at]}" character.`);
  const escaped = (): string => {
    if (at + 1 >= text.length) throw malformed('Unexpected end of input.');
    at += 2;
    return text[at - 1]!;
  };

  const quoted = (): string => {
    at++;
    let value = '';
    for (;;) {
      value += match(/[^"\\]*/y);
      if (at >= text.length) throw malformed('Unexpected end of input.');
      if (text[at] === '\\') value += escaped();
      else {
        at++;
        return value;
      }
    }
  };

  const plain = (): string | null => {
    let value = '';
    /** How much of the value is not blanks at its end: an escaped blank counts. */
    let kept = 0;
    let marked = false;
    for (;;) {
      const run = match(RUN);
      value += run;
      if (run !== '') kept = Math.max(kept, value.trimEnd().length);
      if (text[at] === '"') throw malformed('Incorrectly quoted array element.');
      if (text[at] === '{' || at >= text.length) throw unexpected();
      if (text[at] !== '\\') break;
      value += escaped();
      kept = value.length;
      marked = true;
    }
    if (value === '') throw unexpected();
    const element = value.slice(0, kept);
    return !marked && element.toUpperCase() === 'NULL' ? null : element;
  };

  match(BLANKS);
  if (text[at] === '[') throw malformed('Arrays are of one dimension here, and begin with "{".');
  if (text[at] !== '{') throw malformed('Array value must start with "{" or dimension information.');
  at++;
  const elements: (string | null)[] = [];
  match(BLANKS);
  if (text[at] !== '}') {
    for (;;) {
      match(BLANKS);
      if (elements.length === most) throw tooMuch(`more than ${most} values in a list`);
      if (text[at] === '{') throw malformed('Arrays are of one dimension here.');
      if (text[at] === '"') {
        elements.push(quoted());
        match(BLANKS);
        if (text[at] !== ',' && text[at] !== '}') throw malformed('Unexpected array element.');
      } else elements.push(plain());
      if (text[at] === '}') break;
      at++;
    }
  }
  at++;
  match(BLANKS);
  if (at < text.length) throw malformed('Junk after closing right brace.');
  return elements;
};
