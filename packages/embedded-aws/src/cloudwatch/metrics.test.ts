import {
  GetMetricDataCommand,
  GetMetricStatisticsCommand,
  ListMetricsCommand,
  type MetricDataQuery,
  type MetricDatum,
  PutMetricDataCommand,
} from '@aws-sdk/client-cloudwatch';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type CloudWatchServer, startCloudWatchServer } from './testing/cloudwatch-server.ts';

let server: CloudWatchServer;
beforeAll(async () => {
  server = await startCloudWatchServer();
});
afterAll(() => server.close());

const at = (seconds: number) => new Date(server.clock.now + seconds * 1000);
let made = 0;
/** A namespace of the test's own. */
const namespace = () => `Test${++made}`;
const put = (Namespace: string, ...MetricData: MetricDatum[]) =>
  server.client.send(new PutMetricDataCommand({ Namespace, MetricData }));
const stat = (Namespace: string, MetricName: string, Stat: string, Period = 60): MetricDataQuery['MetricStat'] => ({
  Metric: { Namespace, MetricName },
  Period,
  Stat,
});
/** Values of each query that is returned, oldest first, over the last ten minutes. */
const ask = async (...MetricDataQueries: MetricDataQuery[]) => {
  const input = { StartTime: at(-600), EndTime: at(60), ScanBy: 'TimestampAscending' as const };
  const { MetricDataResults } = await server.client.send(new GetMetricDataCommand({ ...input, MetricDataQueries }));
  return Object.fromEntries(MetricDataResults!.map(({ Id, Values }) => [Id, Values]));
};
const refusal = (call: Promise<unknown>) =>
  call.then(
    () => 'none',
    ({ name, message }: Error) => `${name}: ${message}`,
  );

