import { FUNCTIONS } from '@granary/domain/metrics';
import {
  functionNamed,
  ofApi,
  ofAws,
  ofFunction,
  queueNamed,
  type Series,
  STAGE,
  THE_API,
  tableNamed,
} from './series.ts';

type Statistic = 'Sum' | 'Maximum' | 'Minimum' | 'Average';
type Measured =
  | { of: Series; statistic: Statistic }
  /** Metric math over series that have names in it. */
  | { expression: string; over: Readonly<Record<string, Series>>; statistic: Statistic; label: string };

export type DeclaredAlarm = Measured & {
  /** After `granary-<stage>-`; also the heading of its entry in docs/runbook.md. */
  name: string;
  /** What is the matter when it is red: one sentence for whoever gets the mail. */
  means: string;
  /**
   * `state` lasts until it is mended: together they are one composite alarm, so that one disturbance is one mail. An
   * `event` has happened: it goes green by itself, and tells of itself, since it must not be hidden behind a state that
   * is red already.
   */
  kind: 'state' | 'event';
  above?: number;
  below?: number;
  period_s: number;
  /** So many of so many periods; one of one unless told. */
  periods?: { breaching: number; of: number };
  /**
   * What a period without data says. `notBreaching` unless told: what is counted is not emitted when there is nothing
   * to count.
   */
  missing?: 'breaching' | 'ignore';
};

const MINUTE = 60;
const HOUR = 3600;
const QUEUES = ['collect', 'fetch-users'] as const;

const deadLetters = (queue: (typeof QUEUES)[number]): DeclaredAlarm => ({
  name: `${queue}-dead-letters`,
  means: `Messages failed three times and wait in granary-${STAGE}-${queue}-dlq; the run they belong to says why.`,
  kind: 'state',
  of: ofAws('AWS/SQS', 'ApproximateNumberOfMessagesVisible', queueNamed(`${queue}-dlq`)),
  statistic: 'Maximum',
  above: 0,
  period_s: MINUTE,
});

const age = (queue: (typeof QUEUES)[number]): DeclaredAlarm => ({
  name: `${queue}-age`,
  means: `A message waits for an hour in granary-${STAGE}-${queue}; workers are throttled, failing or not there.`,
  kind: 'state',
  of: ofAws('AWS/SQS', 'ApproximateAgeOfOldestMessage', queueNamed(queue)),
  statistic: 'Maximum',
  above: HOUR,
  period_s: 5 * MINUTE,
  periods: { breaching: 3, of: 3 },
});

const ofTables = (...names: ('ReadThrottleEvents' | 'WriteThrottleEvents')[]) =>
  Object.fromEntries(
    ['catalog', 'users'].flatMap((table) =>
      names.map((name) => [`${table}_${name[0]!.toLowerCase()}`, ofAws('AWS/DynamoDB', name, tableNamed(table))]),
    ),
  );

