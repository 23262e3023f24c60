/**
 * Values as ASCII text into a buffer: each function writes at `at` and gives the end. There must be room for {@link
 * LONGEST_CELL} bytes. Functions of plain arguments, so that the engine inlines them and keeps the position in a
 * register.
 */

/** No number, date or boolean is longer. */
export const LONGEST_CELL = 40;

const MINUS = 45;
const POINT = 46;
const ZERO = 48;
const COLON = 58;

export const putAscii = (bytes: Uint8Array, at: number, text: string): number => {
  for (let i = 0; i < text.length; i++) bytes[at + i] = text.charCodeAt(i);
  return at + text.length;
};

const putTwo = (bytes: Uint8Array, at: number, value: number): number => {
  const tens = (value / 10) | 0;
  bytes[at] = ZERO + tens;
  bytes[at + 1] = ZERO + (value - tens * 10);
  return at + 2;
};

/** A whole number of up to nine digits, not negative. */
const putSmall = (bytes: Uint8Array, at: number, value: number): number => {
  let end = at + 1;
  for (let bound = 10; value >= bound; bound *= 10) end++;
  let rest = value | 0;
  for (let i = end - 1; i >= at; i--) {
    const tens = (rest / 10) | 0;
    bytes[i] = ZERO + (rest - tens * 10);
    rest = tens;
  }
  return end;
};

/** A whole number up to 2^53 either way. */
export const putWhole = (bytes: Uint8Array, at: number, value: number): number => {
  if (value < 0) {
    bytes[at] = MINUS;
    return putWhole(bytes, at + 1, -value);
  }
  if (value < 1e9) return putSmall(bytes, at, value);
  const high = Math.floor(value / 1e8);
  const low = value - high * 1e8;
  let end = putWhole(bytes, at, high);
  const first = (low / 1e4) | 0;
  const second = low - first * 1e4;
  end = putTwo(bytes, end, (first / 100) | 0);
  end = putTwo(bytes, end, first % 100);
  end = putTwo(bytes, end, (second / 100) | 0);
  return putTwo(bytes, end, second % 100);
};

/** The shortest text that reads back as the same number. */
export const putDouble = (bytes: Uint8Array, at: number, value: number): number => {
  const size = Math.abs(value);
  // Up to six decimals and fifteen digits, the nearest double of a decimal is written as that decimal: it is the
  // shortest.
  const millionths = Math.round(size * 1e6);
  if (millionths >= 1e15 || millionths / 1e6 !== size || Object.is(value, -0))
    return putAscii(bytes, at, Object.is(value, -0) ? '-0' : String(value));
  let end = at;
  if (value < 0) bytes[end++] = MINUS;
  const whole = Math.floor(size);
  end = putWhole(bytes, end, whole);
  const fraction = millionths - whole * 1e6;
  if (fraction === 0) return end;
  bytes[end++] = POINT;
  const first = (fraction / 10_000) | 0;
  const rest = fraction - first * 10_000;
  const second = (rest / 100) | 0;
  end = putTwo(bytes, end, first);
  end = putTwo(bytes, end, second);
  end = putTwo(bytes, end, rest - second * 100);
  while (bytes[end - 1] === ZERO) end--;
  return end;
};

/** `YYYY-MM-DD`; -1 for years beyond 0 to 9999. */
export const putDate = (bytes: Uint8Array, at: number, days: number): number => {
  if (days < -719_528 || days > 2_932_896) return -1;
  // Hinnant's algorithm, moved by one era so that nothing is negative.
  const z = days + 719_468 + 146_097;
  const era = (z / 146_097) | 0;
  const dayOfEra = z - era * 146_097;
  const yearOfEra =
    ((dayOfEra - ((dayOfEra / 1460) | 0) + ((dayOfEra / 36_524) | 0) - ((dayOfEra / 146_096) | 0)) / 365) | 0;
  const dayOfYear = dayOfEra - (365 * yearOfEra + (yearOfEra >> 2) - ((yearOfEra / 100) | 0));
  const shifted = ((5 * dayOfYear + 2) / 153) | 0;
  const month = shifted < 10 ? shifted + 3 : shifted - 9;
  const year = yearOfEra + (era - 1) * 400 + (month <= 2 ? 1 : 0);
  const century = (year / 100) | 0;
  putTwo(bytes, at, century);
  putTwo(bytes, at + 2, year - century * 100);
  bytes[at + 4] = MINUS;
  putTwo(bytes, at + 5, month);
  bytes[at + 7] = MINUS;
  return putTwo(bytes, at + 8, dayOfYear - (((153 * shifted + 2) / 5) | 0) + 1);
};

/** `YYYY-MM-DDThh:mm:ss.sssZ`; -1 for years beyond 0 to 9999. */
export const putTimestamp = (bytes: Uint8Array, at: number, milliseconds: number): number => {
  const days = Math.floor(milliseconds / 86_400_000);
  if (putDate(bytes, at, days) === -1) return -1;
  let rest = (milliseconds - days * 86_400_000) | 0;
  const hours = (rest / 3_600_000) | 0;
  rest -= hours * 3_600_000;
  const minutes = (rest / 60_000) | 0;
  rest -= minutes * 60_000;
  const seconds = (rest / 1000) | 0;
  rest -= seconds * 1000;
  const tenths = (rest / 100) | 0;
  bytes[at + 10] = 84;
  putTwo(bytes, at + 11, hours);
  bytes[at + 13] = COLON;
  putTwo(bytes, at + 14, minutes);
  bytes[at + 16] = COLON;
  putTwo(bytes, at + 17, seconds);
  bytes[at + 19] = POINT;
  bytes[at + 20] = ZERO + tenths;
  putTwo(bytes, at + 21, rest - tenths * 100);
  bytes[at + 23] = 90;
  return at + 24;
};
