import type { Token } from 'antlr4ng';
import { TrinoSqlLexer } from 'dt-sql-parser/dist/lib/trino/TrinoSqlLexer.js';
import { MOST_BYTES } from './limits.ts';
import { literalOf, type ParameterValue } from './literal.ts';
import type { Parameters } from './read-parameters.ts';
import { refused, refusedAt, refusedParameter, shown } from './refused-sql.ts';
import { checkText } from './tokens.ts';

/** A piece of the text that becomes a literal: `[start, end)` in characters (code points), as tokens count them. */
type Use = { name: string; start: number; end: number; at: Token };

const NAME = /^[a-z_][a-z0-9_]*$/i;

/**
 * Where `:name` stands: a colon and a word that follows at once. Strings and quoted names are tokens of their own, so
 * none is found within them.
 */
const usesOf = (tokens: readonly Token[]): Use[] =>
  tokens.flatMap((token, index) => {
    const next = tokens[index + 1];
    const name = next?.text ?? '';
    if (token.text !== ':' || !next || next.start !== token.stop + 1 || !NAME.test(name)) return [];
    return [{ name, start: token.start, end: next.stop + 1, at: token }];
  });

const known = (parameters: Parameters): string => {
  const names = Object.keys(parameters);
  if (names.length === 0) return 'no parameters are given';
  return `given ${names.length === 1 ? 'is' : 'are'} ${names.slice(0, 20).map(shown).join(', ')}${names.length > 20 ? ', …' : ''}`;
};

const checkValues = (parameters: Parameters): void => {
  for (const [name, value] of Object.entries(parameters)) {
    if (typeof value === 'number' && !Number.isFinite(value))
      throw refusedParameter(name, `The parameter ${shown(name)} is no finite number; nan() and infinity() say those.`);
    if (typeof value === 'string') checkText(value, `The parameter ${shown(name)}`);
  }
};

const checkUses = (uses: readonly Use[], parameters: Parameters): void => {
  for (const { name, at } of uses)
    if (!Object.hasOwn(parameters, name))
      throw refusedAt(at, `There is no parameter ${shown(name)}; ${known(parameters)}.`);
  const used = new Set(uses.map(({ name }) => name));
  const [unused] = Object.keys(parameters).filter((name) => !used.has(name));
  if (unused === undefined) return;
  const there = used.size === 0 ? 'it has no parameters' : `it has ${[...used].map((name) => `:${name}`).join(', ')}`;
  throw refusedParameter(unused, `The parameter ${shown(unused)} is given, and the query does not use it: ${there}.`);
};

/**
 * Writes the parameters into the text as literals, each with a space before and after it, so that it joins with
 * nothing. Gives the text and, for each token that the grammar will see in it, the token of the asked text from which
 * it comes: {@link placeTokens} proves by it that nothing but literals came in. Throws InvalidRequest for parameters
 * that are missing, unused or cannot be written.
 */
export const writeParameters = (
  sql: string,
  tokens: readonly Token[],
  parameters: Parameters,
): { sql: string; origins: readonly ParameterOrigin[] } => {
  checkValues(parameters);
  const uses = usesOf(tokens);
  checkUses(uses, parameters);
  const characters = [...sql];
  const literals = new Map(Object.entries(parameters).map(([name, value]) => [name, literalOf(value)]));
  // Counted before anything is put together: a long value at each of thousands of places would be gigabytes.
  const bytes = uses.reduce((sum, { name }) => sum + Buffer.byteLength(literals.get(name) ?? ''), 0);
  if (bytes > MOST_BYTES) throw tooLong();
  const pieces: string[] = [];
  let end = 0;
  for (const use of uses) {
    pieces.push(characters.slice(end, use.start).join(''), ` ${literals.get(use.name)} `);
    end = use.end;
  }
  pieces.push(characters.slice(end).join(''));
  const written = pieces.join('');
  if (Buffer.byteLength(written) > MOST_BYTES) throw tooLong();
  const starts = new Map(uses.map((use) => [use.at.start, parameters[use.name]]));
  const origins: ParameterOrigin[] = [];
  for (let index = 0; index < tokens.length; index++) {
    const at = tokens[index];
    if (!starts.has(at.start)) origins.push({ at, type: at.type });
    else {
      for (const type of tokenTypes(starts.get(at.start) as ParameterValue)) origins.push({ at, type });
      // The name's own token.
      index++;
    }
  }
  return { sql: written, origins };
};

const tooLong = () =>
  refused(`The query with its parameters has more than ${MOST_BYTES} bytes, and the engine takes no more.`);

/** `type`: of the token that is to be; undefined for the signs around a negative number. */
export type ParameterOrigin = { at: Token; type: number | undefined };

const tokenTypes = (value: ParameterValue): (number | undefined)[] => {
  if (value === null) return [TrinoSqlLexer.KW_NULL];
  if (typeof value === 'string') return [TrinoSqlLexer.STRING];
  if (typeof value === 'boolean') return [value ? TrinoSqlLexer.KW_TRUE : TrinoSqlLexer.KW_FALSE];
  const type = Number.isSafeInteger(value) ? TrinoSqlLexer.INTEGER_VALUE : TrinoSqlLexer.DOUBLE_VALUE;
  return value < 0 ? [undefined, TrinoSqlLexer.MINUS, type, undefined] : [type];
};

/**
 * Sees to it that the written text has the tokens of the asked one with a literal for each parameter, and nothing else,
 * and gives them the places of the asked text: those are what messages name.
 */
export const placeTokens = (written: readonly Token[], origins: readonly ParameterOrigin[]): void => {
  const same =
    written.length === origins.length &&
    written.every(({ type }, index) => origins[index].type === undefined || origins[index].type === type);
  if (!same) throw refused('The parameters cannot be written into this query. Put spaces around them.');
  written.forEach((token, index) => {
    token.line = origins[index].at.line;
    token.column = origins[index].at.column;
  });
};
