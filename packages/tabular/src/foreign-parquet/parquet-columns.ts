/** Columns of a Parquet file that somebody else wrote, and what their values are here. */
import type { SchemaElement } from 'hyparquet';
import { formatDate, formatTimestamp, parseDate } from '../dates.ts';
import { geometryOf } from '../json/geometry.ts';
import type { Cell, ColumnType } from '../table.ts';
import { UnreadableParquet } from './unreadable-parquet.ts';

/** What cannot be a value here: its row is quarantined for that reason. */
export class UnfitCell extends Error {
  override name = 'UnfitCell';
}

export type ParquetColumn = {
  /** As the file names it. */
  name: string;
  type: ColumnType;
  /** What hyparquet gives, as a cell of that type. Throws UnfitCell. */
  cellOf(value: unknown): Cell;
  /**
   * Where the values themselves decide: the column is of this type as long as none of them fails `fits`, and text of
   * `otherwise` if one does.
   */
  unless?: { fits(value: unknown): boolean; otherwise(value: unknown): string };
};

const INT64_MAX = 2n ** 63n - 1n;
const SAFE = BigInt(Number.MAX_SAFE_INTEGER);

const number = (value: unknown): Cell => {
  const figure = Number(value);
  if (Number.isNaN(figure)) return null;
  if (!Number.isFinite(figure)) throw new UnfitCell(`${figure} is no figure`);
  return figure + 0;
};

/** Unscaled digits with a decimal point: `-12345` of scale 2 is `-123.45`. */
export const decimalText = (unscaled: bigint, scale: number): string => {
  if (scale === 0) return String(unscaled);
  const digits = String(unscaled < 0n ? -unscaled : unscaled).padStart(scale + 1, '0');
  return `${unscaled < 0n ? '-' : ''}${digits.slice(0, -scale)}.${digits.slice(-scale)}`;
};

/** Big-endian, two's complement. */
const bigintOf = (value: unknown): bigint => {
  if (!(value instanceof Uint8Array)) return BigInt(value as number);
  let sum = 0n;
  for (const byte of value) sum = sum * 256n + BigInt(byte);
  return value.length > 0 && value[0]! >= 128 ? sum - (1n << BigInt(8 * value.length)) : sum;
};

/** `unit`: nanoseconds. Without what the calendar of ISO 8601 has no date for. */
const momentText = (value: bigint, unit: bigint): string => {
  const nanos = value * unit;
  const DAY = 86_400_000_000_000n;
  const days = (nanos - (((nanos % DAY) + DAY) % DAY)) / DAY;
  return `${dayText(Number(days))}T${timeText(nanos - days * DAY)}Z`;
};

const timeText = (nanos: bigint): string => {
  const seconds = Number(nanos / 1_000_000_000n);
  const [hour, minute, second] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  const fraction = String(nanos % 1_000_000_000n)
    .padStart(9, '0')
    .replace(/(000){1,3}$/, '');
  const clock = [hour, minute, second].map((part) => String(part).padStart(2, '0')).join(':');
  return fraction === '' ? clock : `${clock}.${fraction}`;
};

const dayText = (days: number): string => {
  const text = Math.abs(days) < 100_000_000 ? formatDate(days) : '';
  if (parseDate(text) === undefined)
    throw new UnfitCell(`the day ${days} after 1970-01-01 is not of the years 0 to 9999`);
  return text;
};

const UNITS: Readonly<Record<string, bigint>> = { MILLIS: 1_000_000n, MICROS: 1000n, NANOS: 1n };

/** A moment finer than a millisecond makes its column one of text, as in CSV. */
const moments = (name: string, unit: bigint): ParquetColumn => ({
  name,
  type: 'timestamp',
  cellOf(value) {
    const text = momentText(BigInt(value as bigint), unit);
    return formatTimestamp(Date.parse(text));
  },
  unless: {
    fits: (value) => (BigInt(value as bigint) * unit) % 1_000_000n === 0n,
    otherwise: (value) => momentText(BigInt(value as bigint), unit),
  },
});

const hex = (value: unknown): string => Buffer.from(value as Uint8Array).toString('hex');
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const textOf = (value: unknown): string => {
  try {
    return utf8.decode(value as Uint8Array);
  } catch {
    throw new UnfitCell('its bytes are no UTF-8');
  }
};
const isUtf8 = (value: unknown): boolean => {
  try {
    textOf(value);
    return true;
  } catch {
    return false;
  }
};

const integers = (name: string, bits: number, signed: boolean): ParquetColumn => {
  if (bits < 32 || (bits === 32 && signed)) return { name, type: 'int32', cellOf: Number };
  const column: ParquetColumn = {
    name,
    type: 'int64',
    cellOf: (value) => BigInt.asUintN(bits, BigInt(value as bigint)),
  };
  if (signed) return { ...column, cellOf: (value) => BigInt(value as bigint) };
  const whole = column.cellOf as (value: unknown) => bigint;
  if (bits === 32) return column;
  return {
    ...column,
    unless: { fits: (value) => whole(value) <= INT64_MAX, otherwise: (value) => String(whole(value)) },
  };
};

/** More than any writer has. */
const MOST_DIGITS = 1000;

