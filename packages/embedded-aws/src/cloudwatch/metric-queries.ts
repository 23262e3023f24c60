import { AwsError, NotImplementedHere } from '../aws-error.ts';
import { readMembers } from '../json-service.ts';
import { evaluate } from './metric-math.ts';
import { isStatistic, type MetricSeries, type Periods, seriesOf } from './metric-statistics.ts';
import { type MetricId, type MetricStore, STEP_MS } from './metric-store.ts';

export const INVALID = 'InvalidParameterValueException';
export const invalidValue = (message: string) => new AwsError(INVALID, message);

type Rows = readonly Readonly<Record<string, unknown>>[];

export const dimensionsOf = (given: Rows = [], at = ''): Record<string, string> =>
  Object.fromEntries(
    given.map((one) => {
      const { Name, Value } = readMembers(one, { Name: 'text!', Value: 'text!' }, INVALID, `${at}Dimensions.`);
      return [Name, Value];
    }),
  );

/** ms. Steps are ten seconds here, so nothing is known of shorter periods. */
export const periodOf = (seconds: number | undefined): number => {
  if (seconds === undefined) throw invalidValue('The parameter Period is required.');
  if (seconds === 1 || seconds === 5) throw new NotImplementedHere(`with a period of ${seconds} s`);
  if (!(Number.isInteger(seconds) && seconds > 0 && (seconds % 60 === 0 || seconds === 10 || seconds === 30)))
    throw invalidValue(`The period must be 10, 30 or a multiple of 60 seconds, not ${seconds}.`);
  return seconds * 1000;
};

/** One of the questions of GetMetricData, or of an alarm that judges more than one metric. */
export type MetricQuery = { id: string; label?: string; returned: boolean } & (
  | { metric: MetricId; statistic: string; period_ms: number }
  | { expression: string; period_ms?: number }
);

const METRIC = { Namespace: 'text!', MetricName: 'text!', Dimensions: 'list' } as const;
const STAT = { Metric: 'object!', Period: 'integer!', Stat: 'text!', Unit: 'text' } as const;
const QUERY = {
  Id: 'text!',
  MetricStat: 'object',
  Expression: 'text',
  Label: 'text',
  ReturnData: 'flag',
  Period: 'integer',
} as const;

export const readQueries = (given: Rows, at: string): MetricQuery[] => {
  const queries = given.map((one): MetricQuery => {
    const { Id, MetricStat, Expression, Label, ReturnData = true, Period } = readMembers(one, QUERY, INVALID, `${at}.`);
    if (!/^[a-z]\w*$/.test(Id))
      throw invalidValue(`The Id '${Id}' must begin with a small letter and have letters, digits and _.`);
    const common = { id: Id, returned: ReturnData, ...(Label !== undefined && { label: Label }) };
    if ((MetricStat === undefined) === (Expression === undefined))
      throw invalidValue(`The query ${Id} must have either a MetricStat or an Expression.`);
    if (Expression !== undefined) {
      if (/^\s*(SEARCH|SELECT)\b/i.test(Expression)) throw new NotImplementedHere(`with the expression ${Expression}`);
      return { ...common, expression: Expression, ...(Period !== undefined && { period_ms: periodOf(Period) }) };
    }
    const stat = readMembers(MetricStat, STAT, INVALID, `${at}.MetricStat.`);
    const metric = readMembers(stat.Metric, METRIC, INVALID, `${at}.MetricStat.Metric.`);
    if (!isStatistic(stat.Stat)) throw new NotImplementedHere(`the statistic ${stat.Stat}`);
    const { Namespace: namespace, MetricName: name, Dimensions } = metric;
    return {
      ...common,
      metric: { namespace, name, dimensions: dimensionsOf(Dimensions, `${at}.`) },
      statistic: stat.Stat,
      period_ms: periodOf(stat.Period),
    };
  });
  const ids = new Set(queries.map(({ id }) => id));
  if (ids.size < queries.length) throw invalidValue('The Ids of the queries must differ.');
  return queries;
};

/**
 * The series of each query, by its id. `periodsFor` says which periods of that length are asked about. An expression
 * has the longest period of the metrics, unless it says its own, and may name other expressions.
 */
export const answerQueries = (
  store: MetricStore,
  queries: readonly MetricQuery[],
  periodsFor: (length: number) => Periods,
): Map<string, MetricSeries> => {
  const answered = new Map<string, MetricSeries>();
  const metrics = queries.filter((query) => 'metric' in query);
  const longest = Math.max(STEP_MS, ...metrics.map(({ period_ms }) => period_ms));
  for (const { id, metric, statistic, period_ms } of metrics)
    answered.set(id, seriesOf(store, metric, statistic, periodsFor(period_ms)));
  let waiting = queries.filter((query) => 'expression' in query);
  const names = new Set(waiting.map(({ id }) => id));
  while (waiting.length > 0) {
    const ready = waiting.filter(
      ({ id, expression }) =>
        ![...names].some((other) => other !== id && new RegExp(`\\b${other}\\b`).test(expression)),
    );
    if (ready.length === 0) throw invalidValue('The expressions name each other in a circle.');
    for (const { id, expression, period_ms } of ready) {
      const { starts } = periodsFor(period_ms ?? longest);
      const scope = { series: answered, metrics: metrics.map((metric) => metric.id), starts };
      answered.set(id, evaluate(expression, scope));
      names.delete(id);
    }
    waiting = waiting.filter((query) => !ready.includes(query));
  }
  return answered;
};
