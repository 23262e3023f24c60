/** Dates as people write them: day or month first, months by name, with a time of day. ISO 8601 is dates.ts. */
import { daysFromCivil, isCivil } from './dates.ts';

/** The order of day, month and year, in the words of PostgreSQL's DateStyle. */
export type DateOrder = 'DMY' | 'MDY' | 'YMD';

const MONTHS: readonly string[] = [
  'jan janv january janvier januar januari janeiro enero ene gennaio gen jänner',
  'feb fev fév fevr févr february février fevrier februar februari fevereiro febrero febbraio',
  'mar mars march märz marz maart março marco marzo mrt mär',
  'apr avr abr april avril abril aprile',
  'may mai mei maio mayo maggio mag',
  'jun juin june juni junho junio giugno giu',
  'jul juil july juillet juli julho julio luglio lug',
  'aug août aout ago august augustus agosto',
  'sep sept set september septembre setembro septiembre settembre',
  'oct okt out ott october octobre oktober outubro octubre ottobre',
  'nov november novembre novembro noviembre',
  'dec déc dez dic december décembre decembre dezember dezembro diciembre dicembre',
];
const MONTH_OF = new Map(MONTHS.flatMap((names, index) => names.split(' ').map((name) => [name, index + 1] as const)));

const TIME = '(?:(?:T|,?\\s+)(\\d{1,2}):(\\d\\d)(?::(\\d\\d)(?:[.,](\\d{1,3})0{0,6})?)?(?:\\s?([ap])\\.?m\\.?)?)?';
const pattern = (date: string): RegExp => new RegExp(`^${date}${TIME}$`, 'iu');
const NUMBERS = pattern('(\\d{1,2})([./-])(\\d{1,2})\\2(\\d{4}|\\d\\d)');
const YEAR_FIRST = pattern('(\\d{4})([./-])(\\d{1,2})\\2(\\d{1,2})');
const DAY_NAME = pattern(
  '(\\d{1,2})(?:st|nd|rd|th|er|º|\\.)?[\\s./-]+(?:de\\s+|of\\s+)?(\\p{L}{3,})\\.?[\\s./,-]+(?:de\\s+|del\\s+)?(\\d{4})',
);
const NAME_DAY = pattern('(\\p{L}{3,})\\.?[\\s-]+(\\d{1,2})(?:st|nd|rd|th)?,?[\\s-]+(\\d{4})');

/** `days`: since 1970-01-01. `ms`: of the day, null where there is no time of day. */
export type WrittenDate = { days: number; ms: number | null };

type Parts =
  /** Two numbers, and a year of four digits, or one of three numbers of two. */
  | { form: 'numbers'; first: number; second: number; third: number; short: boolean; ms: number | null }
  | { form: 'sure'; days: number; ms: number | null };

/** Milliseconds of a day; undefined where it is none. */
const msOf = ([hour, minute, second, fraction, half]: readonly (string | undefined)[]): number | null | undefined => {
  if (hour === undefined) return null;
  const h = Number(hour);
  if (Number(minute) > 59 || Number(second ?? 0) > 59 || h > 23 || (half && (h < 1 || h > 12))) return undefined;
  const hours = half ? (h % 12) + (half.toLowerCase() === 'p' ? 12 : 0) : h;
  return (hours * 60 + Number(minute)) * 60_000 + Number(second ?? 0) * 1000 + Number((fraction ?? '').padEnd(3, '0'));
};

const FIRST_YEAR = 1000;
const LAST_YEAR = 2999;

const daysOf = (year: number, month: number, day: number): number | undefined =>
  year >= FIRST_YEAR && year <= LAST_YEAR && isCivil(year, month, day) ? daysFromCivil(year, month, day) : undefined;

const sure = (days: number | undefined, time: readonly (string | undefined)[]): Parts | undefined => {
  const ms = msOf(time);
  return days === undefined || ms === undefined ? undefined : { form: 'sure', days, ms };
};

