/** What PostgREST and PostgreSQL answer to a query that cannot be run, in their codes and words. */

/**
 * A query that is at fault itself. `code` is PostgREST's (`PGRST100`) or PostgreSQL's SQLSTATE (`42703`, `22P02`, …);
 * `details` and `hint` are theirs too, null where they say nothing.
 */
export class QueryError extends Error {
  override readonly name = 'QueryError';
  readonly status: 400 | 406 | 416;
  readonly code: string;
  readonly details: string | null;
  readonly hint: string | null;

  constructor(
    code: string,
    message: string,
    more: { status?: 400 | 406 | 416; details?: string | null; hint?: string | null } = {},
  ) {
    super(message);
    this.code = code;
    this.status = more.status ?? 400;
    this.details = more.details ?? null;
    this.hint = more.hint ?? null;
  }
}

/** As much of a text as an error may repeat. */
export const shortened = (text: string): string => (text.length > 200 ? `${text.slice(0, 200)}…` : text);

/** PGRST100: a parameter that cannot be read. `column` is where, from 1; `details` what is wrong there. */
export const syntaxError = (what: string, text: string, column: number, details: string): QueryError =>
  new QueryError('PGRST100', `"failed to parse ${what} (${shortened(text)})" (line 1, column ${column})`, { details });

/** PGRST100: a query that is well formed and too big. The bounds are ours, PostgREST has none. */
export const tooMuch = (details: string): QueryError =>
  new QueryError('PGRST100', 'the query is too big', { details, hint: 'Ask for less at once, in several requests.' });

/** 42703: a column that the table does not have; the hint names those that there are. */
export const unknownColumn = (name: string, known: readonly string[]): QueryError => {
  const near = known.find((other) => isNear(name, other));
  const all = `The columns are ${shortenedList(known)}.`;
  return new QueryError('42703', `column ${shortened(name)} does not exist`, {
    hint: near === undefined ? all : `Perhaps you meant to reference the column "${near}". ${all}`,
  });
};

const shortenedList = (names: readonly string[]): string =>
  names.length > 200 ? `${names.slice(0, 200).join(', ')} and ${names.length - 200} more` : names.join(', ');

/** Equal but for case, blanks and marks, or but for one letter. */
const isNear = (asked: string, known: string): boolean => {
  if (asked.length > 128) return false;
  const plain = asked.toLowerCase().replace(/[^a-z0-9]+/g, '_');
  if (plain === known) return true;
  const [shorter, longer] = plain.length <= known.length ? [plain, known] : [known, plain];
  if (longer.length - shorter.length > 1) return false;
  let same = 0;
  while (same < shorter.length && shorter[same] === longer[same]) same++;
  const rest = shorter.slice(shorter.length === longer.length ? same + 1 : same);
  return same > 0 && longer.slice(same + 1) === rest;
};
