import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { CloudWatchClient, PutMetricAlarmCommand } from '@aws-sdk/client-cloudwatch';
import { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs';
import { type EmbeddedAws, REGION, startEmbeddedAws } from '@granary/embedded-aws/embedded-aws';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Clients, linesOf, timesOf, type Widget } from './dashboards/ask.ts';
import { drawPage } from './dashboards/page.ts';

const dir = mkdtempSync(join(tmpdir(), 'granary-dashboards-'));
const NOW = Math.floor(Date.now() / 300_000) * 300_000;
const times = { from: NOW - 3_600_000, to: NOW + 300_000 };
let aws: EmbeddedAws;
let clients: Clients;
beforeAll(async () => {
  aws = await startEmbeddedAws({ port: 0, dir });
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
  const settings = { endpoint: aws.url, region: REGION, credentials };
  clients = { metrics: new CloudWatchClient(settings), logs: new CloudWatchLogsClient(settings) };
  const of = (name: string, at: number, value: number) => ({
    ...{ namespace: 'Test', name, dimensions: { stage: 'x' }, at },
    values: [[value, 1] as const],
  });
  for (let minute = 0; minute < 40; minute += 5) aws.measured([of('Rows', NOW - minute * 60_000, 100 + minute)]);
  aws.measured([of('Held', NOW, 2)]);
  aws.logged('/lines', [{ timestamp: NOW, message: '{"route":"GET /<x>","ms":12.3456}' }]);
  const judged = { Threshold: 0, EvaluationPeriods: 1, ComparisonOperator: 'GreaterThanThreshold' as const };
  await clients.metrics.send(
    new PutMetricAlarmCommand({
      ...{
        AlarmName: 'granary-x-held',
        Namespace: 'Test',
        MetricName: 'Held',
        Statistic: 'Sum',
        Period: 60,
        ...judged,
      },
    }),
  );
});
afterAll(async () => {
  await aws.close();
  rmSync(dir, { recursive: true });
});

const place = { x: 0, y: 0, width: 12, height: 6 };
const metric = (name: string, options: object) => ['Test', name, 'stage', 'x', { stat: 'Sum', ...options }];
const draw = (...widgets: Widget[]) => drawPage({ clients, widgets, times, title: 'A <page>', about: 'About it.' });
const textsOf = (svg: string) => [...svg.matchAll(/<text[^>]*>([^<]*)<\/text>/g)].map(([, text]) => text);

describe('A dashboard as a picture', () => {
  it('has a chart with its lines, axes and limits', async () => {
    const svg = await draw({
      ...{ ...place, type: 'metric' },
      properties: {
        ...{ title: 'Rows', view: 'timeSeries', period: 300, yAxis: { left: { label: 'rows' } } },
        annotations: { horizontal: [{ label: 'alarm', value: 500, color: '#d62728' }] },
        metrics: [
          metric('Rows', { label: 'published', color: '#2ca02c' }),
          metric('Held', { label: 'held', yAxis: 'right' }),
          [{ expression: '2 * rows', label: 'twice' }],
          metric('Rows', { id: 'rows', visible: false }),
        ],
      },
    });
    expect(textsOf(svg)).toEqual(expect.arrayContaining(['Rows', 'published', 'held →', 'twice', 'rows', 'About it.']));
    expect(svg).toContain('stroke="#2ca02c"');
    expect(svg).not.toMatch(/NaN|undefined|Infinity/);
    expect(svg.match(/<svg/g)?.length).toBe(svg.match(/<\/svg>/g)?.length);
  });

  it('says where there is nothing to show', async () => {
    const svg = await draw({
      ...{ ...place, type: 'metric' },
      properties: { title: 'None', view: 'timeSeries', metrics: [metric('Nothing', { label: 'nothing' })] },
    });
    expect(textsOf(svg)).toContain('no data in this time');
    expect(svg).not.toMatch(/NaN|Infinity/);
  });

  it('has figures, of the whole time where the widget says so', async () => {
    const figures = (more: object): Widget => ({
      ...{ ...place, type: 'metric' },
      properties: {
        title: 'F',
        view: 'singleValue',
        period: 300,
        ...more,
        metrics: [metric('Rows', { label: 'rows' })],
      },
    });
    expect(textsOf(await draw(figures({ setPeriodToTimeRange: true })))).toContain('940');
    expect(textsOf(await draw(figures({})))).toContain('100');
  });

  it.each([0, 1, 17, 29])(
    'has one figure of the whole time, whenever it is drawn: %s minutes earlier',
    async (minutes) => {
      const ago = minutes * 60_000 + 12_345;
      const properties = {
        title: 'F',
        view: 'singleValue',
        setPeriodToTimeRange: true,
        metrics: [metric('Rows', { label: 'rows' })],
      };
      const svg = await drawPage({
        ...{ clients, title: 'A', about: 'B' },
        widgets: [{ ...place, type: 'metric', properties }],
        times: { from: times.from - ago, to: times.to - ago },
      });
      const seen = [0, 5, 10, 15, 20, 25, 30, 35].filter(
        (minute) => NOW - minute * 60_000 < Math.ceil((times.to - ago) / 60_000) * 60_000,
      );
      expect(textsOf(svg)).toContain(String(seen.reduce((sum, minute) => sum + 100 + minute, 0)));
    },
  );

  it('has tables of what the logs answer, escaped and rounded', async () => {
    const query = `SOURCE '/lines' | stats max(ms) as slowest by route`;
    const svg = await draw({ ...place, type: 'log', properties: { title: 'T', query } });
    expect(textsOf(svg)).toEqual(expect.arrayContaining(['route', 'slowest', 'GET /&#60;x&#62;', '12.3']));
  });

  it('has lights of alarms, and headings', async () => {
    const alarms = ['held', 'gone'].map((name) => `arn:aws:cloudwatch:us-east-1:000000000000:alarm:granary-x-${name}`);
    const svg = await draw(
      { ...{ ...place, type: 'alarm' }, properties: { title: 'Alarms', alarms } },
      { ...{ ...place, y: 6, type: 'text' }, properties: { markdown: '## Head\nWith `words`.' } },
    );
    expect(textsOf(svg)).toEqual(expect.arrayContaining(['held', 'gone', 'no data yet', 'Head', 'With words.']));
  });

  it('looks back over a week where its periods are days', async () => {
    const widget: Widget = {
      ...{ ...place, type: 'metric' },
      properties: { period: 86_400, metrics: [metric('Rows', { label: 'rows' })] },
    };
    const { from, to } = timesOf(widget, times);
    expect((to - from) / 86_400_000).toBe(7);
    const [line] = await linesOf(clients, widget, { from, to });
    expect(line!.points.reduce((sum, { value }) => sum + value, 0)).toBe(940);
  });
});

it('npm run dashboards says what it needs where no stack is running, and what is wrong with its options', async () => {
  const run = (...args: string[]) =>
    promisify(execFile)(process.execPath, [join(import.meta.dirname, 'dashboards.ts'), ...args]).then(
      ({ stdout }) => stdout,
      ({ code, stderr }) => `${code}: ${stderr}`,
    );
  expect(await run('--state', dir)).toContain('1: No local stack is running. Start it with `npm start`');
  expect(await run('--minutes', '0')).toContain("2: --minutes takes a number from 1 to 20160 (two weeks), not '0'.");
  expect(await run('--hours', '1')).toContain('--minutes N');
  expect(await run('--help')).toContain('Draws the dashboard');
}, 60_000);
