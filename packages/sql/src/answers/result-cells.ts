/** JSON of a value that is there, of the engine's text. */
type Write = (text: string) => string;

const NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:e[+-]?\d+)?$/i;
const TIMESTAMP = /^(\d{4,6}-\d\d-\d\d)[ T](\d\d:\d\d:\d\d)(?:\.(\d{1,12}))?(?: ?(?:UTC|Z|[+-]00:?00))?$/;

/** Digit by digit: a bigint, or a decimal, may have more of them than a double holds. */
const exactly: Write = (text) => (NUMBER.test(text) ? text : JSON.stringify(text));

const double: Write = (text) => {
  const value = Number(text);
  if (Number.isFinite(value) && text.trim() !== '') return String(value);
  return JSON.stringify(text);
};

/**
 * As /v1/records has timestamps, with more decimals where there are. In another zone than UTC they stay as they are.
 */
const timestamp: Write = (text) => {
  const [, day, time, fraction = ''] = TIMESTAMP.exec(text) ?? [];
  return JSON.stringify(day === undefined ? text : `${day}T${time}.${fraction.padEnd(3, '0')}Z`);
};

const boolean: Write = (text) => (text === 'true' || text === 'false' ? text : JSON.stringify(text));

const WRITERS: Readonly<Record<string, Write>> = {
  boolean,
  tinyint: exactly,
  smallint: exactly,
  int: exactly,
  integer: exactly,
  bigint: exactly,
  decimal: exactly,
  real: double,
  float: double,
  double,
  timestamp,
  'timestamp with time zone': timestamp,
};

/**
 * How values of a type of the engine are written; what JSON has nothing for (an array, an interval) as the engine's
 * text.
 */
export const cellWriter = (type: string): Write => {
  const [name] = type.split('(');
  const rest = / with time zone$/.test(type) ? ' with time zone' : '';
  const plain = name
    .trim()
    .toLowerCase()
    .replace(/ with time zone$/, '');
  return WRITERS[`${plain}${rest}`] ?? JSON.stringify;
};
