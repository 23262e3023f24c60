import type { Execution } from '../athena/athena-executions.ts';
import type { Throttled } from '../dynamodb/dynamodb-throughput.ts';
import type { QueueFacts } from '../fauxqs/fauxqs.ts';
import type { Datum, Dimensions } from './metric-store.ts';

/** What the services of AWS measure of themselves, as far as the embedded ones can tell. */
const datum =
  (namespace: string, dimensions: Dimensions, at: number) =>
  (name: string, value: number, unit: string): Datum => ({
    ...{ namespace, name, dimensions, at, unit },
    values: [[value, 1]],
  });

const MINUTE = 60_000;

/** Queues as they are now; one that is empty and was so is told of once a minute. */
export const makeQueueMetrics = () => {
  const told = new Map<string, { at: number; empty: boolean }>();
  return (queues: readonly QueueFacts[], now: number): Datum[] =>
    queues.flatMap(({ name, visible, notVisible, oldest }) => {
      const empty = visible === 0 && notVisible === 0;
      const before = told.get(name);
      if (empty && before?.empty && now - before.at < MINUTE) return [];
      told.set(name, { at: now, empty });
      const of = datum('AWS/SQS', { QueueName: name }, now);
      return [
        of('ApproximateNumberOfMessagesVisible', visible, 'Count'),
        of('ApproximateNumberOfMessagesNotVisible', notVisible, 'Count'),
        of('ApproximateAgeOfOldestMessage', oldest === undefined ? 0 : Math.floor((now - oldest) / 1000), 'Seconds'),
      ];
    });
};

/** What a table refused for now. */
export const throttleMetrics = ({ table, kind }: Throttled, now: number): Datum[] => [
  datum('AWS/DynamoDB', { TableName: table }, now)(
    kind === 'read' ? 'ReadThrottleEvents' : 'WriteThrottleEvents',
    1,
    'Count',
  ),
];

/** A query that has ended; one that was answered by an earlier result read nothing. */
export const queryMetrics = (query: Execution): Datum[] => {
  const { submitted, started = query.ended, ended = submitted, workgroup, reused, bytes } = query;
  const QueryState = query.state === 'CANCELLED' ? 'CANCELED' : query.state;
  const of = datum('AWS/Athena', { QueryState, QueryType: 'DML', WorkGroup: workgroup }, ended);
  return [
    of('ProcessedBytes', reused ? 0 : bytes, 'Bytes'),
    of('EngineExecutionTime', ended - (started ?? ended), 'Milliseconds'),
    of('QueryQueueTime', (started ?? ended) - submitted, 'Milliseconds'),
    of('TotalExecutionTime', ended - submitted, 'Milliseconds'),
  ];
};

/** A request that the gateway in front of the API answered. */
export const answerMetrics = (
  { status, ms }: { status: number; ms: number },
  api: { name: string; stage: string },
  now: number,
): Datum[] => {
  const of = datum('AWS/ApiGateway', { ApiName: api.name, Stage: api.stage }, now);
  return [
    of('Count', 1, 'Count'),
    of('4XXError', status >= 400 && status < 500 ? 1 : 0, 'Count'),
    of('5XXError', status >= 500 ? 1 : 0, 'Count'),
    of('Latency', ms, 'Milliseconds'),
  ];
};

/** As serverless-offline says that a function has ended, and that it ended with an error. */
const ENDED = /^\(λ: ([\w-]+)\) RequestId: \S+\s+Duration: ([\d.]+) ms/;
const FAILED = /Unhandled exception in handler '([\w-]+)'/;

/**
 * What a line of a service's output says of a function: as Lambda's own REPORT lines do. `prefix` is what names of
 * functions begin with.
 */
export const functionMetrics = (line: string, prefix: string, now: number): Datum[] => {
  const both = (name: string, metric: string, value: number, unit: string) =>
    ([{ FunctionName: `${prefix}${name}` }, {}] as Dimensions[]).map((dimensions) =>
      datum('AWS/Lambda', dimensions, now)(metric, value, unit),
    );
  const ended = ENDED.exec(line);
  if (ended) {
    const [, name, ms] = ended;
    return [
      ...both(name!, 'Invocations', 1, 'Count'),
      ...both(name!, 'Duration', Number(ms), 'Milliseconds'),
      ...both(name!, 'Throttles', 0, 'Count'),
    ];
  }
  const failed = FAILED.exec(line);
  return failed ? both(failed[1]!, 'Errors', 1, 'Count') : [];
};

export const logBytes = (bytes: number, now: number): Datum =>
  datum('AWS/Logs', {}, now)('IncomingBytes', bytes, 'Bytes');
