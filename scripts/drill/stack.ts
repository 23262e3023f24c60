/** The running local stack, as a drill breaks and asks it. */
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import {
  type AlarmHistoryItem,
  CloudWatchClient,
  DescribeAlarmHistoryCommand,
  DescribeAlarmsCommand,
} from '@aws-sdk/client-cloudwatch';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { makeApiClient } from '@granary/local/api-client';
import { makePasswordSignIn } from '@granary/local/password-sign-in';
import { makeInvoke } from '@granary/local/plugin/invoke';
import { portsFrom } from '@granary/local/ports';
import { type LocalStack, ROOT, STATE_VARIABLE, stateDir } from '@granary/local/state';
import { commandsOf } from './runbook.ts';

/** A fault of the replica (docs/local.md). */
export type Fault = { path: string; kind: string; other?: string; limit?: number };

export const openStack = (local: LocalStack, say: (line: string) => void) => {
  const ports = portsFrom(Number(new URL(local.api).port));
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
  const settings = { endpoint: local.awsEndpoint, region: local.region, credentials };
  const cloudwatch = new CloudWatchClient(settings);
  const baseUrl = `http://127.0.0.1:${ports.gateway}`;
  const lambda = `http://127.0.0.1:${ports.ingestionLambda}`;
  const operator = makePasswordSignIn({
    awsEndpoint: local.awsEndpoint,
    clientId: local.clientId,
    ...local.users.operator,
  });
  const api = makeApiClient({ baseUrl, token: operator });
  const invokeAt = makeInvoke(lambda, local.lambdaKey);
  const runbook = readFileSync(join(ROOT, 'docs/runbook.md'), 'utf8');

  const until = async (what: string, found: () => Promise<boolean>, within_s: number): Promise<void> => {
    const end = Date.now() + within_s * 1000;
    while (!(await found())) {
      if (Date.now() > end) throw new Error(`${what}: not within ${within_s} s.`);
      await sleep(500);
    }
  };
  const historyOf = async (AlarmName: string): Promise<AlarmHistoryItem[]> => {
    const input = { AlarmName, HistoryItemType: 'StateUpdate' as const, AlarmTypes: ['MetricAlarm' as const] };
    return (await cloudwatch.send(new DescribeAlarmHistoryCommand(input))).AlarmHistoryItems ?? [];
  };

  return {
    api,
    say,
    /** What clients of the embedded AWS are made with, and what is signed in at. */
    settings,
    baseUrl,
    local,
    /** Of an operator. */
    token: operator,
    dynamodb: new DynamoDBClient(settings),
    async invoke(fn: string, event: object = {}): Promise<unknown> {
      const { payload, failed } = await invokeAt(`granary-ingestion-local-${fn}`, event);
      if (failed) throw new Error(`${fn} failed: ${JSON.stringify(payload)}`);
      return payload;
    },
    async breakSource(...faults: Fault[]): Promise<void> {
      const answer = await fetch(`http://127.0.0.1:${ports.replica}/__replica`, {
        method: 'PUT',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ faults }),
      });
      if (!answer.ok) throw new Error(`The replica answered ${answer.status}: ${await answer.text()}`);
    },
    until,
    /**
     * Waits until the alarm has gone to this state since `since`, ms; an event may be green again before anybody looks.
     */
    async untilAlarm(name: string, state: 'ALARM' | 'OK', since: number, within_s = 300): Promise<void> {
      const AlarmName = `granary-local-${name}`;
      await until(
        `The alarm ${AlarmName} is ${state}`,
        async () => {
          const { MetricAlarms = [] } = await cloudwatch.send(new DescribeAlarmsCommand({ AlarmNames: [AlarmName] }));
          if (MetricAlarms[0]?.StateValue === state) return true;
          return (await historyOf(AlarmName)).some(
            ({ Timestamp, HistorySummary = '' }) =>
              Timestamp!.getTime() >= since && HistorySummary.endsWith(`to ${state}`),
          );
        },
        within_s,
      );
      say(`${name}: ${state === 'ALARM' ? 'red' : 'green'}`);
    },
    /** Names of the alarms that went red since `since`, ms. */
    async redSince(since: number): Promise<string[]> {
      const { MetricAlarms = [] } = await cloudwatch.send(new DescribeAlarmsCommand({ AlarmNamePrefix: 'granary-' }));
      const red: string[] = [];
      for (const { AlarmName = '' } of MetricAlarms) {
        const went = (await historyOf(AlarmName)).some(
          ({ Timestamp, HistorySummary = '' }) => Timestamp!.getTime() >= since && HistorySummary.endsWith('to ALARM'),
        );
        if (went) red.push(AlarmName);
      }
      return red;
    },
    /**
     * Runs the commands of an alarm's entry in the runbook as they stand there, and says what they answered. `typed` is
     * what they ask for, such as a password; nobody is told.
     */
    async byRunbook(
      alarm: string,
      block: string,
      variables: Record<string, string> = {},
      typed?: string,
    ): Promise<string> {
      const commands = commandsOf(runbook, alarm, block);
      say(`docs/runbook.md#${alarm}, ${block}:\n${commands}`);
      const env = {
        ...{ PATH: process.env.PATH, HOME: process.env.HOME, ...variables },
        ...{ STAGE: 'local', [STATE_VARIABLE]: stateDir() },
        ...{ API: baseUrl, TOKEN: await operator(), LAMBDA: lambda, KEY: local.lambdaKey },
      };
      const running = promisify(execFile)('bash', ['-euo', 'pipefail', '-c', commands], { env, cwd: ROOT });
      running.child.stdin?.end(typed);
      const { stdout } = await running;
      say(stdout.length > 300 ? `${stdout.slice(0, 300)} …` : stdout);
      return stdout;
    },
  };
};
export type DrillStack = ReturnType<typeof openStack>;
