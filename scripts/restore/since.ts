import { UsageError } from '@granary/admin/arguments';

const UNIT_MS: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: 86_400_000 };
const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)$/;

/** `2h` before `now`, or a time with its zone; ms since the epoch. Throws a UsageError. */
export const readSince = (text: string, now: number): number => {
  const [, amount, unit] = /^(\d{1,4})([mhd])$/.exec(text) ?? [];
  const time = amount && unit ? now - Number(amount) * UNIT_MS[unit]! : TIME.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(time))
    throw new UsageError(
      `--since takes 30m, 2h or 3d, or a time with its zone such as 2026-11-30T18:00:00Z, not '${text}'.`,
    );
  if (time > now) throw new UsageError(`--since ${text} is still to come: nothing can have been deleted since.`);
  return time;
};
