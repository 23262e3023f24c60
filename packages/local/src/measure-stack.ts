import { metricsOfLine } from '@granary/embedded-aws/cloudwatch/emf';
import { answerMetrics, functionMetrics, logBytes } from '@granary/embedded-aws/cloudwatch/own-metrics';
import { type Backend, STAGE } from './backend.ts';
import type { GatewayAnswer } from './gateway/gateway.ts';
import { tailLines } from './log-tail.ts';
import { Sentence } from './sentences.ts';

const SPEED_VARIABLE = 'GRANARY_ALARM_SPEED';
const MOST_SPEED = 1000;

/** How many times shorter than they say the periods of alarms are; a period has ten seconds at least. */
export const alarmSpeed = (text = process.env[SPEED_VARIABLE]): number => {
  if (!text) return 1;
  const speed = Number(text);
  if (speed >= 1 && speed <= MOST_SPEED) return speed;
  throw new Sentence(`${SPEED_VARIABLE} takes a number from 1 to ${MOST_SPEED}, not '${text}'.`);
};

type Told = Pick<Backend, 'measured' | 'logged'>;

const FUNCTION = /"function":"([\w-]+)"/;
/**
 * The group of a line in the cloud. Functions of the API do not say which they are: their lines are of all their groups
 * together.
 */
const groupOf = (service: string, line: string): string =>
  `/aws/lambda/granary-${service}-${STAGE}-${FUNCTION.exec(line)?.[1] ?? ''}`;

/**
 * What CloudWatch is told in the cloud by Lambda and by its logs: the output of a service under serverless-offline is
 * both.
 */
export const measureService = (service: string, log: string, { measured, logged }: Told) =>
  tailLines(log, (lines, bytes) => {
    const now = Date.now();
    const prefix = `granary-${service}-${STAGE}-`;
    measured([
      ...lines.flatMap((line) => [...metricsOfLine(line), ...functionMetrics(line, prefix, now)]),
      logBytes(bytes, now),
    ]);
    for (const [group, some] of Map.groupBy(
      lines.filter((line) => line.startsWith('{')),
      (line) => groupOf(service, line),
    ))
      logged(
        group,
        some.map((message) => ({ timestamp: now, message })),
      );
  });

/**
 * What API Gateway tells of the API: metrics, and a line of its access log with the route as far as it is known here.
 */
export const measureGateway =
  ({ measured, logged }: Told) =>
  ({ status, ms, method, path, bytes }: GatewayAnswer): void => {
    const now = Date.now();
    const api = `granary-api-${STAGE}`;
    measured(answerMetrics({ status, ms }, { name: api, stage: STAGE }, now));
    const route = path.split('/').slice(0, 3).join('/');
    const line = { method, route, status, latency: Math.round(ms), bytes, error: '-' };
    logged(`/aws/api-gateway/${api}`, [{ timestamp: now, message: JSON.stringify(line) }]);
  };
