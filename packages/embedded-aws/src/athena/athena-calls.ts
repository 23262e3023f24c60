/** Calls of functions that DuckDB writes otherwise than Trino, where no macro can stand for them. */
import { QueryFailure } from './athena-sql.ts';
import { depthAt, isWord, type Token, textOf, trimmed } from './athena-tokens.ts';

export const refuse = (what: string): never => {
  throw new QueryFailure(`NOT_SUPPORTED: ${what} in the embedded AWS`);
};

type Call = { name: string; args: Token[][] };
/** A call of a function by another text; undefined leaves it. */
type Rewrite = (call: Call) => string | undefined;

const integral = /^(tinyint|smallint|integer|int|bigint)$/i;
/** Trino's words of a type in DuckDB's: an array is `T[]` there. */
const typeText = (text: string): string => {
  const array = /^array\s*\(([\s\S]*)\)$/i.exec(text) ?? /^array\s*<([\s\S]*)>$/i.exec(text);
  if (array) return `${typeText(array[1]!.trim())}[]`;
  if (/^(char|ipaddress|uuid|hyperloglog|qdigest|tdigest|setdigest)\b/i.test(text)) refuse(`The type ${text} is not`);
  return text;
};

/** `CAST(x AS type)`: texts are not rounded to whole numbers, and halves are rounded away from zero. */
const cast =
  (name: 'CAST' | 'TRY_CAST'): Rewrite =>
  ({ args: [inner = []] }) => {
    const at = inner.findLastIndex((token, n) => isWord(token, 'as') && depthAt(inner, n) === 0);
    if (at < 0) return undefined;
    const [value, type] = [trimmed(inner.slice(0, at)), trimmed(inner.slice(at + 1))];
    const known = typeText(type);
    // Of no type, which is what the macros below ask of a value.
    if (/^null$/i.test(value)) return `${name}(NULL AS ${known})`;
    if (integral.test(known)) return `${name}(${name === 'CAST' ? '_whole' : '_whole_or_null'}(${value}) AS ${known})`;
    const cut = /^varchar\s*\(\s*(\d+)\s*\)$/i.exec(known);
    if (cut) return `"left"(${name}(${value} AS VARCHAR), ${cut[1]})`;
    // A text within JSON is not the JSON of a text.
    if (/^varchar$/i.test(known)) return `${name}(_text(${value}) AS VARCHAR)`;
    return `${name}(${value} AS ${known})`;
  };
const PARTS: Readonly<Record<string, string>> = {
  dow: 'isodow',
  day_of_week: 'isodow',
  day_of_month: 'day',
  day_of_year: 'doy',
  year_of_week: 'isoyear',
  yow: 'isoyear',
};

const texts = (args: readonly Token[][]): string[] => args.map(trimmed);
export const REWRITES: Readonly<Record<string, Rewrite>> = {
  cast: cast('CAST'),
  try_cast: cast('TRY_CAST'),
  extract: ({ args: [inner = []] }) => {
    const part = inner.find(({ kind }) => kind === 'word');
    const known = part && PARTS[part.text.toLowerCase()];
    return known && `extract(${textOf(inner.map((token) => (token === part ? { ...token, text: known } : token)))})`;
  },
  grouping: ({ args }) => `CAST(grouping(${texts(args).join(', ')}) AS INTEGER)`,
  // Lambdas can be no arguments of macros.
  any_match: ({ args }) => `list_bool_or(list_transform(${texts(args).join(', ')}))`,
  all_match: ({ args }) => `_all(list_transform(${texts(args).join(', ')}))`,
  none_match: ({ args }) => `_none(list_transform(${texts(args).join(', ')}))`,
  map_agg: ({ args }) => {
    const [key, value] = texts(args);
    return value && `map_from_entries(array_agg(ROW(${key}, ${value})))`;
  },
  reduce: ({ args }) => {
    const [list, start, step, end] = texts(args);
    return end && `list_transform([list_reduce(${list}, ${step}, ${start})], ${end})[1]`;
  },
  // Its other form, FROM … FOR, is DuckDB's own function whatever macro there is.
  substring: ({ args }) => {
    const [first = []] = args;
    const from = first.findIndex((token, n) => isWord(token, 'from') && depthAt(first, n) === 0);
    if (from < 0) return `substr(${texts(args).join(', ')})`;
    const length = first.findIndex((token, n) => isWord(token, 'for') && depthAt(first, n) === 0);
    const end = length < 0 ? first.length : length;
    const parts = [first.slice(0, from), first.slice(from + 1, end), ...(length < 0 ? [] : [first.slice(length + 1)])];
    return `substr(${texts(parts).join(', ')})`;
  },
  normalize: () => refuse('normalize is not'),
};