/** Every alarm of a stage, in the order of the runbook. */
export const ALARMS: readonly DeclaredAlarm[] = [
  ...QUEUES.map(deadLetters),
  ...QUEUES.map(age),
  {
    name: 'datasets-overdue',
    means:
      'The source of a dataset gave it neither new nor unchanged for twice its schedule; the log of watch names it.',
    kind: 'state',
    of: ofFunction('DatasetsOverdue', 'watch'),
    statistic: 'Maximum',
    above: 0,
    // Somewhat longer than from one look to the next.
    period_s: 20 * MINUTE,
    missing: 'ignore',
  },
  {
    name: 'source-failing',
    means: 'The newest run of a source failed as a whole; the log of watch names it, and the run says why.',
    kind: 'state',
    of: ofFunction('SourcesFailing', 'watch'),
    statistic: 'Maximum',
    above: 0,
    period_s: 20 * MINUTE,
    missing: 'ignore',
  },
  {
    name: 'watch-silent',
    means: 'The function watch has not run for an hour, so nobody knows whether datasets are fresh.',
    kind: 'state',
    of: ofAws('AWS/Lambda', 'Invocations', functionNamed('ingestion', 'watch')),
    statistic: 'Sum',
    below: 1,
    period_s: HOUR,
    missing: 'breaching',
  },
  {
    name: 'functions-failing',
    means: 'Functions that plan, collect or sweep ended with an error more than twice in a quarter of an hour.',
    kind: 'state',
    expression: 'SUM(METRICS())',
    over: Object.fromEntries(
      FUNCTIONS.map((name) => [
        name.replaceAll('-', '_'),
        ofAws('AWS/Lambda', 'Errors', functionNamed('ingestion', name)),
      ]),
    ),
    statistic: 'Sum',
    label: 'errors of functions',
    above: 2,
    period_s: 15 * MINUTE,
  },
  {
    name: 'functions-throttled',
    means: 'Lambda refused invocations for want of concurrency, which all functions of the account and region share.',
    kind: 'state',
    of: ofAws('AWS/Lambda', 'Throttles', {}),
    statistic: 'Sum',
    above: 0,
    period_s: 5 * MINUTE,
    periods: { breaching: 2, of: 3 },
  },
  {
    name: 'tables-throttled',
    means: 'DynamoDB refused reads or writes of the catalog or of users for now; workers wait and try again.',
    kind: 'state',
    expression: 'SUM(METRICS())',
    over: ofTables('ReadThrottleEvents', 'WriteThrottleEvents'),
    statistic: 'Sum',
    label: 'throttled reads and writes',
    above: 0,
    period_s: MINUTE,
    periods: { breaching: 2, of: 5 },
  },
  {
    name: 'api-errors',
    means: 'More than one of a hundred requests, and more than two, were answered 5xx.',
    kind: 'state',
    expression: 'IF(errors > 2, 100 * errors / requests, 0)',
    over: {
      errors: ofAws('AWS/ApiGateway', '5XXError', THE_API),
      requests: ofAws('AWS/ApiGateway', 'Count', THE_API),
    },
    statistic: 'Sum',
    label: 'requests answered 5xx, %',
    above: 1,
    period_s: 5 * MINUTE,
    periods: { breaching: 2, of: 3 },
  },
  {
    name: 'unmasked-share',
    means: 'More than half of the answers about users, and more than twenty in an hour, showed personal data unmasked.',
    kind: 'state',
    expression: 'IF(unmasked > 20, 100 * unmasked / answers, 0)',
    over: {
      unmasked: ofApi('UnmaskedReads'),
      answers: ofAws('AWS/Lambda', 'Invocations', functionNamed('api', 'users')),
    },
    statistic: 'Sum',
    label: 'unmasked answers about users, %',
    above: 50,
    period_s: HOUR,
  },
  {
    name: 'version-held',
    means:
      'A version is implausible beside the one before it and is held; the run says which and why. An operator releases or rejects it.',
    kind: 'event',
    of: ofFunction('VersionsHeld', 'collect'),
    statistic: 'Sum',
    above: 0,
    period_s: 5 * MINUTE,
  },
  {
    name: 'not-read-back',
    means:
      'The files of a version do not read back as they were written, so it is not published; the run says which and how.',
    kind: 'event',
    of: ofFunction('VersionsNotReadBack', 'collect'),
    statistic: 'Sum',
    above: 0,
    period_s: 5 * MINUTE,
  },
  {
    name: 'ledger-imbalance',
    means:
      'The rows of a version do not add up to the rows that were read, so it is not published; the run says which.',
    kind: 'event',
    of: ofFunction('LedgerImbalances', 'collect'),
    statistic: 'Sum',
    above: 0,
    period_s: 5 * MINUTE,
  },
];

/** The one that is told when any state is red. */
export const COMPOSITE = 'attention';
export const alarmName = (name: string) => `granary-${STAGE}-${name}`;