const monthOf = (name: string): number => MONTH_OF.get(name.toLowerCase()) ?? 0;

const partsOf = (text: string): Parts | undefined => {
  if (text.length < 6 || text.length > 50) return undefined;
  const numbers = NUMBERS.exec(text);
  if (numbers) {
    const [, first, , second, third, ...time] = numbers;
    const ms = msOf(time);
    if (ms === undefined) return undefined;
    const short = third!.length === 2;
    return { form: 'numbers', first: Number(first), second: Number(second), third: Number(third), short, ms };
  }
  const year = YEAR_FIRST.exec(text);
  if (year) return sure(daysOf(Number(year[1]), Number(year[3]), Number(year[4])), year.slice(5));
  const day = DAY_NAME.exec(text);
  if (day) return sure(daysOf(Number(day[3]), monthOf(day[2]!), Number(day[1])), day.slice(4));
  const name = NAME_DAY.exec(text);
  return name ? sure(daysOf(Number(name[3]), monthOf(name[1]!), Number(name[2])), name.slice(4)) : undefined;
};

/**
 * What a text says as a date: it has a `time` of day; it can only be read in one `order`, or in `either`, or none is
 * needed (null). Undefined where it is none, or where its year has two digits.
 */
export const writtenDate = (text: string): { time: boolean; order: 'DMY' | 'MDY' | 'either' | null } | undefined => {
  const parts = partsOf(text);
  if (parts === undefined || (parts.form === 'numbers' && parts.short)) return undefined;
  const time = parts.ms !== null;
  if (parts.form === 'sure') return { time, order: null };
  const { first, second, third } = parts;
  const dayFirst = daysOf(third, second, first) !== undefined;
  const monthFirst = daysOf(third, first, second) !== undefined;
  if (!dayFirst && !monthFirst) return undefined;
  if (dayFirst && monthFirst) return { time, order: first === second ? null : 'either' };
  return { time, order: dayFirst ? 'DMY' : 'MDY' };
};

/** Whether a text is a date in some order whose year has two digits. */
export const hasShortYear = (text: string): boolean => {
  const parts = partsOf(text);
  if (parts?.form !== 'numbers' || !parts.short) return false;
  const { first, second, third } = parts;
  return [
    daysOf(2000 + third, second, first),
    daysOf(2000 + third, first, second),
    daysOf(2000 + first, second, third),
  ].some((days) => days !== undefined);
};

/** Two digits of a year as PostgreSQL and POSIX read them: 1970 to 2069. */
const fullYear = (year: number): number => (year < 70 ? 2000 + year : 1900 + year);

const inOrder = (
  { first, second, third, short }: Extract<Parts, { form: 'numbers' }>,
  order: DateOrder,
): number | undefined => {
  if (order === 'YMD') return short ? daysOf(fullYear(first), second, third) : undefined;
  const year = short ? fullYear(third) : third;
  return order === 'DMY' ? daysOf(year, second, first) : daysOf(year, first, second);
};

/**
 * The day that a text means. `order`: of its column; without one only what needs none is read, and with `lenient` what
 * can be read in one order only. Years of two digits take `short`: somebody declared the order.
 */
export const readWrittenDate = (
  text: string,
  { order, short = false, lenient = false }: { order?: DateOrder; short?: boolean; lenient?: boolean },
): WrittenDate | undefined => {
  const parts = partsOf(text);
  if (parts === undefined) return undefined;
  if (parts.form === 'sure') return parts;
  const { ms } = parts;
  if (parts.short && !short) return undefined;
  const said = order ?? onlyOrder(text, lenient);
  const days = said && inOrder(parts, said);
  return days === undefined ? undefined : { days, ms };
};

const onlyOrder = (text: string, lenient: boolean): DateOrder | undefined => {
  const order = writtenDate(text)?.order;
  if (order === null) return 'DMY';
  return lenient && order !== undefined && order !== 'either' ? order : undefined;
};
