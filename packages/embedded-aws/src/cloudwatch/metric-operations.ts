import { AwsError } from '../aws-error.ts';
import { operation, readMembers, type ServiceOperation } from '../json-service.ts';
import { answerQueries, dimensionsOf, INVALID, invalidValue, periodOf, readQueries } from './metric-queries.ts';
import { isStatistic, periodsBetween, seriesOf } from './metric-statistics.ts';
import type { Datum, MetricStore } from './metric-store.ts';

const DAY = 86_400_000;
/** What CloudWatch answers at most, of all series together. */
const MOST_DATAPOINTS = 100_800;
const MOST_METRICS = 500;

const DATUM = {
  MetricName: 'text!',
  Dimensions: 'list',
  Timestamp: 'number',
  Value: 'number',
  Values: 'numbers',
  Counts: 'numbers',
  StatisticValues: 'object',
  Unit: 'text',
  StorageResolution: 'integer',
} as const;

const datumOf = (given: unknown, namespace: string, now: number): Datum => {
  const read = readMembers(given, DATUM, INVALID, 'MetricData.');
  const { MetricName: name, Dimensions, Timestamp, Value, Values, Counts, StatisticValues, Unit } = read;
  if (StatisticValues) throw invalidValue('StatisticValues are not taken here: send Value, or Values and Counts.');
  const at = Timestamp === undefined ? now : Timestamp * 1000;
  if (at < now - 14 * DAY || at > now + DAY / 12)
    throw invalidValue('The Timestamp must lie within two weeks before and two hours after now.');
  const values = Values ?? (Value === undefined ? undefined : [Value]);
  if (!values) throw invalidValue('A datum must have a Value or Values.');
  if (Counts && Counts.length !== values.length) throw invalidValue('Counts must be as many as Values.');
  return {
    ...{ namespace, name, at, ...(Unit !== undefined && { unit: Unit }) },
    dimensions: dimensionsOf(Dimensions, 'MetricData.'),
    values: values.map((value, index) => [value, Counts?.[index] ?? 1] as const),
  };
};

const timesOf = (StartTime: number, EndTime: number) => {
  if (!(StartTime < EndTime)) throw invalidValue('The parameter StartTime must be before EndTime.');
  return { from: StartTime * 1000, to: EndTime * 1000 };
};

/** CloudWatch's operations about metrics. */
export const metricOperations = (store: MetricStore, now: () => number): Record<string, ServiceOperation> => ({
  PutMetricData: operation({ Namespace: 'text!', MetricData: 'list!' }, ({ Namespace, MetricData }) => {
    if (Namespace.startsWith('AWS/'))
      throw invalidValue('The value AWS/ for parameter Namespace is reserved for the services of AWS.');
    const data = MetricData.map((one) => datumOf(one, Namespace, now()));
    for (const datum of data) store.put(datum);
    return undefined;
  }),
  ListMetrics: operation(
    {
      Namespace: 'text',
      MetricName: 'text',
      Dimensions: 'list',
      RecentlyActive: 'text',
      NextToken: 'text',
    },
    ({ Namespace, MetricName, Dimensions = [], RecentlyActive, NextToken }) => {
      const asked = Dimensions.map((one) => readMembers(one, { Name: 'text!', Value: 'text' }, INVALID, 'Dimensions.'));
      const since = RecentlyActive === 'PT3H' ? now() - DAY / 8 : 0;
      const found = store
        .metrics()
        .filter(
          ({ namespace, name, dimensions, newest }) =>
            (Namespace === undefined || namespace === Namespace) &&
            (MetricName === undefined || name === MetricName) &&
            newest >= since &&
            asked.every(
              ({ Name, Value }) =>
                Object.hasOwn(dimensions, Name) && (Value === undefined || dimensions[Name] === Value),
            ),
        );
      const start = NextToken === undefined ? 0 : Number(NextToken);
      if (!Number.isSafeInteger(start) || start < 0)
        throw new AwsError('InvalidNextToken', 'The token is none of ours.');
      const Metrics = found.slice(start, start + MOST_METRICS).map(({ namespace, name, dimensions }) => ({
        Namespace: namespace,
        MetricName: name,
        Dimensions: Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value })),
      }));
      const end = start + MOST_METRICS;
      return { Metrics, ...(found.length > end && { NextToken: String(end) }) };
    },
  ),
  GetMetricData: operation(
    {
      MetricDataQueries: 'list!',
      StartTime: 'number!',
      EndTime: 'number!',
      ScanBy: 'text',
      MaxDatapoints: 'integer',
    },
    ({ MetricDataQueries, StartTime, EndTime, ScanBy, MaxDatapoints = MOST_DATAPOINTS }) => {
      const { from, to } = timesOf(StartTime, EndTime);
      const queries = readQueries(MetricDataQueries, 'MetricDataQueries');
      if (queries.length === 0 || queries.length > 500) throw invalidValue('There must be from 1 to 500 queries.');
      const answered = answerQueries(store, queries, (length) => periodsBetween(from, to, length));
      const returned = queries.filter((query) => query.returned);
      const total = returned.reduce((sum, { id }) => sum + answered.get(id)!.size, 0);
      if (total > MaxDatapoints)
        throw invalidValue(
          `The answer has ${total} datapoints, more than ${MaxDatapoints}: ask for less time, or longer periods.`,
        );
      const MetricDataResults = returned.map((query) => {
        const ordered = [...answered.get(query.id)!].sort(([a], [b]) => a - b);
        if (ScanBy !== 'TimestampAscending') ordered.reverse();
        return {
          Id: query.id,
          Label: query.label ?? ('metric' in query ? query.metric.name : query.id),
          Timestamps: ordered.map(([start]) => start / 1000),
          Values: ordered.map(([, value]) => value),
          StatusCode: 'Complete',
        };
      });
      return { MetricDataResults, Messages: [] };
    },
  ),
  GetMetricStatistics: operation(
    {
      Namespace: 'text!',
      MetricName: 'text!',
      Dimensions: 'list',
      StartTime: 'number!',
      EndTime: 'number!',
      Period: 'integer!',
      Statistics: 'texts',
      ExtendedStatistics: 'texts',
      Unit: 'text',
    },
    ({ Namespace: namespace, MetricName, Dimensions, StartTime, EndTime, Period, ...asked }) => {
      const { from, to } = timesOf(StartTime, EndTime);
      const { Statistics = [], ExtendedStatistics = [] } = asked;
      const unknown = [...Statistics, ...ExtendedStatistics].find((name) => !isStatistic(name));
      if (unknown !== undefined) throw invalidValue(`There is no statistic ${unknown}.`);
      const metric = { namespace, name: MetricName, dimensions: dimensionsOf(Dimensions) };
      const periods = periodsBetween(from, to, periodOf(Period));
      const of = (names: readonly string[]) =>
        names.map((name) => [name, seriesOf(store, metric, name, periods)] as const);
      const [plain, extended] = [of(Statistics), of(ExtendedStatistics)];
      const starts = [...new Set([...plain, ...extended].flatMap(([, series]) => [...series.keys()]))];
      const values = (some: typeof plain, start: number) =>
        Object.fromEntries(some.map(([name, series]) => [name, series.get(start)]));
      const Datapoints = starts.map((start) => ({
        Timestamp: start / 1000,
        ...values(plain, start),
        ...(extended.length > 0 && { ExtendedStatistics: values(extended, start) }),
        Unit: 'None',
      }));
      return { Label: MetricName, Datapoints };
    },
  ),
});
