/**
 * Every metric of Granary's own: what is emitted takes its names from here, and so do the dashboards and alarms of
 * services/observability, so a name that nobody emits does not compile. AWS's own are in `aws-metrics.ts`.
 *
 * A name with one set of values of its dimensions is a metric that CloudWatch bills by the month. Dimensions are few
 * and of few values therefore: what there may be hundreds of (datasets, routes, sources) is a field of a log line, and
 * asked for in Logs Insights.
 */
export const NAMESPACE = 'Granary';

export type MetricUnit = 'Count' | 'Milliseconds';

/** `function`: of workers and jobs, each by itself. `service`: of a service as a whole. */
export const DIMENSIONS = { function: ['service', 'stage', 'function'], service: ['service', 'stage'] } as const;
export type DimensionSet = keyof typeof DIMENSIONS;

export const FUNCTIONS = ['collect', 'fetch-users', 'plan', 'plan-users', 'sweep', 'watch'] as const;
export type FunctionOfIngestion = (typeof FUNCTIONS)[number];
const WORKERS = ['collect', 'fetch-users'] as const;

type Metric = { unit: MetricUnit; means: string } & (
  | { by: 'function'; of: readonly FunctionOfIngestion[] }
  | { by: 'service'; of: readonly ['api'] }
);
const of =
  <const Functions extends readonly FunctionOfIngestion[]>(...functions: Functions) =>
  (means: string) =>
    ({ unit: 'Count', by: 'function', of: functions, means }) as const;
const ofApi = <const Unit extends MetricUnit>(unit: Unit, means: string) =>
  ({ unit, by: 'service', of: ['api'], means }) as const;

const collect = of('collect');
const users = of('fetch-users');
const watch = of('watch');

export const METRICS = {
  // Written by the runtime.
  Messages: of(...WORKERS)('Messages that a worker was handed, redeliveries included.'),
  MessagesFailed: of(...WORKERS)('Those of them that it left to the queue, which hands them out again.'),
  InvocationsFailed: of(...FUNCTIONS)('Invocations that ended with an error; the log says which.'),
  Requests: ofApi('Count', 'Requests that a function answered.'),
  ClientErrors: ofApi('Count', 'Answers 4xx.'),
  ServerErrors: ofApi('Count', 'Answers 5xx.'),
  Latency: ofApi('Milliseconds', 'From the beginning of a request within its function to the answer.'),

  MessagesUnreadable: of(...WORKERS)('Messages that are none of ours, or of another release.'),
  RunsPlanned: of('plan', 'plan-users')('Runs that a planner started.'),
  RunsSwept: of('sweep')('Runs that ended because nobody worked on them any more.'),

  Collected: collect('Versions that were published.'),
  Unchanged: collect('Resources whose bytes had not changed.'),
  PartsDeferred: collect('Resources put off: the source or our own pace asks to wait.'),
  PartsFailed: collect('Resources that could not be collected this time.'),
  RowsRead: collect('Rows read of the resources of published versions: always published + quarantined + deduplicated.'),
  RowsPublished: collect('Rows of published versions.'),
  RowsQuarantined: collect('Rows put aside, with a reason and their line.'),
  RowsDeduplicated: collect('Rows that were there already.'),
  VersionsHeld: collect('Versions that are implausible beside the one before them; an operator decides.'),
  VersionsNotReadBack: collect('Versions whose files did not read back as they were written; not published.'),
  LedgerImbalances: collect('Versions whose rows did not add up to the rows read; not published.'),

  PagesWritten: users('Pages of users that were written.'),
  PagesDeferred: users('Pages put off: the source or our own pace asks to wait.'),
  PagesFailed: users('Pages that could not be fetched or written this time.'),
  UsersNew: users('Users who were not there before.'),
  UsersOverwritten: users('Users who were there, and were written anew.'),
  UsersQuarantined: users('Users whom the source gave in a shape that cannot be used.'),
  UsersMerged: users('Users whom one page had twice.'),

  DatasetsOverdue: watch('Datasets that were not brought for twice their schedule; the log names them.'),
  SourcesFailing: watch('Sources whose newest ended run failed as a whole; the log names them.'),

  UnmaskedReads: ofApi('Count', 'Answers that showed personal data unmasked, each a line in the stream Audit.'),
  UnmaskedUsers: ofApi('Count', 'Users whom these answers showed.'),
} as const satisfies Readonly<Record<string, Metric>>;

export type MetricName = keyof typeof METRICS;
/** Names of the metrics with this set of dimensions. */
export type MetricBy<By extends DimensionSet> = {
  [Name in MetricName]: (typeof METRICS)[Name]['by'] extends By ? Name : never;
}[MetricName];

/**
 * What says of a log line that some of its members are metrics, in CloudWatch's Embedded Metric Format: an entry of
 * `_aws.CloudWatchMetrics`.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
 */
export const directiveOf = <By extends DimensionSet>(by: By, names: readonly MetricBy<By>[]) => ({
  Namespace: NAMESPACE,
  Dimensions: [DIMENSIONS[by]],
  Metrics: names.map((Name) => ({ Name, Unit: METRICS[Name].unit })),
});
