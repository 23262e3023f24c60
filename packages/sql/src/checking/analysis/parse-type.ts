import { ANY, type Type, type } from './sql-types.ts';

const SYNONYMS: Readonly<Record<string, string>> = { int: 'integer', string: 'varchar', float: 'real', dec: 'decimal' };

/** Other names than these are of the engine's inside (`joniregexp`, `jsonpath`), which texts become. */
const PLAIN = new Set(
  (
    'boolean tinyint smallint integer bigint real double decimal varchar char varbinary json date time timestamp uuid ipaddress hyperloglog tdigest setdigest ' +
    'unknown color'
  ).split(' '),
);
const WORDS = /^(timestamp|time)(?: \(\d+\)|\(\w+\))? with time zone$/;
const OF = new Set(['array', 'map', 'row', 'qdigest', 'function']);

/** The arguments in the brackets of `text`, split by the commas that stand in no brackets of their own. */
export const splitTop = (text: string): string[] => {
  const parts: string[] = [];
  let depth = 0;
  let from = 0;
  for (let n = 0; n < text.length; n++) {
    if (text[n] === '(') depth++;
    if (text[n] === ')') depth--;
    if (text[n] !== ',' || depth > 0) continue;
    parts.push(text.slice(from, n).trim());
    from = n + 1;
  }
  const last = text.slice(from).trim();
  return last === '' && parts.length === 0 ? [] : [...parts, last];
};

/**
 * A type by its text in lower case, `varchar(x)`, `array(t)`. A name that is no type's is a variable: `$t`. Undefined
 * for what only the engine knows.
 */
export const parseType = (text: string): Type => {
  const zoned = WORDS.exec(text);
  if (zoned) return type(`${zoned[1]} with time zone`);
  if (text.startsWith('interval ')) return type(text);
  if (text === 'double precision') return type('double');
  const open = text.indexOf('(');
  const word = (open < 0 ? text : text.slice(0, open)).trim();
  const name = SYNONYMS[word] ?? word;
  if (OF.has(name)) return type(name, ...splitTop(text.slice(open + 1, -1)).map(parseType));
  if (PLAIN.has(name)) return type(name);
  return /^[a-z]\d?$/.test(name) ? type(`$${name}`) : ANY;
};
