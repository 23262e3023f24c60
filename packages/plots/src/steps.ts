/**
 * Steps that an ordered x is divided into: each a whole number of the next finer ones, so that what is in steps can be
 * put into larger ones.
 */
import { grouped } from './humanise.ts';

export type Step = {
  name: string;
  /** Milliseconds of a time, or units of a number; of months and longer roughly. */
  size: number;
  /** Where the step begins that a place is in. */
  floor: (place: number) => number;
};

const HOUR = 3_600_000;
const YEAR = 365.25 * 24 * HOUR;

const ofMs = (name: string, size: number): Step => ({ name, size, floor: (place) => Math.floor(place / size) * size });

const ofYears = (name: string, years: number): Step => ({
  name,
  size: years * YEAR,
  floor(place) {
    const time = new Date(place);
    time.setUTCFullYear(Math.floor(time.getUTCFullYear() / years) * years, 0, 1);
    return time.setUTCHours(0, 0, 0, 0);
  },
});

const months: Step = {
  name: 'months',
  size: YEAR / 12,
  floor(place) {
    const time = new Date(place);
    time.setUTCDate(1);
    return time.setUTCHours(0, 0, 0, 0);
  },
};

/** Finest first, in UTC. */
export const TIME_STEPS: readonly Step[] = [
  ofMs('seconds', 1000),
  ofMs('minutes', 60_000),
  ofMs('hours', HOUR),
  ofMs('days', 24 * HOUR),
  months,
  ofYears('years', 1),
  ofYears('decades', 10),
  ofYears('centuries', 100),
  ofYears('millennia', 1000),
];

/**
 * Of a fraction the last digits are noise (3 × 0.1); a multiple of a whole number is exact, and may have more digits
 * than that.
 */
export const numberStep = (size: number): Step => ({
  name: grouped(size),
  size,
  floor(place) {
    const begin = Math.floor(place / size) * size;
    return Number.isInteger(size) ? begin : Number(begin.toPrecision(12));
  },
});

/** 1, 2 or 5 times a power of ten (or one of the `factors` given), at least as large as `least`. */
export const niceSize = (least: number, factors: readonly number[] = [1, 2, 5, 10]): number => {
  const power = 10 ** Math.floor(Math.log10(least));
  const factor = factors.find((one) => one * power >= least * (1 - 1e-12)) ?? 10;
  const size = Number((factor * power).toPrecision(12));
  // Below 1e-300 powers of ten are no longer exact, or nothing.
  return size > 0 ? size : Math.max(least, Number.MIN_VALUE);
};
