import { BaseErrorListener, type CommonTokenStream, NoViableAltException, type Recognizer, Token } from 'antlr4ng';
import { type QueryContext, TrinoSqlParser } from 'dt-sql-parser/dist/lib/trino/TrinoSqlParser.js';
import { parseBounded, TooIntricate } from './bounded-prediction.ts';
import { refused, refusedAt, shown } from './refused-sql.ts';
import { visible } from './tokens.ts';

/** What may come next is only told when it is short enough to help. */
const MOST_EXPECTED = 5;

const GIVEN_NAMES: Readonly<Record<number, string>> = {
  [Token.EOF]: 'the end',
  [TrinoSqlParser.STRING]: 'a string',
  [TrinoSqlParser.INTEGER_VALUE]: 'a whole number',
};

const nameOf = (type: number): string =>
  GIVEN_NAMES[type] ?? TrinoSqlParser.literalNames[type] ?? TrinoSqlParser.symbolicNames[type] ?? '';

const expectedAt = (parser: TrinoSqlParser): string => {
  const types = parser.getExpectedTokens().toArray();
  return types.length > MOST_EXPECTED ? '' : ` Expected: ${types.map(nameOf).join(' or ')}.`;
};

const unexpected = (token: Token, expected: string) =>
  refusedAt(
    token,
    token.type === Token.EOF
      ? `More is expected.${expected}`
      : `${shown(token.text ?? '')} is not expected here.${expected}`,
  );

/** The first error ends it: what a parser makes of the rest is no help. */
class FirstError extends BaseErrorListener {
  override syntaxError<S extends Token>(
    recognizer: Recognizer<never>,
    token: S | null,
    _line: number,
    _column: number,
    _message: string,
    error: unknown,
  ): void {
    // Where alternatives were weighed, the parser stands before them, and what it expects there is not what was
    // missing.
    const expected = error instanceof NoViableAltException ? '' : expectedAt(recognizer as unknown as TrinoSqlParser);
    throw unexpected(token as Token, expected);
  }
}

const BEGINNINGS = new Set([TrinoSqlParser.KW_SELECT, TrinoSqlParser.KW_WITH]);

/** A query begins with SELECT or WITH, perhaps in brackets; anything else is another statement, and is named. */
const checkBeginning = (tokens: readonly Token[]): void => {
  const first = tokens.find(({ text }) => text !== '(');
  if (!first) throw refused('The query is empty. It begins with SELECT or WITH.');
  if (first === tokens[0] && !BEGINNINGS.has(first.type))
    throw refusedAt(
      first,
      `${shown((first.text ?? '').toUpperCase())} cannot be asked here: one query is taken, which begins with SELECT or WITH.`,
    );
  const [, second, third] = tokens;
  const defines =
    second?.type === TrinoSqlParser.KW_FUNCTION && third?.type !== TrinoSqlParser.KW_AS && third?.text !== '(';
  if (first.type === TrinoSqlParser.KW_WITH && defines) throw refusedAt(second, 'Functions cannot be defined here.');
};

/**
 * The tree of a text that is one query, and the steps of look-ahead that it took. Throws InvalidRequest at the first
 * token that does not fit, and for a text that would take too long.
 */
export const parseSql = (tokens: CommonTokenStream): { query: QueryContext; steps: number } => {
  const shownTokens = visible(tokens);
  checkBeginning(shownTokens);
  const parser = new TrinoSqlParser(tokens);
  parser.removeErrorListeners();
  parser.addErrorListener(new FirstError());
  try {
    const { result, steps } = parseBounded(parser, () => parser.query());
    const next = parser.getCurrentToken();
    if (next.type !== Token.EOF) throw unexpected(next, '');
    return { query: result, steps };
  } catch (error) {
    if (error instanceof TooIntricate)
      throw refused('The query is too intricate. Make its lists shorter, nest less, or ask in several queries.');
    // Recursion follows the text: a thousand NOTs, say.
    if (error instanceof RangeError)
      throw refused('The query is nested too deeply. Ask in several queries, or in a shorter one.');
    throw error;
  }
};
