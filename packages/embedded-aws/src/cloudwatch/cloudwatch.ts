import { type JsonService, makeJsonService } from '../json-service.ts';
import { alarmOperations } from './alarm-operations.ts';
import type { AlarmState } from './alarm-rule.ts';
import { type Alarm, openAlarmStore } from './alarm-store.ts';
import { dashboardOperations } from './dashboard-operations.ts';
import { metricOperations } from './metric-operations.ts';
import { INVALID } from './metric-queries.ts';
import { type Datum, openMetricStore } from './metric-store.ts';

/** How often alarms are judged, and how often at most where their periods are made shorter. */
const EVALUATE_MS = 5_000;
const LEAST_EVALUATE_MS = 250;
const TIDY_MS = 600_000;

export type AlarmFacts = Pick<Alarm, 'AlarmName' | 'AlarmDescription' | 'state' | 'reason' | 'changed' | 'kind'>;
export type CloudWatch = {
  handle: JsonService;
  /** What services of AWS measure themselves; PutMetricData takes nothing for their namespaces. */
  put(datum: Datum): void;
  alarms(): AlarmFacts[];
  /** Judges the alarms now. */
  evaluate(): void;
  close(): void;
};

/**
 * CloudWatch's metrics, alarms and dashboards under `dir`. Alarms are judged every few seconds by what was measured;
 * `measure` is called before, for what is looked at rather than told. `speed` makes their periods so many times
 * shorter, ten seconds at least.
 */
export const startCloudWatch = (options: {
  dir: string;
  region: string;
  accountId: string;
  speed?: number;
  measure?: (put: (datum: Datum) => void) => void;
  onAlarm?: (alarm: AlarmFacts, from: AlarmState) => void;
  onFailure: (error: Error) => void;
  /** ms since the epoch */
  now?: () => number;
}): CloudWatch => {
  const { dir, region, accountId, speed = 1, measure, onAlarm, onFailure, now = Date.now } = options;
  const metrics = openMetricStore(dir);
  const alarms = openAlarmStore({ dir, metrics, since: now(), speed, now, onChange: onAlarm });
  const arn = (rest: string) => `arn:aws:cloudwatch:${rest}`;
  const put = (datum: Datum) => metrics.put(datum);

  const evaluate = () => {
    measure?.(put);
    alarms.evaluate();
    metrics.flush();
  };
  const quietly = (work: () => void) => () => {
    try {
      work();
    } catch (error) {
      onFailure(error as Error);
    }
  };
  const evaluating = setInterval(quietly(evaluate), Math.max(LEAST_EVALUATE_MS, EVALUATE_MS / speed));
  const tidying = setInterval(
    quietly(() => metrics.tidy(now())),
    TIDY_MS,
  );
  for (const timer of [evaluating, tidying]) timer.unref();
  quietly(() => metrics.tidy(now()))();

  const handle = makeJsonService({
    name: 'CloudWatch',
    target: 'GraniteServiceVersion20100801',
    operations: {
      ...metricOperations(metrics, now),
      ...alarmOperations(alarms, (name) => arn(`${region}:${accountId}:alarm:${name}`)),
      ...dashboardOperations({ dir, now, arnOf: (name) => arn(`:${accountId}:dashboard/${name}`) }),
    },
    errors: { invalid: INVALID, internal: 'InternalServiceFault' },
    largest: 1 << 20,
    onFailure,
  });

  return {
    handle,
    put,
    alarms: () => alarms.list(),
    evaluate,
    close() {
      clearInterval(evaluating);
      clearInterval(tidying);
      metrics.close();
    },
  };
};
