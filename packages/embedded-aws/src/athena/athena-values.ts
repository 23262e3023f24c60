import type { DuckDBType, DuckDBValue } from '@duckdb/node-api';

/** A column of a result as Athena describes it. */
export type ResultColumn = { name: string; type: string; precision: number; scale: number };
/** Text of a value as Athena writes it; null is no value. */
export type Write = (value: DuckDBValue) => string | null;

/** As Java writes a double: `1.0`, `1.74224052E8`, `1.0E-5`. A float has fewer digits. */
export const javaDouble = (value: number, single = false): string => {
  if (Number.isNaN(value)) return 'NaN';
  if (!Number.isFinite(value)) return value > 0 ? 'Infinity' : '-Infinity';
  if (value === 0) return Object.is(value, -0) ? '-0.0' : '0.0';
  const shortest = single ? Number(shortestFloat(value)) : value;
  const size = Math.abs(shortest);
  if (size >= 1e-3 && size < 1e7) return Number.isInteger(shortest) ? `${shortest}.0` : String(shortest);
  const [digits, exponent] = shortest.toExponential().split('e') as [string, string];
  return `${digits.includes('.') ? digits : `${digits}.0`}E${Number(exponent)}`;
};
const shortestFloat = (value: number): string => {
  for (let digits = 1; digits < 9; digits++) {
    const text = value.toPrecision(digits);
    if (Math.fround(Number(text)) === value) return text;
  }
  return String(value);
};

const two = (n: number | bigint) => String(n).padStart(2, '0');
/** A year that no Date has is written all the same: DuckDB's dates go from -290308 on. */
const dateText = (days: number): string => {
  const date = new Date(days * 86_400_000);
  if (Number.isNaN(date.getTime())) return days === 2 ** 31 - 1 ? 'infinity' : '-infinity';
  const year = date.getUTCFullYear();
  const years = `${year < 0 ? '-' : ''}${String(Math.abs(year)).padStart(4, '0')}`;
  return `${years}-${two(date.getUTCMonth() + 1)}-${two(date.getUTCDate())}`;
};
const DAY = 86_400_000_000n;
const timeText = (micros: bigint): string => {
  const ms = micros / 1000n;
  const part = (size: bigint, of: bigint) => two((ms / size) % of);
  return `${part(3_600_000n, 24n)}:${part(60_000n, 60n)}:${part(1000n, 60n)}.${String(ms % 1000n).padStart(3, '0')}`;
};
const timestampText = (micros: bigint): string => {
  const within = ((micros % DAY) + DAY) % DAY;
  return `${dateText(Number((micros - within) / DAY))} ${timeText(within)}`;
};
const intervalText = ({ months, days, micros }: { months: number; days: number; micros: bigint }): string => {
  const sign = (negative: boolean) => (negative ? '-' : '');
  if (months !== 0) {
    const size = Math.abs(months);
    return `${sign(months < 0)}${Math.floor(size / 12)}-${size % 12}`;
  }
  const all = BigInt(days) * DAY + micros;
  const size = all < 0n ? -all : all;
  return `${sign(all < 0n)}${size / DAY} ${timeText(size % DAY)}`;
};

const nothing: Write = () => null;
const plain: Write = String;
const LARGEST_BIGINT = 2n ** 63n - 1n;

/** A value that bigint does not hold, such as a sum. The message is Athena's. */
export class OutOfRange extends Error {}
const asBigint: Write = (value) => {
  const number = value as bigint;
  if (number > LARGEST_BIGINT || number < -LARGEST_BIGINT - 1n) {
    throw new OutOfRange(`NUMERIC_VALUE_OUT_OF_RANGE: bigint overflow: ${number}`);
  }
  return String(number);
};

type Known = Omit<ResultColumn, 'name'> & { write: Write };
const simple = (type: string, precision: number, write: Write = plain, scale = 0): Known => ({
  type,
  precision,
  scale,
  write,
});
const TIMESTAMP = simple('timestamp', 3, (v) => timestampText((v as { micros: bigint }).micros));
const BIGINT = simple('bigint', 19, asBigint);
const VARCHAR = simple('varchar', 2 ** 31 - 1);