describe('What was measured', () => {
  it('is counted, added up and ranked by period', async () => {
    const of = namespace();
    const Values = Array.from({ length: 100 }, (_, n) => n + 1);
    await put(of, { MetricName: 'Latency', Timestamp: at(-60), Values }, { MetricName: 'Latency', Value: 7 });
    const names = ['SampleCount', 'Sum', 'Average', 'Minimum', 'Maximum', 'p50', 'p95', 'p99', 'p99.9', 'p100'];
    const answer = await ask(...names.map((name, n) => ({ Id: `q${n}`, MetricStat: stat(of, 'Latency', name) })));
    expect(Object.values(answer)).toEqual([
      [100, 1],
      [5050, 7],
      [50.5, 7],
      [1, 7],
      [100, 7],
      [50, 7],
      [95, 7],
      [99, 7],
      [100, 7],
      [100, 7],
    ]);
  });

  it('counts each of the Values as often as its Counts say, and keeps percentiles within half a percent', async () => {
    const of = namespace();
    await put(of, { MetricName: 'Bytes', Values: [1234567, 10], Counts: [3, 1] });
    const answer = await ask(
      { Id: 'sum', MetricStat: stat(of, 'Bytes', 'Sum') },
      { Id: 'p90', MetricStat: stat(of, 'Bytes', 'p90') },
    );
    expect(answer.sum).toEqual([3 * 1234567 + 10]);
    expect(Math.abs(answer.p90![0]! / 1234567 - 1)).toBeLessThan(0.005);
  });

  it('is told apart by its dimensions, whatever their order', async () => {
    const of = namespace();
    const [a, b] = [
      { Name: 'a', Value: '1' },
      { Name: 'b', Value: '2' },
    ];
    await put(
      of,
      { MetricName: 'N', Value: 1, Dimensions: [a, b] },
      { MetricName: 'N', Value: 2, Dimensions: [b, a] },
      { MetricName: 'N', Value: 50, Dimensions: [a] },
    );
    const query = (...Dimensions: (typeof a)[]): MetricDataQuery => ({
      Id: 'q',
      MetricStat: { Metric: { Namespace: of, MetricName: 'N', Dimensions }, Period: 60, Stat: 'Sum' },
    });
    expect([await ask(query(b, a)), await ask(query(a)), await ask(query())]).toEqual([
      { q: [3] },
      { q: [50] },
      { q: [] },
    ]);
    const list = await server.client.send(new ListMetricsCommand({ Namespace: of, Dimensions: [{ Name: 'b' }] }));
    expect(list.Metrics).toEqual([{ Namespace: of, MetricName: 'N', Dimensions: [a, b] }]);
  });

  it('is answered newest first unless asked otherwise, with times and labels', async () => {
    const of = namespace();
    await put(of, { MetricName: 'N', Timestamp: at(-120), Value: 1 }, { MetricName: 'N', Value: 2 });
    const { MetricDataResults } = await server.client.send(
      new GetMetricDataCommand({
        StartTime: at(-600),
        EndTime: at(60),
        MetricDataQueries: [{ Id: 'q', Label: 'mine', MetricStat: stat(of, 'N', 'Sum') }],
      }),
    );
    expect(MetricDataResults).toEqual([
      { Id: 'q', Label: 'mine', Timestamps: [at(0), at(-120)], Values: [2, 1], StatusCode: 'Complete' },
    ]);
  });

  it('is answered to GetMetricStatistics too', async () => {
    const of = namespace();
    await put(of, { MetricName: 'N', Values: [1, 2, 6] });
    const input = { Namespace: of, MetricName: 'N', StartTime: at(-60), EndTime: at(60), Period: 60 };
    const { Datapoints } = await server.client.send(
      new GetMetricStatisticsCommand({ ...input, Statistics: ['Sum', 'Average'], ExtendedStatistics: ['p50'] }),
    );
    expect(Datapoints).toMatchObject([{ Timestamp: at(0), Sum: 9, Average: 3, ExtendedStatistics: { p50: 2 } }]);
  });

  it('comes compressed where there is much of it, as the SDK sends it', async () => {
    const of = namespace();
    const data = Array.from({ length: 300 }, (_, n): MetricDatum => ({ MetricName: `Metric${n}`, Value: n }));
    await put(of, ...data);
    expect(server.requests.at(-1)).toMatchObject({ 'content-encoding': 'gzip' });
    expect((await server.client.send(new ListMetricsCommand({ Namespace: of }))).Metrics).toHaveLength(300);
  });

  it('is there after a new start', async () => {
    const of = namespace();
    await put(of, { MetricName: 'N', Value: 3 });
    server.reopen();
    await put(of, { MetricName: 'N', Value: 4 });
    expect(await ask({ Id: 'q', MetricStat: stat(of, 'N', 'Sum') })).toEqual({ q: [7] });
  });

  it('is kept in longer steps when it is old, and forgotten after fifteen days', async () => {
    const old = await startCloudWatchServer();
    try {
      const begun = old.clock.now;
      const of = namespace();
      for (const Value of [1, 2, 3]) {
        await old.client.send(new PutMetricDataCommand({ Namespace: of, MetricData: [{ MetricName: 'N', Value }] }));
        old.pass(60);
      }
      const sums = async (Period: number) => {
        const times = { StartTime: new Date(begun - 600_000), EndTime: new Date(begun + 600_000) };
        const MetricDataQueries = [{ Id: 'q', MetricStat: stat(of, 'N', 'Sum', Period) }];
        const answer = await old.client.send(new GetMetricDataCommand({ ...times, MetricDataQueries }));
        return answer.MetricDataResults![0]!.Values;
      };
      expect(await sums(60)).toEqual([3, 2, 1]);
      old.pass(4 * 3600);
      old.reopen();
      expect([await sums(300), await sums(60)]).toEqual([[6], [6]]);
      old.reopen();
      expect(await sums(300)).toEqual([6]);
      old.pass(15 * 86_400);
      old.reopen();
      expect(await sums(300)).toEqual([]);
      expect((await old.client.send(new ListMetricsCommand({ Namespace: of }))).Metrics).toEqual([]);
    } finally {
      await old.close();
    }
  });
});

