import type { AlarmState } from './alarm-rule.ts';
import { answerQueries, type MetricQuery } from './metric-queries.ts';
import { type MetricSeries, periodsUntil, seriesOf } from './metric-statistics.ts';
import { type MetricId, type MetricStore, STEP_MS } from './metric-store.ts';

export const COMPARISONS = {
  GreaterThanThreshold: { holds: (value: number, threshold: number) => value > threshold, words: 'greater than' },
  GreaterThanOrEqualToThreshold: {
    holds: (value: number, threshold: number) => value >= threshold,
    words: 'greater than or equal to',
  },
  LessThanThreshold: { holds: (value: number, threshold: number) => value < threshold, words: 'less than' },
  LessThanOrEqualToThreshold: {
    holds: (value: number, threshold: number) => value <= threshold,
    words: 'less than or equal to',
  },
} as const;
export type AlarmComparison = keyof typeof COMPARISONS;
export type MissingData = 'missing' | 'ignore' | 'breaching' | 'notBreaching';

/** What an alarm judges: `breaching` of the newest `of` periods must pass the threshold. */
export type JudgedAlarm = {
  measured: { metric: MetricId; statistic: string; period_ms: number } | { queries: readonly MetricQuery[] };
  comparison: AlarmComparison;
  threshold: number;
  breaching: number;
  of: number;
  missing: MissingData;
};
export type AlarmJudgement = { state: AlarmState; reason: string };

const plural = (count: number, word: string) => `${count} ${word}${count === 1 ? '' : 's'}`;
const shown = (value: number) => (Number.isInteger(value) ? value.toFixed(1) : String(Number(value.toPrecision(6))));
const time = (at: number) => new Date(at).toISOString().slice(0, 19).replace('T', ' ');

/**
 * Judges an alarm as CloudWatch does, over the newest periods until now. Undefined: nothing can be said, it stays as it
 * was. `since`: before this nothing could be measured (the machine was off), so that nothing is said of it either.
 * `speed` makes periods shorter, down to a step of the store: a drill does not wait for an hour.
 */
export const judge = (
  store: MetricStore,
  alarm: JudgedAlarm,
  { now, since, speed }: { now: number; since: number; speed: number },
): AlarmJudgement | undefined => {
  const { measured, comparison, threshold, breaching, of, missing } = alarm;
  // Silence is judged over as long as it says: what runs on a schedule does not run more often in a drill.
  const shortened = (period: number) =>
    missing === 'breaching' ? period : Math.max(STEP_MS, Math.round(period / speed / STEP_MS) * STEP_MS);
  const periods = (length: number) => periodsUntil(now, of, shortened(length));
  const { series, starts, length } = ((): { series: MetricSeries; starts: readonly number[]; length: number } => {
    if ('metric' in measured) {
      const asked = periods(measured.period_ms);
      return { series: seriesOf(store, measured.metric, measured.statistic, asked), ...asked };
    }
    const { queries } = measured;
    const answered = answerQueries(store, queries, periods);
    const longest = Math.max(...queries.map((query) => query.period_ms ?? STEP_MS));
    return { series: answered.get(queries.find(({ returned }) => returned)!.id)!, ...periods(longest) };
  })();
  const found = starts.flatMap((start) => {
    const value = series.get(start);
    return value === undefined ? [] : [{ start, value }];
  });
  const absent = starts.filter((start) => !series.has(start));
  const unknown = missing === 'breaching' ? absent.filter((start) => start < since) : [];
  const { holds, words } = COMPARISONS[comparison];
  const over = found.filter(({ value }) => holds(value, threshold));
  const counted = over.length + (missing === 'breaching' ? absent.length - unknown.length : 0);
  const limit = `the threshold (${shown(threshold)})`;
  const list = (some: typeof found) => some.map(({ start, value }) => `${shown(value)} (${time(start)})`).join(', ');

  if (counted >= breaching) {
    const treated = counted - over.length;
    const nothing = `no datapoints were received for ${plural(treated, 'period')} of ${length / 1000} s, and ${plural(treated, 'missing datapoint')} treated as [Breaching]`;
    const passed = `${over.length} out of the last ${of} datapoints [${list(over)}] ${over.length === 1 ? 'was' : 'were'} ${words} ${limit}`;
    return {
      state: 'ALARM',
      reason: `Threshold Crossed: ${[...(over.length > 0 ? [passed] : []), ...(treated > 0 ? [nothing] : [])].join('; ')} (minimum ${plural(breaching, 'datapoint')} for OK -> ALARM transition).`,
    };
  }
  if (unknown.length > 0) return undefined;
  if (found.length === 0 && missing === 'ignore') return undefined;
  if (found.length === 0 && missing === 'missing') {
    return {
      state: 'INSUFFICIENT_DATA',
      reason: `Insufficient Data: ${plural(of, 'datapoint')} ${of === 1 ? 'was' : 'were'} unknown.`,
    };
  }
  const reason =
    found.length === 0
      ? `no datapoints were received for ${plural(of, 'period')} of ${length / 1000} s, and ${plural(of, 'missing datapoint')} treated as [NonBreaching]`
      : over.length === 0
        ? `${plural(found.length, 'datapoint')} [${list(found)}] not ${words} ${limit}`
        : `${over.length} out of the last ${of} datapoints [${list(over)}] ${words} ${limit}, fewer than ${breaching}`;
  return { state: 'OK', reason: `Threshold Crossed: ${reason}.` };
};
