import { metricsOfLine } from './aws/emf.ts';
import { answerMetrics, functionMetrics, logBytes } from './aws/own-metrics.ts';
import { type Backend, STAGE } from './backend.ts';
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

/** What CloudWatch is told in the cloud by Lambda and by its logs: the output of a service under serverless-offline is both. */
export const measureService = (service: string, log: string, { measured }: Pick<Backend, 'measured'>) =>
  tailLines(log, (lines, bytes) => {
    const now = Date.now();
    const prefix = `granary-${service}-${STAGE}-`;
    measured([
      ...lines.flatMap((line) => [...metricsOfLine(line), ...functionMetrics(line, prefix, now)]),
      logBytes(bytes, now),
    ]);
  });

/** What API Gateway tells of the API. */
export const measureGateway =
  ({ measured }: Pick<Backend, 'measured'>) =>
  (answer: { status: number; ms: number }): void =>
    measured(answerMetrics(answer, { name: `granary-api-${STAGE}`, stage: STAGE }, Date.now()));