describe('Metric math', () => {
  const of = 'Math';
  const metric = (Id: string, MetricName: string): MetricDataQuery => ({
    Id,
    ReturnData: false,
    MetricStat: stat(of, MetricName, 'Sum'),
  });
  /** Two minutes of requests (10, 20), an error in the second. */
  beforeAll(() =>
    put(
      of,
      { MetricName: 'Requests', Timestamp: at(-60), Value: 10 },
      { MetricName: 'Requests', Value: 20 },
      { MetricName: 'Errors', Value: 5 },
    ),
  );
  const requests = metric('requests', 'Requests');
  const errors = metric('errors', 'Errors');
  it.each([
    ['100 * errors / requests', [25]],
    ['FILL(errors, 0) / requests', [0, 0.25]],
    ['IF(FILL(errors, 0) > 2, 100 * errors / requests, 0)', [25]],
    ['SUM(METRICS())', [10, 25]],
    ['SUM([requests, FILL(errors, 1)])', Array.from({ length: 11 }, (_, n) => (n < 9 ? 1 : n < 10 ? 11 : 25))],
    ['MAX(METRICS("err")) + 1', [6]],
    ['-requests + 2 * (3 - 1) ^ 2', [-2, -12]],
    ['requests >= 20 AND requests != 3', [0, 1]],
    ['requests / (requests - 10)', [2]],
    ['requests * AVG(requests)', [150, 300]],
  ])('%s', async (Expression, values) => {
    expect((await ask({ Id: 'e', Expression }, requests, errors)).e).toEqual(values);
  });

  it('may name other expressions', async () => {
    const answer = await ask(
      { Id: 'percent', Expression: 'share * 100' },
      { Id: 'share', Expression: 'errors / requests', ReturnData: false },
      ...[requests, errors],
    );
    expect(answer).toEqual({ percent: [25] });
  });

  it.each([
    ['errors +', 'ValidationException: Error in expression'],
    ['errors / nobody', 'the id nobody is not defined'],
    ['errors # requests', "unexpected input at ' # requests'"],
    ['METRICS()', 'it must be one time series'],
    [
      'ANOMALY_DETECTION_BAND(errors)',
      'does not implement CloudWatch GetMetricData the function ANOMALY_DETECTION_BAND',
    ],
    ['FILL(errors, REPEAT)', 'REPEAT'],
  ])('that cannot be worked out is refused: %s', async (Expression, why) => {
    expect(await refusal(ask({ Id: 'e', Expression }, requests, errors))).toContain(why);
  });
});

describe('What cannot be done here is refused by name', () => {
  const MetricStat = (Stat: string, Period: number) => stat('Test', 'N', Stat, Period);
  it.each([
    [
      'a statistic',
      { Id: 'q', MetricStat: MetricStat('tm90', 60) },
      'NotImplemented: The embedded AWS does not implement CloudWatch GetMetricData the statistic tm90.',
    ],
    ['a period of a second', { Id: 'q', MetricStat: MetricStat('Sum', 1) }, 'NotImplemented'],
    [
      'a period that is none',
      { Id: 'q', MetricStat: MetricStat('Sum', 90) },
      'InvalidParameterValueException: The period must be',
    ],
    ['an id that is none', { Id: 'Q', MetricStat: MetricStat('Sum', 60) }, 'InvalidParameterValueException: The Id'],
    ['a search', { Id: 'q', Expression: "SEARCH('{Test}', 'Sum')" }, 'NotImplemented'],
    ['neither', { Id: 'q' }, 'either a MetricStat or an Expression'],
  ])('%s', async (_, query, why) => {
    expect(await refusal(ask(query))).toContain(why);
  });

  it('a metric of AWS, which nobody may put', async () => {
    expect(await refusal(put('AWS/SQS', { MetricName: 'N', Value: 1 }))).toContain('InvalidParameterValueException');
  });

  it('a time of long ago', async () => {
    const long = put('Test', { MetricName: 'N', Value: 1, Timestamp: at(-20 * 86_400) });
    expect(await refusal(long)).toContain('Timestamp');
  });

  it('and nothing failed inside', () => {
    expect(server.failures).toEqual([]);
  });
});
