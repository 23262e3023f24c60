/**
 * By this variable (a number of minutes) schedules that come round every few minutes strike so many minutes later than
 * at the full ones: for tests.
 */
export const PHASE_VARIABLE = 'GRANARY_SCHEDULE_PHASE';

const HOUR = 60;

/** `rate(5 minutes)`, three minutes later: `cron(3,8,13,… * * * *)`. Others stay as they are. */
export const inPhase = (rate: string, minutes: number): string => {
  const every = Number(/^rate\((\d+) minutes?\)$/.exec(rate)?.[1]);
  if (!every || HOUR % every !== 0 || every === 1) return rate;
  const strikes = Array.from({ length: HOUR / every }, (_, n) => (n * every + (minutes % every)) % HOUR);
  return `cron(${strikes.join(',')} * * * *)`;
};

type Scheduled = { events?: { schedule?: unknown }[] };

export const putInPhase = (functions: Readonly<Record<string, Scheduled>>, minutes: number): void => {
  for (const { events = [] } of Object.values(functions)) {
    for (const { schedule } of events) {
      const given = schedule as { rate?: string[] } | undefined;
      if (given?.rate) given.rate = given.rate.map((rate) => inPhase(rate, minutes));
    }
  }
};
