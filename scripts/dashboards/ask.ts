/** Asks CloudWatch what a dashboard shows, as its console does. */
import { type CloudWatchClient, DescribeAlarmsCommand, GetMetricDataCommand } from '@aws-sdk/client-cloudwatch';
import { type CloudWatchLogsClient, GetQueryResultsCommand, StartQueryCommand } from '@aws-sdk/client-cloudwatch-logs';

export type Clients = { metrics: CloudWatchClient; logs: CloudWatchLogsClient };
export type Widget = {
  type: 'metric' | 'log' | 'text' | 'alarm';
  x: number;
  y: number;
  width: number;
  height: number;
  properties: {
    title?: string;
    markdown?: string;
    view?: string;
    stacked?: boolean;
    period?: number;
    setPeriodToTimeRange?: boolean;
    yAxis?: { left?: { label?: string }; right?: { label?: string } };
    annotations?: { horizontal: { label: string; value: number; color: string }[] };
    metrics?: unknown[][];
    query?: string;
    alarms?: string[];
  };
};
export type Times = { from: number; to: number };

/**
 * s: that of the widget, or a shorter one where so little time is looked at that a chart of it would have a few points
 * only.
 */
export const periodOf = ({ properties }: Pick<Widget, 'properties'>, { from, to }: Times): number => {
  // CloudWatch begins with the whole minute.
  if (properties.setPeriodToTimeRange) return (Math.ceil(to / 60_000) - Math.floor(from / 60_000)) * 60;
  const own = properties.period ?? 300;
  const fitting = (to - from) / 1000 / 40;
  const shorter = fitting <= 30 ? 30 : Math.ceil(fitting / 60) * 60;
  return properties.view === 'timeSeries' && own < 3600 ? Math.min(own, shorter) : own;
};

/** A chart of long periods, such as days, looks back over some of them. */
export const timesOf = (widget: Widget, times: Times): Times => {
  const period_ms = periodOf(widget, times) * 1000;
  if (widget.properties.setPeriodToTimeRange || period_ms * 4 <= times.to - times.from) return times;
  const to = Math.ceil(times.to / period_ms) * period_ms;
  return { from: to - 7 * period_ms, to };
};
type Options = {
  id?: string;
  stat?: string;
  label: string;
  color?: string;
  yAxis?: 'right';
  visible?: boolean;
  expression?: string;
};
export type Line = {
  label: string;
  color?: string;
  right: boolean;
  points: { at: number; value: number }[];
};

/** CloudWatch gives those without a colour one after the other. */
const COLOURS = ['#1f77b4', '#ff7f0e', '#2ca02c', '#d62728', '#9467bd', '#8c564b'];

/** The lines of a widget, each with its points. */
export const linesOf = async ({ metrics }: Clients, widget: Widget, { from, to }: Times): Promise<Line[]> => {
  const { properties } = widget;
  const period = periodOf(widget, { from, to });
  const asked = (properties.metrics ?? []).map((metric, n) => {
    const options = metric.at(-1) as Options;
    const id = options.id ?? `line${n}`;
    if (options.expression) return { id, options, query: { Id: id, Expression: options.expression, Period: period } };
    const [Namespace, MetricName, ...pairs] = metric.slice(0, -1) as string[];
    const Dimensions = pairs.flatMap((Name, at) => (at % 2 === 0 ? [{ Name, Value: pairs[at + 1] }] : []));
    const MetricStat = {
      Metric: { Namespace, MetricName, Dimensions },
      Period: period,
      Stat: options.stat ?? 'Average',
    };
    return { id, options, query: { Id: id, MetricStat, ReturnData: options.visible !== false } };
  });
  const { MetricDataResults = [] } = await metrics.send(
    new GetMetricDataCommand({
      StartTime: new Date(from),
      EndTime: new Date(to),
      ScanBy: 'TimestampAscending',
      MetricDataQueries: asked.map(({ query }) => query),
    }),
  );
  return asked
    .filter(({ options }) => options.visible !== false)
    .map(({ id, options: { label, color, yAxis } }, n) => {
      const { Timestamps = [], Values = [] } = MetricDataResults.find(({ Id }) => Id === id) ?? {};
      const points = Timestamps.map((at, i) => ({ at: at.getTime(), value: Values[i]! }));
      return { label, color: color ?? COLOURS[n % COLOURS.length], right: yAxis === 'right', points };
    });
};

export type Table = { columns: string[]; rows: string[][] };

/** The rows of a widget that asks the logs. */
export const rowsOf = async ({ logs }: Clients, { properties }: Widget, { from, to }: Times): Promise<Table> => {
  const steps = properties.query!.split(' | ');
  const logGroupNames = steps.flatMap((step) => /^SOURCE '(.+)'$/.exec(step)?.[1] ?? []);
  const queryString = steps.filter((step) => !step.startsWith('SOURCE ')).join(' | ');
  const times = { startTime: Math.floor(from / 1000), endTime: Math.ceil(to / 1000) };
  const { queryId } = await logs.send(new StartQueryCommand({ logGroupNames, ...times, queryString }));
  const { results = [] } = await logs.send(new GetQueryResultsCommand({ queryId }));
  const columns = [...new Set(results.flatMap((row) => row.map(({ field }) => field!)))];
  const valueIn = (row: (typeof results)[number], column: string) =>
    row.find(({ field }) => field === column)?.value ?? '';
  return { columns, rows: results.map((row) => columns.map((column) => valueIn(row, column))) };
};

export type Light = { name: string; state: string };

/** The alarms of a widget, with their states. */
export const lightsOf = async ({ metrics }: Clients, { properties }: Widget): Promise<Light[]> => {
  const { MetricAlarms = [], CompositeAlarms = [] } = await metrics.send(
    new DescribeAlarmsCommand({ AlarmTypes: ['MetricAlarm', 'CompositeAlarm'], MaxRecords: 100 }),
  );
  const states = new Map([...MetricAlarms, ...CompositeAlarms].map((one) => [one.AlarmName!, one.StateValue!]));
  return properties.alarms!.map((arn) => {
    const name = arn.split(':alarm:')[1]!;
    return { name: name.replace(/^granary-[^-]+-/, ''), state: states.get(name) ?? 'INSUFFICIENT_DATA' };
  });
};
