import type { Schedule } from '../source.ts';

const UNIT_MS: Readonly<Record<string, number>> = { minute: 60_000, hour: 3_600_000, day: 86_400_000 };

/** Milliseconds between two starts of a `rate(…)`, as EventBridge writes it. */
export const rateMs = (schedule: Schedule): number => {
  const [, amount, unit] = /^rate\((\d+) (minute|hour|day)s?\)$/.exec(schedule) ?? [];
  if (!amount || !unit || Number(amount) === 0) throw new RangeError(`'${schedule}' is no rate; write rate(1 day)`);
  return Number(amount) * UNIT_MS[unit]!;
};

/**
 * Whether a source is due. The planner looks every few minutes, so a source may start up to half of that early: a daily
 * one would otherwise start a few minutes later each day.
 */
export const isDue = (
  schedule: Schedule,
  lastStarted: string | undefined,
  now: number,
  lookEveryMs = 300_000,
): boolean => lastStarted === undefined || now - Date.parse(lastStarted) >= rateMs(schedule) - lookEveryMs / 2;
