import { REWRITES, refuse } from './athena-calls.ts';
import {
  closingOf,
  isSign,
  isWord,
  next,
  plain,
  splitAt,
  sql,
  type Token,
  textOf,
  tokensOf,
  trimmed,
} from './athena-tokens.ts';

/** Words that begin something in DuckDB and are names in Trino: they are put in quotes. */
const NAMES = new Set(
  (
    'analyse analyze anti any asof asymmetric authorization binary check collate collation column concurrently constraint default deferrable describe do ' +
    'foreign freeze generated glob ilike initially into isnull lambda map notnull only overlaps pivot pivot_longer pivot_wider placing positional primary ' +
    'qualify references returning semi show similar some struct summarize symmetric to unique unpack unpivot variadic verbose columns'
  ).split(' '),
);
/** Trino's own, where they are no names. */
const CONTEXT: Readonly<Record<string, RegExp>> = {
  any: /^(\(|$)/,
  some: /^(\(|$)/,
  only: /^$|^[^.,]/,
  to: /^(month|second|minute|hour|day)$/i,
  map: /^(\(|\[)$/,
  binary: /^$/,
};

/** A call with all that is in it rewritten. */
const rewriteCall = (name: string, inner: readonly Token[]): Token[] | undefined => {
  const rewrite = Object.hasOwn(REWRITES, name) ? REWRITES[name] : undefined;
  const text = rewrite?.({ name, args: splitAt(rewriteTokens(inner)) });
  return text === undefined ? undefined : [{ kind: 'sign', text }];
};

/** Where the expression begins that `[…]` at `at` takes an item of. */
const beginningOf = (done: readonly Token[]): number | undefined => {
  let at = next(done, done.length, -1);
  for (;;) {
    const token = done[at];
    if (!token) return undefined;
    if (isSign(token, ')') || isSign(token, ']')) {
      let depth = 0;
      for (; at >= 0; at--) {
        const { kind, text } = done[at]!;
        if (kind === 'sign' && (text === ')' || text === ']')) depth++;
        if (kind === 'sign' && (text === '(' || text === '[') && --depth === 0) break;
      }
      const before = next(done, at, -1);
      const isCall = done[before]?.kind === 'word' && !isWord(done[before], ...KEYWORDS);
      return isCall ? before : at;
    }
    const type = next(done, at, -1);
    if (done[type]?.kind === 'text' && isWord(done[next(done, type, -1)], 'interval')) return next(done, type, -1);
    if (token.kind === 'text' && isWord(done[type], 'date', 'timestamp')) return type;
    if (token.kind !== 'word' && token.kind !== 'name' && !(token.kind === 'sign' && token.text.length > 2))
      return undefined;
    if (isWord(token, ...KEYWORDS)) return undefined;
    const dot = next(done, at, -1);
    if (!isSign(done[dot], '.')) return at;
    at = next(done, dot, -1);
  }
};
const KEYWORDS = 'select where and or not in on by then else when case from having between like as'.split(' ');

/** After a call: NULLs in a window function stand within it in DuckDB; WITHIN GROUP is its ORDER BY. */
const rewriteAfter = (done: Token[], tokens: readonly Token[], at: number): number => {
  if (isWord(tokens[at], 'ignore', 'respect') && isWord(tokens[next(tokens, at)], 'nulls')) {
    const closing = done.findLastIndex((token) => isSign(token, ')'));
    done.splice(closing, 0, plain(` ${tokens[at]!.text} NULLS`));
    return next(tokens, at);
  }
  return at - 1;
};

const rewriteListagg = (
  tokens: readonly Token[],
  open: number,
  close: number,
): { text: string; end: number } | undefined => {
  const within = next(tokens, close);
  const group = next(tokens, within);
  const from = next(tokens, group);
  const to = isWord(tokens[within], 'within') && isWord(tokens[group], 'group') ? closingOf(tokens, from) : undefined;
  if (to === undefined) return undefined;
  const inner = rewriteTokens(tokens.slice(open + 1, close));
  if (inner.some((token) => isWord(token, 'overflow'))) refuse('ON OVERFLOW is not');
  const args = splitAt(inner).length === 1 ? `${textOf(inner)}, ''` : textOf(inner);
  return { text: `string_agg(${args} ${textOf(rewriteTokens(tokens.slice(from + 1, to)))})`, end: to };
};

/** VALUES 1, 2: each in brackets. */
const rewriteValues = (tokens: readonly Token[], at: number): { text: string; end: number } => {
  let end = at + 1;
  let depth = 0;
  for (; end < tokens.length; end++) {
    const token = tokens[end]!;
    if (isSign(token, '(') || isSign(token, '[')) depth++;
    if (isSign(token, ')') || isSign(token, ']')) if (--depth < 0) break;
    if (depth === 0 && isWord(token, 'union', 'intersect', 'except', 'order', 'limit', 'offset', 'fetch')) break;
  }
  const rows = splitAt(tokens.slice(at + 1, end)).map((row) => {
    const first = next(row, -1);
    const isRow = isSign(row[first], '(') && closingOf(row, first) === next(row, row.length, -1);
    if (isWord(row[first], 'row') && isSign(row[next(row, first)], '('))
      return textOf(rewriteTokens(row.slice(first + 1)));
    return isRow ? textOf(rewriteTokens(row)) : ` (${trimmed(rewriteTokens(row))})`;
  });
  return { text: `VALUES${rows.join(',')} `, end: end - 1 };
};

const ROWS = /^\s*(array\s*\[\s*(row\s*)?\(|zip\s*\(|map_entries\s*\()/i;
const MAPS =
  /^\s*(map|map_agg|map_concat|map_filter|histogram|split_to_map|map_from_entries|transform_values|transform_keys)\s*\(/i;

/**
 * UNNEST in FROM: of several arrays, of a map (two columns), of rows (a column for each field). What it is is told by
 * how it is written.
 */
const rewriteUnnest = (inner: readonly Token[]): string | undefined => {
  const args = splitAt(inner).map((arg) => ({ written: textOf(arg), text: trimmed(rewriteTokens(arg)) }));
  const isPlain = args.length === 1 && !ROWS.test(args[0]!.written) && !MAPS.test(args[0]!.written);
  if (isPlain) return undefined;
  const columns = args.map(({ written, text }) => {
    if (MAPS.test(written)) return `unnest(map_keys(${text})), unnest(map_values(${text}))`;
    return ROWS.test(written) ? `unnest(${text}, max_depth := 2)` : `unnest(${text})`;
  });
  return `(SELECT ${columns.join(', ')})`;
};

/** Where INTERVAL '1' DAY, which begins at `at`, ends. */
const intervalAt = (tokens: readonly Token[], at: number): number | undefined => {
  const text = next(tokens, at);
  const unit = next(tokens, text);
  const isOne = isWord(tokens[at], 'interval') && tokens[text]?.kind === 'text' && tokens[unit]?.kind === 'word';
  return isOne && !isWord(tokens[next(tokens, unit)], 'to') ? unit : undefined;
};

/** Whether what stands before is a FROM, a comma of it or a JOIN. */
const isInFrom = (done: readonly Token[]): boolean => {
  const before = done[next(done, done.length, -1)];
  return isWord(before, 'from', 'join') || isSign(before, ',');
};

const rewriteTokens = (tokens: readonly Token[]): Token[] => {
  const done: Token[] = [];
  for (let at = 0; at < tokens.length; at++) {
    const token = tokens[at]!;
    const word = token.kind === 'word' ? token.text.toLowerCase() : '';
    const open = next(tokens, at);
    const close = token.kind === 'word' && isSign(tokens[open], '(') ? closingOf(tokens, open) : undefined;
    const inner = close === undefined ? [] : tokens.slice(open + 1, close);
    if (close !== undefined && word === 'listagg') {
      const found = rewriteListagg(tokens, open, close);
      if (found) {
        done.push(plain(found.text));
        at = found.end;
        continue;
      }
    }
    if (close !== undefined && word === 'unnest' && isInFrom(done)) {
      const text = rewriteUnnest(inner);
      if (text !== undefined) {
        done.push(plain(text));
        at = close;
        if (isWord(tokens[next(tokens, at)], 'with')) refuse('UNNEST of maps or of several WITH ORDINALITY is not');
        continue;
      }
    }
    const called = close === undefined ? undefined : rewriteCall(word, inner);
    if (called && close !== undefined) {
      done.push(...called);
      at = close;
      continue;
    }
    if (word === 'values' && !isSign(tokens[next(tokens, at, -1)], '.')) {
      const { text, end } = rewriteValues(tokens, at);
      done.push(plain(text));
      at = end;
      continue;
    }
    if (isWord(token, 'bernoulli', 'system') && isSign(tokens[open], '(') && close !== undefined) {
      done.push(token, plain(` (${trimmed(inner)} PERCENT)`));
      at = close;
      continue;
    }
    if (isSign(token, '+') || isSign(token, '-')) {
      const end = intervalAt(tokens, open);
      const from = end === undefined ? undefined : beginningOf(done);
      if (end !== undefined && from !== undefined) {
        const base = textOf(done.splice(from)).trim();
        done.push(plain(`${token.text === '+' ? '_plus' : '_minus'}(${base}, ${textOf(tokens.slice(open, end + 1))})`));
        at = end;
        continue;
      }
    }
    if (isWord(token, 'with') && isWord(tokens[open], 'ties')) refuse('FETCH FIRST … WITH TIES is not');
    if (isSign(token, ')')) {
      done.push(token);
      const after = next(tokens, at);
      const end = rewriteAfter(done, tokens, after);
      if (end >= after) at = end;
      continue;
    }
    if (isSign(token, '[')) {
      const end = closingOf(tokens, at);
      const previous = done[next(done, done.length, -1)];
      const from = isWord(previous, 'array') ? undefined : beginningOf(done);
      if (end !== undefined && from !== undefined) {
        const base = textOf(done.splice(from));
        done.push(plain(`_subscript(${base}, ${textOf(rewriteTokens(tokens.slice(at + 1, end)))})`));
        at = end;
        continue;
      }
    }
    if (token.kind === 'text' && /^x'/i.test(token.text)) done.push(plain(`unhex(${token.text.slice(1)})`));
    else if (NAMES.has(word) && !(CONTEXT[word]?.test(tokens[open]?.text ?? '') ?? false))
      done.push({ kind: 'name', text: `"${token.text}"` });
    else done.push(token);
  }
  return done;
};

/**
 * Trino's SQL as DuckDB's parser reads it: names that are words of DuckDB's in quotes, IGNORE NULLS, VALUES of single
 * values, percentages of samples, casts that do not round texts, subscripts that fail beyond the end. Throws
 * QueryFailure for what there is nothing for.
 */
export const rewriteSql = (text: string): string => textOf(rewriteTokens(sql(text)));

const DAY_CALLS = 'date current_date last_day_of_month from_iso8601_date'.split(' ');

/**
 * Days from one date to another are an interval in Trino: `a - b` of what is a date by how it is written, or a column
 * of that type.
 */
export const rewriteDays = (text: string, dates: ReadonlySet<string>): string => {
  const tokens = tokensOf(text);
  /** Where the date that begins at `from` ends. */
  const dateAt = (from: number): number | undefined => {
    const token = tokens[from];
    if (!token || (token.kind !== 'word' && token.kind !== 'name')) return undefined;
    const after = next(tokens, from);
    if (isWord(token, 'date') && tokens[after]?.kind === 'text') return after;
    if (isSign(tokens[after], '(')) {
      const inner = next(tokens, after);
      const isDate = isWord(token, ...DAY_CALLS) || (isWord(token, 'min', 'max') && dateAt(inner) !== undefined);
      return isDate ? closingOf(tokens, after) : undefined;
    }
    if (isWord(token, 'current_date')) return from;
    const column = isSign(tokens[after], '.') ? next(tokens, after) : from;
    const isFunction = isSign(tokens[next(tokens, column)], '(');
    const name = tokens[column]?.text.replace(/^"|"$/g, '').toLowerCase() ?? '';
    return dates.has(name) && !isFunction ? column : undefined;
  };
  const done: Token[] = [];
  for (let at = 0; at < tokens.length; at++) {
    const before = done[next(done, done.length, -1)];
    const end = isSign(before, '.') ? undefined : dateAt(at);
    const sign = end === undefined ? -1 : next(tokens, end);
    const from = next(tokens, sign);
    const last = isSign(tokens[sign], '-') ? dateAt(from) : undefined;
    if (end === undefined || last === undefined) {
      done.push(tokens[at]!);
      continue;
    }
    done.push(plain(`_days(${textOf(tokens.slice(at, end + 1))}, ${textOf(tokens.slice(from, last + 1))})`));
    at = last;
  }
  return textOf(done);
};
