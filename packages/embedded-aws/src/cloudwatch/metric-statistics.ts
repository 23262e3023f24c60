import { addPoint, type MetricId, type MetricPoint, type MetricStore, STEP_MS } from './metric-store.ts';

const PERCENTILE = /^p(\d{1,2}(?:\.\d{1,10})?|100)$/;
const PLAIN = new Set(['SampleCount', 'Sum', 'Average', 'Minimum', 'Maximum']);
export const isStatistic = (name: string): boolean => PLAIN.has(name) || PERCENTILE.test(name);

/** The value below which so many percent of the measured ones lie. */
const percentile = (values: ReadonlyMap<number, number>, count: number, percent: number): number => {
  const sorted = [...values].sort(([a], [b]) => a - b);
  const rank = Math.max(1, Math.ceil((percent / 100) * count));
  let seen = 0;
  for (const [value, times] of sorted) {
    seen += times;
    if (seen >= rank) return value;
  }
  return sorted.at(-1)?.[0] ?? Number.NaN;
};

export const statisticOf = (point: MetricPoint, statistic: string): number => {
  if (statistic === 'SampleCount') return point.count;
  if (statistic === 'Sum') return point.sum;
  if (statistic === 'Average') return point.sum / point.count;
  if (statistic === 'Minimum') return point.min;
  if (statistic === 'Maximum') return point.max;
  return percentile(point.values, point.count, Number(PERCENTILE.exec(statistic)![1]));
};

/** Values by the beginning of their period, ms; a period in which nothing was measured is not there. */
export type MetricSeries = Map<number, number>;
/** Periods one after the other: `starts` and how long each is, ms. */
export type Periods = { starts: readonly number[]; length: number };

const MINUTE_MS = 60_000;

/**
 * The periods of a question: the first begins where the time asked about does, which CloudWatch rounds down to the
 * whole minute, or to the period where that is shorter (API reference of GetMetricData, StartTime).
 */
export const periodsBetween = (from: number, to: number, length: number): Periods => {
  const step = Math.min(length, MINUTE_MS);
  const starts: number[] = [];
  for (let start = Math.floor(from / step) * step; start < to; start += length) starts.push(start);
  return { starts, length };
};

/** The last so many periods until now: alarms look at these, wherever the clock stands. */
export const periodsUntil = (now: number, count: number, length: number): Periods => {
  const end = Math.floor(now / STEP_MS) * STEP_MS + STEP_MS;
  return { starts: Array.from({ length: count }, (_, at) => end - (count - at) * length), length };
};

export const seriesOf = (
  store: MetricStore,
  metric: MetricId,
  statistic: string,
  { starts, length }: Periods,
): MetricSeries => {
  const series: MetricSeries = new Map();
  const [first, last] = [starts[0], starts.at(-1)];
  if (first === undefined || last === undefined) return series;
  const merged = new Map<number, MetricPoint>();
  for (const point of store.points(metric, first, last + length)) {
    const start = first + Math.floor((point.at - first) / length) * length;
    const known = merged.get(start);
    if (known) addPoint(known, point);
    else merged.set(start, { ...point, values: new Map(point.values) });
  }
  for (const [start, point] of merged) series.set(start, statisticOf(point, statistic));
  return series;
};