/** By DuckDB's names of types; sums of integers are HUGEINT there and bigint in Athena. */
const KNOWN: Readonly<Record<string, Known>> = {
  BOOLEAN: simple('boolean', 0),
  TINYINT: simple('tinyint', 3),
  SMALLINT: simple('smallint', 5),
  INTEGER: simple('integer', 10),
  BIGINT: simple('bigint', 19),
  HUGEINT: BIGINT,
  UTINYINT: simple('smallint', 5),
  USMALLINT: simple('integer', 10),
  UINTEGER: simple('bigint', 19),
  UBIGINT: BIGINT,
  UHUGEINT: BIGINT,
  FLOAT: simple('float', 17, (v) => javaDouble(v as number, true)),
  DOUBLE: simple('double', 17, (v) => javaDouble(v as number)),
  VARCHAR,
  JSON: simple('json', 0),
  UUID: simple('uuid', 0),
  DATE: simple('date', 0, (v) => dateText((v as { days: number }).days)),
  TIME: simple('time', 3, (v) => timeText((v as { micros: bigint }).micros)),
  TIMESTAMP,
  TIMESTAMP_S: simple('timestamp', 3, (v) => timestampText((v as { seconds: bigint }).seconds * 1_000_000n)),
  TIMESTAMP_MS: simple('timestamp', 3, (v) => timestampText((v as { millis: bigint }).millis * 1000n)),
  TIMESTAMP_NS: simple('timestamp', 3, (v) => timestampText((v as { nanos: bigint }).nanos / 1000n)),
  'TIMESTAMP WITH TIME ZONE': simple(
    'timestamp with time zone',
    3,
    (v) => `${timestampText((v as { micros: bigint }).micros)} UTC`,
  ),
  INTERVAL: simple('interval day to second', 0, (v) => intervalText(v as never)),
  BLOB: simple('varbinary', 2 ** 30, (v) =>
    Buffer.from((v as { bytes: Uint8Array }).bytes)
      .toString('hex')
      .replaceAll(/..(?!$)/g, '$& '),
  ),
  '"NULL"': simple('unknown', 0, nothing),
  SQLNULL: simple('unknown', 0, nothing),
};

type Nested = {
  valueType?: DuckDBType;
  keyType?: DuckDBType;
  entryNames?: readonly string[];
  entryTypes?: readonly DuckDBType[];
  width?: number;
  scale?: number;
};
type Items = { items: DuckDBValue[] };
type Entries = { entries: { key: DuckDBValue; value: DuckDBValue }[] };

const fieldName = (n: number): string => `field${n}`;

/**
 * Names the fields of rows that have none: a value of DuckDB's has its fields by name, so those without one would all
 * be the last of them.
 */
export const nameFields = (type: DuckDBType): void => {
  const { valueType, keyType, entryTypes = [], entryNames = [] } = type as unknown as Nested;
  const names = entryNames as string[];
  for (const [n, name] of names.entries()) if (name === '') names[n] = fieldName(n);
  for (const inner of [valueType, keyType, ...entryTypes]) if (inner) nameFields(inner);
};

const inside = (type: DuckDBType): Write => {
  const { write } = describeType(type);
  return (value) => (value === null ? 'null' : (write(value) ?? 'null'));
};

/** Type of a column of DuckDB as Athena names it, with how its values are written. */
export const describeType = (type: DuckDBType): Known => {
  const name = (type as { alias?: string }).alias === 'JSON' ? 'JSON' : String(type);
  const known = KNOWN[name];
  if (known) return known;
  const nested = type as unknown as Nested;
  if (name.endsWith(']') && nested.valueType) {
    const write = inside(nested.valueType);
    return simple('array', 0, (v) => `[${(v as Items).items.map(write).join(', ')}]`);
  }
  if (name.startsWith('DECIMAL')) return simple('decimal', nested.width ?? 38, plain, nested.scale ?? 0);
  if (name.startsWith('MAP') && nested.keyType && nested.valueType) {
    const [key, value] = [inside(nested.keyType), inside(nested.valueType)];
    return simple('map', 0, (v) => {
      const entries = (v as unknown as Entries).entries.map((entry) => `${key(entry.key)}=${value(entry.value)}`);
      return `{${entries.join(', ')}}`;
    });
  }
  if (name.startsWith('STRUCT') && nested.entryNames && nested.entryTypes) {
    const { entryNames } = nested;
    const writes = nested.entryTypes.map(inside);
    return simple('row', 0, (v) => {
      const { entries } = v as unknown as { entries: Record<string, DuckDBValue> };
      const fields = entryNames.map((field, n) => {
        const name = field || fieldName(n);
        return `${name}=${writes[n]!(entries[name] ?? null)}`;
      });
      return `{${fields.join(', ')}}`;
    });
  }
  // ENUM and whatever else has a text.
  return VARCHAR;
};
