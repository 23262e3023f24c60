import { CharStreams, CommonTokenStream, Token } from 'antlr4ng';
import { TrinoSqlLexer } from 'dt-sql-parser/dist/lib/trino/TrinoSqlLexer.js';
import { DEEPEST } from './limits.ts';
import { refused, refusedAt, shown } from './refused-sql.ts';

const L = TrinoSqlLexer;

/** The tokens of a text, white space and comments among them (on a channel of their own). */
export const lex = (sql: string): CommonTokenStream => {
  const lexer = new TrinoSqlLexer(CharStreams.fromString(sql));
  // Every character is a token: there is nothing to report.
  lexer.removeErrorListeners();
  const tokens = new CommonTokenStream(lexer);
  tokens.fill();
  return tokens;
};

/** The tokens that the grammar sees, but for the end. */
export const visible = (tokens: CommonTokenStream): Token[] =>
  tokens.getTokens().filter(({ channel, type }) => channel === Token.DEFAULT_CHANNEL && type !== Token.EOF);

/** Those that no query has here, and the way out. */
const UNFIT: Readonly<Record<number, string>> = {
  [L.LINE_COMMENT]: 'Leave the comment out (two minuses begin one: write - (-1)).',
  [L.BRACKETED_COMMENT]: 'Leave the comment out.',
  [L.SEMICOLON]: 'Leave the semicolon out: one query is taken.',
  [L.BACKQUOTED_IDENTIFIER]: 'Names are quoted by "double quotes".',
  [L.DIGIT_IDENTIFIER]: 'A name that begins with a digit is quoted by "double quotes".',
  [L.QUESTION_MARK]: 'Parameters have names here: write :name.',
};

/** Of characters that begin no token of Trino. */
const unknownCharacter = (text: string): string => {
  if (text === "'") return 'The string that begins here is not closed.';
  if (text === '"') return 'The name that begins here is not closed.';
  if (text === '`') return 'Names are quoted by "double quotes".';
  return `The character ${shown(text)} (U+${text.codePointAt(0)?.toString(16).toUpperCase().padStart(4, '0')}) is not taken outside of strings and "quoted names".`;
};

/** Of row patterns, which are not taken; DuckDB reads a `$` in other ways. */
const PATTERN_SIGNS = new Set(['$', '^', '|', '{', '}', '{-', '-}']);

/** Between tokens; others that look like it are not everybody's. */
const WHITE_SPACE = /^[ \t\r\n]+$/;

/** Throws InvalidRequest for a text that cannot be written down, or holds a token that no query has here. */
export const checkTokens = (tokens: CommonTokenStream): void => {
  for (const token of tokens.getTokens()) {
    const text = token.text ?? '';
    if (token.channel !== Token.DEFAULT_CHANNEL && !(token.type in UNFIT) && !WHITE_SPACE.test(text))
      throw refusedAt(token, unknownCharacter(text));
    const unfit = UNFIT[token.type];
    if (unfit !== undefined) throw refusedAt(token, unfit);
    if (token.type === L.UNRECOGNIZED || PATTERN_SIGNS.has(text)) throw refusedAt(token, unknownCharacter(text));
    if (token.type === L.QUOTED_IDENTIFIER && text.startsWith('"$'))
      throw refusedAt(token, `There is no column ${text.slice(0, 64)}: names that begin with $ are the engine's own.`);
    // Others than Trino read `0x1f` as 0, called x1f.
    if (token.type === L.INTEGER_VALUE && /^0[xob]/i.test(text))
      throw refusedAt(token, `Numbers are written in decimal digits: ${shown(text)} is not.`);
    if (token.type === L.BINARY_LITERAL && !/^x'[0-9a-f\s]*'$/i.test(text))
      throw refusedAt(token, 'A binary literal has hexadecimal digits only.');
  }
  checkNesting(visible(tokens));
};

const CLOSING: Readonly<Record<string, string>> = { '(': ')', '[': ']', CASE: 'END' };
const CLOSERS = new Set(Object.values(CLOSING));

/** Every bracket (and CASE) is closed by its own, and no more than {@link DEEPEST} are open at once. */
const checkNesting = (tokens: readonly Token[]): void => {
  const open: Token[] = [];
  for (const token of tokens) {
    const text = wordOf(token);
    if (Object.hasOwn(CLOSING, text)) {
      if (open.push(token) > DEEPEST)
        throw refusedAt(token, `Brackets are nested ${DEEPEST} deep at most. WITH names a subquery and takes it out.`);
    } else if (CLOSERS.has(text)) {
      const opened = open.pop();
      if (!opened) throw refusedAt(token, `${shown(token.text ?? '')} closes nothing.`);
      if (CLOSING[wordOf(opened)] !== text)
        throw refusedAt(token, `${shown(token.text ?? '')} stands where ${shown(opened.text ?? '')} is still open.`);
    }
  }
  const last = open.pop();
  if (last) throw refusedAt(last, `${shown(last.text ?? '')} is not closed.`);
};

/** With its quotes, where it has some: a quoted word is no bracket. */
const wordOf = (token: Token): string => (token.text ?? '').toUpperCase();

/** Throws InvalidRequest for characters that are no text: they would be read differently by each who reads them. */
export const checkText = (text: string, name: string): void => {
  if (text.includes('\0')) throw refused(`${name} holds the character U+0000, which is not taken.`);
  if (!text.isWellFormed()) throw refused(`${name} holds half of a character (a lone surrogate).`);
};
