import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  CloudWatchClient,
  DescribeAlarmsCommand,
  GetDashboardCommand,
  ListDashboardsCommand,
} from '@aws-sdk/client-cloudwatch';
import { directiveOf, type MetricBy } from '@granary/domain/metrics';
import { metricsOfLine } from '@granary/embedded-aws/cloudwatch/emf';
import { ACCOUNT_ID, type EmbeddedAws, REGION, startEmbeddedAws } from '@granary/embedded-aws/embedded-aws';
import { provision } from '@granary/embedded-aws/provision/provision';
import { loadTemplates, type StackResource } from '@granary/embedded-aws/provision/templates';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ROOT } from './state.ts';

const dir = mkdtempSync(join(tmpdir(), 'granary-alarms-'));
let aws: EmbeddedAws;
let cloudwatch: CloudWatchClient;
let declared: [string, StackResource][];
beforeAll(async () => {
  aws = await startEmbeddedAws({ port: 0, dir: join(dir, 'aws'), alarmSpeed: 1000 });
  const templates = await loadTemplates({ root: ROOT, stage: 'local' });
  await provision(templates, { endpoint: aws.url, account: ACCOUNT_ID, region: REGION, stage: 'local' });
  declared = templates.flatMap(({ resources }) => Object.entries(resources));
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
  cloudwatch = new CloudWatchClient({ endpoint: aws.url, region: REGION, credentials, maxAttempts: 1 });
}, 120_000);
afterAll(async () => {
  await aws.close();
  rmSync(dir, { recursive: true });
});

const both = { AlarmTypes: ['MetricAlarm' as const, 'CompositeAlarm' as const] };
const alarms = async () => {
  const { MetricAlarms = [], CompositeAlarms = [] } = await cloudwatch.send(new DescribeAlarmsCommand(both));
  return new Map([...MetricAlarms, ...CompositeAlarms].map((one) => [one.AlarmName!, one]));
};
const until = async (name: string, state: string) => {
  for (;;) {
    const found = (await alarms()).get(name);
    if (found?.StateValue === state) return found;
    await sleep(50);
  }
};
/** As a function of ingestion writes it. */
const emit = (fn: string, name: MetricBy<'function'>, value: number) => {
  const _aws = { Timestamp: Date.now(), CloudWatchMetrics: [directiveOf('function', [name])] };
  const line = { _aws, service: 'ingestion', stage: 'local', function: fn, [name]: value };
  aws.measured(metricsOfLine(JSON.stringify(line)));
};

describe('What services/observability declares is what runs on this machine', () => {
  it('every alarm, with the same words, threshold and topic', async () => {
    const there = await alarms();
    const ofType = (type: string) => declared.filter(([, { Type }]) => Type === type).map(([, one]) => one.Properties!);
    const metric = ofType('AWS::CloudWatch::Alarm');
    const composite = ofType('AWS::CloudWatch::CompositeAlarm');
    expect(metric.length).toBeGreaterThan(10);
    expect([...there.keys()].sort()).toEqual([...metric, ...composite].map(({ AlarmName }) => AlarmName).sort());
    for (const { AlarmActions, OKActions, ...same } of [...metric, ...composite]) {
      const found = there.get(String(same.AlarmName))!;
      expect(found).toMatchObject(same);
      const topic = `arn:aws:sns:${REGION}:${ACCOUNT_ID}:granary-local-alarms`;
      expect(found.AlarmActions).toEqual(AlarmActions === undefined ? [] : [topic]);
      expect(found.OKActions).toEqual(OKActions === undefined ? [] : [topic]);
    }
  });

  it('the dashboard, under the name of its stage and region', async () => {
    const { DashboardEntries } = await cloudwatch.send(new ListDashboardsCommand({}));
    expect(DashboardEntries!.map(({ DashboardName }) => DashboardName)).toEqual(['granary-local-us-east-1']);
    const { DashboardBody } = await cloudwatch.send(
      new GetDashboardCommand({ DashboardName: 'granary-local-us-east-1' }),
    );
    expect(DashboardBody).not.toContain('${');
    expect(JSON.parse(DashboardBody!).widgets.length).toBeGreaterThan(20);
  });

  it('an event turns its own alarm red, and not the composite one', async () => {
    await until('granary-local-attention', 'OK');
    emit('collect', 'VersionsHeld', 1);
    const { AlarmDescription } = await until('granary-local-version-held', 'ALARM');
    expect(AlarmDescription).toContain('docs/runbook.md#version-held');
    expect((await alarms()).get('granary-local-attention')?.StateValue).toBe('OK');
  });

  it('a state turns the composite alarm red, and green when it is mended', async () => {
    emit('watch', 'DatasetsOverdue', 2);
    await until('granary-local-datasets-overdue', 'ALARM');
    const { StateReason } = await until('granary-local-attention', 'ALARM');
    expect(StateReason).toContain('granary-local-datasets-overdue');
    // Nothing is said of it until the next look, so it stays red; then it is mended.
    while ((await alarms()).get('granary-local-attention')?.StateValue === 'ALARM') {
      emit('watch', 'DatasetsOverdue', 0);
      await sleep(250);
    }
    expect((await alarms()).get('granary-local-datasets-overdue')?.StateValue).toBe('OK');
  }, 60_000);
});
