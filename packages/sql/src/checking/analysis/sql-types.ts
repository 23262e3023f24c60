/**
 * A type of Trino as far as the analysis needs it: without the digits of decimals and times. `any` is what the analysis
 * does not know, which fits everything; `unknown` is Trino's own name of the type of null.
 */
export type Type = {
  name: string;
  /** Of an array its element, of a map key and value, of a row its fields. */
  of: readonly Type[];
  /** Of a row; undefined where a field has no name. */
  fields?: readonly (string | undefined)[];
  /** Of a text that stands in the query. */
  length?: number;
};

export const type = (name: string, ...of: readonly Type[]): Type => ({ name, of });

export const ANY = type('any');
export const NULL = type('unknown');
export const BOOLEAN = type('boolean');
export const INTEGER = type('integer');
export const BIGINT = type('bigint');
export const DOUBLE = type('double');
export const DECIMAL = type('decimal');
export const VARCHAR = type('varchar');
export const VARBINARY = type('varbinary');
export const DATE = type('date');
export const TIME = type('time');
export const TIMESTAMP = type('timestamp');
export const TIMESTAMP_TZ = type('timestamp with time zone');
export const DAYS = type('interval day to second');
export const MONTHS = type('interval year to month');
export const JSON_TYPE = type('json');

export const rowOf = (of: readonly Type[], fields: readonly (string | undefined)[] = []): Type => ({
  name: 'row',
  of,
  fields,
});

const LADDER = ['tinyint', 'smallint', 'integer', 'bigint', 'decimal', 'real', 'double'];

export const isNumber = ({ name }: Type): boolean => LADDER.includes(name);
export const isText = ({ name }: Type): boolean => name === 'varchar' || name === 'char';
export const isKnown = ({ name, of }: Type): boolean => name !== 'any' && of.every(isKnown);

/** As Trino writes it in its messages, but for the digits that the analysis does not keep. */
export const shownType = ({ name, of, fields, length }: Type): string => {
  if (name === 'varchar' && length !== undefined) return `varchar(${length})`;
  if (of.length === 0) return name;
  const inner = of.map((one, n) => (fields?.[n] === undefined ? '' : `${fields[n]} `) + shownType(one));
  return `${name}(${inner.join(', ')})`;
};

const WIDER: Readonly<Record<string, readonly string[]>> = {
  varchar: ['char'],
  char: ['varchar'],
  date: ['timestamp', 'timestamp with time zone'],
  time: ['time with time zone'],
  timestamp: ['timestamp with time zone'],
};

/** Whether a value of a type is taken where another is wanted, without a CAST. */
export const fits = (from: Type, to: Type): boolean => {
  if (from.name === 'any' || to.name === 'any' || from.name === 'unknown') return true;
  if (from.name === to.name) {
    return from.of.length === to.of.length && from.of.every((one, n) => fits(one, to.of[n] as Type));
  }
  const [low, high] = [LADDER.indexOf(from.name), LADDER.indexOf(to.name)];
  if (low >= 0 && high >= 0) return low < high;
  return WIDER[from.name]?.includes(to.name) ?? false;
};

/** The same but for what the analysis does not know. */
export const isSame = (a: Type, b: Type): boolean =>
  a.name === 'any' ||
  b.name === 'any' ||
  (a.name === b.name && a.of.length === b.of.length && a.of.every((one, n) => isSame(one, b.of[n] as Type)));

/** The type that holds both; undefined where there is none. */
export const common = (a: Type, b: Type): Type | undefined => {
  if (a.name === 'any' || b.name === 'any') return ANY;
  if (a.name === 'unknown') return b;
  if (b.name === 'unknown') return a;
  if (a.name === b.name && a.of.length === b.of.length) {
    const of = a.of.map((one, n) => common(one, b.of[n] as Type));
    if (!of.every((one) => one !== undefined)) return undefined;
    const length = a.length !== undefined && b.length !== undefined ? Math.max(a.length, b.length) : undefined;
    return { ...a, of, length };
  }
  if (fits(a, b)) return b;
  return fits(b, a) ? a : undefined;
};

/** `common` of many; the first that does not fit those before it, and what they came to. */
export const commonOf = (types: readonly Type[]): { all: Type } | { at: number; before: Type } => {
  let all = NULL;
  for (const [at, one] of types.entries()) {
    const next = common(all, one);
    if (!next) return { at, before: all };
    all = next;
  }
  return { all };
};
