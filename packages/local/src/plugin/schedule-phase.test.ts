import { expect, it } from '@jest/globals';
import { inPhase, putInPhase } from './schedule-phase.ts';

it('Schedules of a few minutes strike so many minutes later; those of one minute, and of hours, as ever', () => {
  expect(inPhase('rate(5 minutes)', 3)).toBe('cron(3,8,13,18,23,28,33,38,43,48,53,58 * * * *)');
  expect(inPhase('rate(20 minutes)', 43)).toBe('cron(3,23,43 * * * *)');
  for (const rate of ['rate(1 minute)', 'rate(1 day)', 'rate(7 minutes)', 'cron(0 12 * * ? *)'])
    expect(inPhase(rate, 3)).toBe(rate);
  const functions = {
    plan: { events: [{ schedule: { rate: ['rate(5 minutes)'] } }] },
    api: { events: [{ http: {} }] },
    none: {},
  };
  putInPhase(functions as never, 1);
  expect(functions.plan.events[0]).toEqual({
    schedule: { rate: ['cron(1,6,11,16,21,26,31,36,41,46,51,56 * * * *)'] },
  });
});
