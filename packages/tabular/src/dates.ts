/** Days and milliseconds since 1970 to text and back, in the proleptic Gregorian calendar, without `Date` objects. */

const DAY = 86_400_000;

/**
 * Days since 1970-01-01 of a civil date of the years 0 to 9999 (Hinnant's algorithm, 400 years later so that all whole
 * numbers are positive: the engine then divides without floating point).
 */
export const daysFromCivil = (year: number, month: number, day: number): number => {
  const y = (month <= 2 ? year + 399 : year + 400) | 0;
  const dayOfYear = (((153 * (month > 2 ? month - 3 : month + 9) + 2) / 5) | 0) + day - 1;
  return 365 * y + ((y / 4) | 0) - ((y / 100) | 0) + ((y / 400) | 0) + dayOfYear - 865_565;
};

const DAYS_OF_MONTH = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/** Whether the calendar has that day. */
export const isCivil = (year: number, month: number, day: number): boolean => {
  if (month < 1 || month > 12 || day < 1) return false;
  const leap = month === 2 && year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  return day <= DAYS_OF_MONTH[month - 1] + (leap ? 1 : 0);
};

/** `YYYY-MM-DD` to days since 1970-01-01; undefined when it is no such date. */
export const parseDate = (text: string): number | undefined => {
  const match = /^(\d{4})-(\d\d)-(\d\d)$/.exec(text);
  if (!match) return undefined;
  const [year, month, day] = [Number(match[1]), Number(match[2]), Number(match[3])];
  return isCivil(year, month, day) ? daysFromCivil(year, month, day) : undefined;
};

export const formatDate = (days: number): string => new Date(days * DAY).toISOString().slice(0, -14);

/**
 * ISO 8601 to milliseconds since the epoch: `T` or a blank between date and time, seconds optional, up to nine digits
 * of fraction of which three are kept only if the others are zero, `Z`, `±hh:mm` or no zone (then it is UTC).
 */
export const parseTimestamp = (text: string): number | undefined => {
  const match =
    /^(\d{4}-\d\d-\d\d)[T ](\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,3})0{0,6})?)?(?:Z|([+-])(\d\d):?(\d\d))?$/.exec(text);
  const days = match ? parseDate(match[1]) : undefined;
  if (!match || days === undefined) return undefined;
  const [hour, minute, second] = [Number(match[2]), Number(match[3]), Number(match[4] ?? 0)];
  if (hour > 23 || minute > 59 || second > 59) return undefined;
  const fraction = Number((match[5] ?? '').padEnd(3, '0'));
  const [zoneHour, zoneMinute] = [Number(match[7] ?? 0), Number(match[8] ?? 0)];
  if (zoneHour > 14 || zoneMinute > 59) return undefined;
  const offset = (match[6] === '-' ? -1 : 1) * (zoneHour * 60 + zoneMinute);
  return days * DAY + (hour * 60 + minute - offset) * 60_000 + second * 1000 + fraction;
};

/** `YYYY-MM-DDThh:mm:ss.sssZ`. */
export const formatTimestamp = (milliseconds: number): string => new Date(milliseconds).toISOString();