const decimals = (
  name: string,
  { scale = 0, precision = 0 }: { scale?: number; precision?: number },
): ParquetColumn => {
  if (!Number.isInteger(scale) || scale < 0 || scale > MOST_DIGITS)
    throw new UnreadableParquet(`it is damaged (the decimals of its column '${name}' have ${scale} places)`);
  if (scale === 0 && precision <= 18) return { name, type: 'int64', cellOf: bigintOf };
  if (scale === 0)
    return {
      ...{ name, type: 'int64', cellOf: bigintOf },
      unless: {
        fits: (value) => BigInt.asIntN(64, bigintOf(value)) === bigintOf(value),
        otherwise: (value) => String(bigintOf(value)),
      },
    };
  const text = (value: unknown): string => decimalText(bigintOf(value), scale);
  // A double has some 16 digits: what has more stays as it is written.
  const fits = (value: unknown): boolean => {
    const unscaled = bigintOf(value);
    return (unscaled < 0n ? -unscaled : unscaled) <= SAFE;
  };
  return { name, type: 'double', cellOf: (value) => Number(text(value)), unless: { fits, otherwise: text } };
};

const BYTES = ['BYTE_ARRAY', 'FIXED_LEN_BYTE_ARRAY'];
/**
 * How values may be stored of which a file says more
 * (https://github.com/apache/parquet-format/blob/master/LogicalTypes.md).
 */
const STORED_AS: readonly (readonly [says: RegExp, stored: readonly string[]])[] = [
  [/^DECIMAL$/, ['INT32', 'INT64', ...BYTES]],
  [/^(DATE|U?INT_(8|16|32)|TIME_MILLIS)$/, ['INT32']],
  [/^(TIMESTAMP|TIMESTAMP_\w+|U?INT_64|TIME_MICROS)$/, ['INT64']],
  [/^(TIME|INTEGER)$/, ['INT32', 'INT64']],
  [/^(UTF8|STRING|ENUM|JSON|BSON|GEOMETRY|GEOGRAPHY)$/, BYTES],
  [/^(UUID|FLOAT16|INTERVAL)$/, ['FIXED_LEN_BYTE_ARRAY']],
];

const refuseContradiction = ({ name, type, converted_type, logical_type }: SchemaElement): void => {
  for (const says of [converted_type, logical_type?.type]) {
    const stored = STORED_AS.find(([one]) => one.test(says ?? ''))?.[1];
    if (stored && !stored.includes(type ?? ''))
      throw new UnreadableParquet(
        `it is damaged (its column '${name}' is said to be ${says}, and is stored as ${type})`,
      );
  }
};

/**
 * What the values of a column are. `element` is of the file's schema, as hyparquet gives it. Throws UnreadableParquet
 * for one that no column here can hold.
 */
export const parquetColumn = (element: SchemaElement): ParquetColumn => {
  const { name, type, converted_type: converted, logical_type: logical } = element;
  refuseContradiction(element);
  if (logical?.type === 'GEOMETRY' || logical?.type === 'GEOGRAPHY')
    return { name, type: 'string', cellOf: geometryText };
  if (logical?.type === 'DECIMAL') return decimals(name, logical);
  if (converted === 'DECIMAL') return decimals(name, element);
  if (converted === 'DATE' || logical?.type === 'DATE')
    return { name, type: 'date', cellOf: (value) => dayText(Number(value)) };
  if (logical?.type === 'TIMESTAMP') return moments(name, UNITS[logical.unit]!);
  if (converted === 'TIMESTAMP_MILLIS') return moments(name, UNITS.MILLIS!);
  if (converted === 'TIMESTAMP_MICROS') return moments(name, UNITS.MICROS!);
  if (logical?.type === 'TIME' || converted === 'TIME_MILLIS' || converted === 'TIME_MICROS') {
    const unit = UNITS[logical?.type === 'TIME' ? logical.unit : converted!.slice(5)]!;
    return { name, type: 'string', cellOf: (value) => timeText(BigInt(value as bigint) * unit) };
  }
  if (logical?.type === 'INTEGER') return integers(name, logical.bitWidth, logical.isSigned);
  const sized = /^(U?)INT_(8|16|32|64)$/.exec(converted ?? '');
  if (sized) return integers(name, Number(sized[2]), sized[1] === '');
  if (logical?.type === 'FLOAT16') return { name, type: 'double', cellOf: number };
  if (converted === 'INTERVAL' || converted === 'BSON' || logical?.type === 'BSON' || logical?.type === 'VARIANT')
    throw new UnreadableParquet(`its column '${name}' is of the type ${converted ?? logical?.type}`);
  switch (type) {
    case 'BOOLEAN':
      return { name, type: 'boolean', cellOf: Boolean };
    case 'INT32':
      return integers(name, 32, true);
    case 'INT64':
      return integers(name, 64, true);
    case 'FLOAT':
    case 'DOUBLE':
      return { name, type: 'double', cellOf: number };
    case 'INT96':
      return moments(name, 1n);
    case 'FIXED_LEN_BYTE_ARRAY':
      return { name, type: 'string', cellOf: logical?.type === 'UUID' ? uuidText : hex };
    default:
      // Old writers do not say that bytes are text. Other bytes are written in hexadecimal.
      return {
        name,
        type: 'string',
        cellOf: textOf,
        ...(!isText(element) && { unless: { fits: isUtf8, otherwise: hex } }),
      };
  }
};

const isText = ({ converted_type, logical_type }: SchemaElement): boolean =>
  ['UTF8', 'ENUM', 'JSON'].includes(converted_type ?? '') ||
  ['STRING', 'ENUM', 'JSON'].includes(logical_type?.type ?? '');

const uuidText = (value: unknown): string => hex(value).replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');

const geometryText = (value: unknown): string => {
  const found = geometryOf(value);
  if (!found) throw new UnfitCell('its geometry is none that is known');
  return found.wkt;
};
