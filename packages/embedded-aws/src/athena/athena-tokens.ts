/** A piece of SQL: a word, a name in quotes, a text, a number, a sign, or what stands between. */
export type Token = { kind: 'word' | 'name' | 'text' | 'number' | 'sign' | 'blank'; text: string };

const KINDS: readonly (readonly [Token['kind'], RegExp])[] = [
  ['blank', /\s+|--[^\n]*|\/\*[\s\S]*?\*\//y],
  ['text', /(?:[xX]|U&)?'(?:[^']|'')*'/y],
  ['name', /"(?:[^"]|"")*"/y],
  ['number', /(?:\d[\d_]*(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?/y],
  ['word', /[\p{L}_][\p{L}\p{N}_$@]*/uy],
  ['sign', /->|<>|<=|>=|!=|\|\||=>|[\s\S]/y],
];

/** Every character of a text is in one token. */
export const tokensOf = (sql: string): Token[] => {
  const tokens: Token[] = [];
  for (let at = 0; at < sql.length; ) {
    for (const [kind, pattern] of KINDS) {
      pattern.lastIndex = at;
      const found = pattern.exec(sql)?.[0];
      if (found === undefined) continue;
      tokens.push({ kind, text: found });
      at += found.length;
      break;
    }
  }
  return tokens;
};

export const textOf = (tokens: readonly Token[]): string => tokens.map(({ text }) => text).join('');

/** The tokens but for blanks, with where they stand among all. */
export const shownOf = (tokens: readonly Token[]): { token: Token; at: number }[] =>
  tokens.flatMap((token, at) => (token.kind === 'blank' ? [] : [{ token, at }]));

const OPEN = new Set(['(', '[']);
const CLOSE = new Set([')', ']']);

/** Where the bracket that opens at `from` is closed; undefined where it is not. */
export const closingOf = (tokens: readonly Token[], from: number): number | undefined => {
  let depth = 0;
  for (let at = from; at < tokens.length; at++) {
    if (tokens[at]!.kind !== 'sign') continue;
    if (OPEN.has(tokens[at]!.text)) depth++;
    if (CLOSE.has(tokens[at]!.text) && --depth === 0) return at;
  }
  return undefined;
};

/** The pieces between the commas that stand in no brackets of their own. */
export const splitAt = (tokens: readonly Token[], comma = ','): Token[][] => {
  const parts: Token[][] = [[]];
  let depth = 0;
  for (const token of tokens) {
    if (token.kind === 'sign' && OPEN.has(token.text)) depth++;
    if (token.kind === 'sign' && CLOSE.has(token.text)) depth--;
    if (token.kind === 'sign' && token.text === comma && depth === 0) parts.push([]);
    else parts.at(-1)!.push(token);
  }
  return parts;
};

/** The place of the next token that is not blank, from `from` in steps. */
export const next = (tokens: readonly Token[], from: number, step = 1): number => {
  let at = from + step;
  while (tokens[at]?.kind === 'blank') at += step;
  return at;
};
export const isWord = (token: Token | undefined, ...words: readonly string[]): boolean =>
  token?.kind === 'word' && words.includes(token.text.toLowerCase());
export const isSign = (token: Token | undefined, sign: string): boolean =>
  token?.kind === 'sign' && token.text === sign;
export const sql = (text: string): Token[] => tokensOf(text);
export const plain = (text: string): Token => ({ kind: 'sign', text });
export const trimmed = (tokens: readonly Token[]): string => textOf(tokens).trim();

/** How many brackets are open before `end`. */
export const depthAt = (tokens: readonly Token[], end: number): number => {
  let depth = 0;
  for (const { kind, text } of tokens.slice(0, end)) {
    if (kind === 'sign' && (text === '(' || text === '[')) depth++;
    if (kind === 'sign' && (text === ')' || text === ']')) depth--;
  }
  return depth;
};
