/**
 * LIKE without backtracking over the whole pattern: the pieces between `%` are looked for one after the other, each at
 * its first place, so that `%a%a%a%a%b` costs no more than reading the text.
 */
import { foldCase } from './fold-case.ts';
import { QueryError } from './query-error.ts';

/**
 * A piece of a pattern: characters, null for any one. `text` when there is no such null, to be looked for by the
 * engine.
 */
type Piece = { parts: readonly (string | null)[]; text: string | null };

const piecesOf = (pattern: string): Piece[] => {
  const pieces: (string | null)[][] = [[]];
  const characters = pattern[Symbol.iterator]();
  for (const character of characters) {
    const last = pieces[pieces.length - 1]!;
    if (character === '%') pieces.push([]);
    else if (character === '_') last.push(null);
    else if (character === '\\') {
      const next = characters.next();
      if (next.done) throw new QueryError('22025', 'LIKE pattern must not end with escape character');
      last.push(next.value);
    } else last.push(character);
  }
  return pieces.map((parts) => ({ parts, text: parts.includes(null) ? null : parts.join('') }));
};

/** The end of a piece that begins at `at`; -1 when it does not. */
const endAt = (text: string, at: number, { parts, text: whole }: Piece): number => {
  if (whole !== null) return text.startsWith(whole, at) ? at + whole.length : -1;
  let to = at;
  for (const part of parts) {
    if (part !== null) {
      if (!text.startsWith(part, to)) return -1;
      to += part.length;
    } else {
      if (to >= text.length) return -1;
      to += text.codePointAt(to)! > 0xffff ? 2 : 1;
    }
  }
  return to;
};

const isSecondHalf = (text: string, at: number): boolean => {
  const code = text.charCodeAt(at);
  return code >= 0xdc00 && code <= 0xdfff && at > 0;
};

/** The end of the first place at or after `from` where the piece is; -1 when there is none. */
const endOfFirst = (text: string, from: number, piece: Piece): number => {
  if (piece.text !== null) {
    const at = text.indexOf(piece.text, from);
    return at === -1 ? -1 : at + piece.text.length;
  }
  const last = text.length - piece.parts.length;
  for (let at = from; at <= last; at++) {
    if (isSecondHalf(text, at)) continue;
    const end = endAt(text, at, piece);
    if (end !== -1) return end;
  }
  return -1;
};

/** Whether the piece stands at the very end, not before `from`. */
const isAtEnd = (text: string, from: number, piece: Piece): boolean => {
  if (piece.text !== null) return text.length - piece.text.length >= from && text.endsWith(piece.text);
  let start = text.length;
  for (let left = piece.parts.length; left > 0; left--) {
    start--;
    if (start < from) return false;
    if (isSecondHalf(text, start)) start--;
  }
  return start >= from && endAt(text, start, piece) === text.length;
};

/** Tests texts by a pattern with `%`, `_` and `\`. Throws QueryError 22025 for a pattern that ends in its escape. */
export const likeMatcher = (pattern: string, ignoreCase: boolean): ((text: string) => boolean) => {
  const pieces = piecesOf(ignoreCase ? foldCase(pattern) : pattern);
  const [first, ...others] = pieces as [Piece, ...Piece[]];
  const last = others.pop();
  const needed = others.filter(({ parts }) => parts.length > 0);
  const matches = (text: string): boolean => {
    let at = endAt(text, 0, first);
    if (at === -1) return false;
    if (!last) return at === text.length;
    for (const piece of needed) {
      at = endOfFirst(text, at, piece);
      if (at === -1) return false;
    }
    return isAtEnd(text, at, last);
  };
  return ignoreCase ? (text) => matches(foldCase(text)) : matches;
};

/**
 * Nanoseconds, roughly, on a text of some dozen characters: a piece with `_` in it is tried at each of them, part by
 * part.
 */
export const likeWork = (pattern: string): number =>
  30 + 10 * Math.max(0, ...piecesOf(pattern).map(({ parts, text }) => (text === null ? parts.length : 0)));

/** The characters that every match begins with. */
export const likePrefix = (pattern: string): string => {
  const { parts } = piecesOf(pattern)[0]!;
  const end = parts.indexOf(null);
  return (end === -1 ? parts : parts.slice(0, end)).join('');
};

/** Whether the pattern is one text and nothing else. */
export const isPlain = (pattern: string): boolean => {
  const pieces = piecesOf(pattern);
  return pieces.length === 1 && pieces[0]!.text !== null;
};
