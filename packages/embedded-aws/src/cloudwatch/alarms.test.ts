import {
  DeleteAlarmsCommand,
  DescribeAlarmHistoryCommand,
  DescribeAlarmsCommand,
  PutCompositeAlarmCommand,
  PutMetricAlarmCommand,
  type PutMetricAlarmCommandInput,
  PutMetricDataCommand,
  SetAlarmStateCommand,
} from '@aws-sdk/client-cloudwatch';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type CloudWatchServer, startCloudWatchServer } from './testing/cloudwatch-server.ts';

let server: CloudWatchServer;
beforeEach(async () => {
  server = await startCloudWatchServer();
});
afterEach(() => server.close());

const put = (Value: number, MetricName = 'Letters') =>
  server.client.send(new PutMetricDataCommand({ Namespace: 'Test', MetricData: [{ MetricName, Value }] }));
const TOPIC = 'arn:aws:sns:us-east-1:000000000000:granary-test-alarms';
const alarm = (input: Partial<PutMetricAlarmCommandInput> = {}) =>
  server.client.send(
    new PutMetricAlarmCommand({
      AlarmName: 'letters',
      Namespace: 'Test',
      MetricName: 'Letters',
      Statistic: 'Sum',
      Period: 60,
      EvaluationPeriods: 1,
      Threshold: 0,
      ComparisonOperator: 'GreaterThanThreshold',
      TreatMissingData: 'notBreaching',
      ...input,
    }),
  );
const composite = (AlarmRule: string, AlarmName = 'all') =>
  server.client.send(new PutCompositeAlarmCommand({ AlarmName, AlarmRule, AlarmActions: [TOPIC] }));
const both = { AlarmTypes: ['MetricAlarm' as const, 'CompositeAlarm' as const] };
const states = async () => {
  server.cloudwatch.evaluate();
  const { MetricAlarms, CompositeAlarms } = await server.client.send(new DescribeAlarmsCommand(both));
  return Object.fromEntries([...MetricAlarms!, ...CompositeAlarms!].map((one) => [one.AlarmName, one.StateValue]));
};
const state = async () => (await states()).letters;
const reason = async () => {
  const { MetricAlarms } = await server.client.send(new DescribeAlarmsCommand({ AlarmNames: ['letters'] }));
  return MetricAlarms![0]!.StateReason;
};
const refusal = (call: Promise<unknown>) =>
  call.then(
    () => 'none',
    ({ name, message }: Error) => `${name}: ${message}`,
  );

describe('An alarm', () => {
  it('goes red when its metric passes the threshold, and green when it does not any more, and says why', async () => {
    await alarm();
    expect((await server.client.send(new DescribeAlarmsCommand({}))).MetricAlarms).toMatchObject([
      { StateValue: 'INSUFFICIENT_DATA', StateReason: 'Unchecked: Initial alarm creation' },
    ]);
    expect(await state()).toBe('OK');
    expect(await reason()).toBe(
      'Threshold Crossed: no datapoints were received for 1 period of 60 s, and 1 missing datapoint treated as [NonBreaching].',
    );
    await put(3);
    expect(await state()).toBe('ALARM');
    expect(await reason()).toBe(
      'Threshold Crossed: 1 out of the last 1 datapoints [3.0 (2026-11-30 11:59:10)] was greater than the threshold (0.0) (minimum 1 datapoint for OK -> ALARM transition).',
    );
    server.pass(50);
    expect(await state()).toBe('ALARM');
    server.pass(20);
    expect(await state()).toBe('OK');
  });

  it('keeps what became of it', async () => {
    await alarm();
    await states();
    await put(3);
    await states();
    const { AlarmHistoryItems } = await server.client.send(new DescribeAlarmHistoryCommand({ AlarmName: 'letters' }));
    expect(AlarmHistoryItems!.map(({ HistoryItemType, HistorySummary }) => [HistoryItemType, HistorySummary])).toEqual([
      ['StateUpdate', 'Alarm updated from OK to ALARM'],
      ['StateUpdate', 'Alarm updated from INSUFFICIENT_DATA to OK'],
      ['ConfigurationUpdate', 'Alarm "letters" created'],
    ]);
    server.reopen();
    expect(await state()).toBe('ALARM');
  });

  it('is put again without losing its state', async () => {
    await alarm();
    await put(3);
    await states();
    await alarm({ AlarmDescription: 'Other words.' });
    const { MetricAlarms } = await server.client.send(new DescribeAlarmsCommand({}));
    expect(MetricAlarms).toMatchObject([
      { StateValue: 'ALARM', AlarmDescription: 'Other words.', Threshold: 0, Namespace: 'Test', Period: 60 },
    ]);
  });

  it('may want so many of so many periods', async () => {
    await alarm({ EvaluationPeriods: 3, DatapointsToAlarm: 2 });
    await put(1);
    expect(await state()).toBe('OK');
    expect(await reason()).toContain('1 out of the last 3 datapoints');
    server.pass(120);
    await put(1);
    expect(await state()).toBe('ALARM');
    server.pass(70);
    expect(await state()).toBe('OK');
  });

  it.each([
    ['notBreaching', 'OK'],
    ['breaching', 'ALARM'],
    ['missing', 'INSUFFICIENT_DATA'],
    // As it was: nothing is known at first.
    ['ignore', 'INSUFFICIENT_DATA'],
  ])('takes what was not measured as %s', async (TreatMissingData, expected) => {
    await alarm({ TreatMissingData });
    server.pass(600);
    expect(await state()).toBe(expected);
    await put(3);
    expect(await state()).toBe('ALARM');
    server.pass(600);
    expect(await state()).toBe(TreatMissingData === 'ignore' ? 'ALARM' : expected);
  });

  it('takes nothing as breaching that was before the start: nothing could be measured while the machine was off', async () => {
    await alarm({ TreatMissingData: 'breaching', Period: 3600 });
    server.pass(3000);
    expect(await state()).toBe('INSUFFICIENT_DATA');
    server.pass(700);
    expect(await state()).toBe('ALARM');
    server.reopen();
    expect(await state()).toBe('ALARM');
    await put(0);
    expect(await state()).toBe('OK');
    server.pass(7200);
    server.reopen();
    expect(await state()).toBe('OK');
  });

  it.each([
    ['GreaterThanThreshold', 5, 'OK'],
    ['GreaterThanOrEqualToThreshold', 5, 'ALARM'],
    ['LessThanThreshold', 5, 'OK'],
    ['LessThanOrEqualToThreshold', 5, 'ALARM'],
    ['LessThanThreshold', 4, 'ALARM'],
    ['GreaterThanThreshold', 6, 'ALARM'],
  ] as const)('compares: %s 5 with %d', async (ComparisonOperator, value, expected) => {
    await alarm({ ComparisonOperator, Threshold: 5 });
    await put(value);
    expect(await state()).toBe(expected);
  });

  it('may judge an expression over several metrics', async () => {
    const of = (Id: string, MetricName: string) => ({
      Id,
      ReturnData: false,
      MetricStat: { Metric: { Namespace: 'Test', MetricName }, Period: 60, Stat: 'Sum' },
    });
    const { client } = server;
    const Metrics = [
      { Id: 'share', Expression: 'IF(errors > 2, 100 * errors / requests, 0)', ReturnData: true },
      of('errors', 'Errors'),
      of('requests', 'Requests'),
    ];
    const judged = { Threshold: 1, EvaluationPeriods: 1, ComparisonOperator: 'GreaterThanThreshold' as const };
    const input = { AlarmName: 'letters', Metrics, TreatMissingData: 'notBreaching', ...judged };
    await client.send(new PutMetricAlarmCommand(input));
    await put(100, 'Requests');
    await put(2, 'Errors');
    expect(await state()).toBe('OK');
    await put(1, 'Errors');
    expect(await state()).toBe('ALARM');
    expect(await reason()).toContain('[3.0 (');
  });

  it('is judged over shorter periods in a drill', async () => {
    const drill = await startCloudWatchServer({ speed: 30 });
    try {
      const input = {
        AlarmName: 'held',
        Namespace: 'Test',
        MetricName: 'Held',
        Statistic: 'Sum' as const,
        Period: 300,
      };
      const judged = { EvaluationPeriods: 1, Threshold: 0, ComparisonOperator: 'GreaterThanThreshold' as const };
      await drill.client.send(new PutMetricAlarmCommand({ ...input, ...judged, TreatMissingData: 'notBreaching' }));
      const MetricData = [{ MetricName: 'Held', Value: 1 }];
      await drill.client.send(new PutMetricDataCommand({ Namespace: 'Test', MetricData }));
      const stateNow = () => {
        drill.cloudwatch.evaluate();
        return drill.cloudwatch.alarms()[0]!.state;
      };
      expect(stateNow()).toBe('ALARM');
      drill.pass(11);
      expect(stateNow()).toBe('OK');
      const { MetricAlarms } = await drill.client.send(new DescribeAlarmsCommand({}));
      expect(MetricAlarms![0]!.Period).toBe(300);
      // But silence, which schedules break no sooner.
      await drill.client.send(new PutMetricAlarmCommand({ ...input, ...judged, TreatMissingData: 'breaching' }));
      drill.pass(60);
      expect(stateNow()).toBe('ALARM');
    } finally {
      await drill.close();
    }
  });

  it('can be set by hand, until it is judged again', async () => {
    await alarm();
    await states();
    const input = { AlarmName: 'letters', StateValue: 'ALARM' as const, StateReason: 'A drill' };
    await server.client.send(new SetAlarmStateCommand(input));
    expect(await reason()).toBe('A drill');
    expect(await state()).toBe('OK');
    const nobody = server.client.send(new SetAlarmStateCommand({ ...input, AlarmName: 'nobody' }));
    expect(await refusal(nobody)).toBe('ResourceNotFound: There is no alarm nobody.');
  });

  it('is gone when it is deleted', async () => {
    await alarm();
    await server.client.send(new DeleteAlarmsCommand({ AlarmNames: ['letters'] }));
    expect(await states()).toEqual({});
    expect(await refusal(server.client.send(new DeleteAlarmsCommand({ AlarmNames: ['letters'] })))).toContain(
      'ResourceNotFound',
    );
  });

  it('is refused when it says what cannot be judged', async () => {
    const refused = (input: Partial<PutMetricAlarmCommandInput>) => refusal(alarm(input));
    expect(await refused({ TreatMissingData: 'perhaps' })).toContain('InvalidParameterValueException');
    expect(await refused({ Statistic: undefined })).toContain('must have a Statistic');
    expect(await refused({ DatapointsToAlarm: 2 })).toContain('DatapointsToAlarm');
    expect(await refused({ MetricName: undefined })).toContain('or Metrics');
    const band = { ComparisonOperator: 'GreaterThanUpperThreshold' as const };
    expect(await refused(band)).toContain('NotImplemented');
  });
});

describe('A composite alarm', () => {
  it('is red while its rule holds of the states of others', async () => {
    await alarm();
    await alarm({ AlarmName: 'pages', MetricName: 'Pages' });
    await composite('ALARM("letters") OR ALARM("pages")');
    expect(await states()).toEqual({ letters: 'OK', pages: 'OK', all: 'OK' });
    await put(1, 'Pages');
    expect(await states()).toEqual({ letters: 'OK', pages: 'ALARM', all: 'ALARM' });
    await put(1);
    expect(await states()).toEqual({ letters: 'ALARM', pages: 'ALARM', all: 'ALARM' });
    server.pass(70);
    expect(await states()).toEqual({ letters: 'OK', pages: 'OK', all: 'OK' });
    const input = {
      AlarmName: 'all',
      AlarmTypes: ['CompositeAlarm' as const],
      HistoryItemType: 'StateUpdate' as const,
    };
    const { AlarmHistoryItems } = await server.client.send(new DescribeAlarmHistoryCommand(input));
    // Two red ones are one disturbance.
    expect(AlarmHistoryItems!.map(({ HistorySummary }) => HistorySummary)).toEqual([
      'Alarm updated from ALARM to OK',
      'Alarm updated from OK to ALARM',
      'Alarm updated from INSUFFICIENT_DATA to OK',
    ]);
  });

  it('may have AND, NOT, parentheses and ARNs in its rule', async () => {
    await alarm();
    await alarm({ AlarmName: 'pages', MetricName: 'Pages' });
    const arn = 'arn:aws:cloudwatch:us-east-1:000000000000:alarm:letters';
    await composite(`ALARM(${arn}) AND NOT (ALARM(pages) OR INSUFFICIENT_DATA("pages"))`);
    await put(1);
    expect((await states()).all).toBe('ALARM');
    await put(1, 'Pages');
    expect((await states()).all).toBe('OK');
  });

  it('is told of where it is asked for, as in the cloud, and with its children', async () => {
    await alarm();
    await composite('ALARM("letters")');
    const describeAlarms = (input: object) => server.client.send(new DescribeAlarmsCommand(input));
    expect(await describeAlarms({})).toMatchObject({ MetricAlarms: [{ AlarmName: 'letters' }], CompositeAlarms: [] });
    const types = { AlarmTypes: ['CompositeAlarm'] };
    expect(await describeAlarms(types)).toMatchObject({
      MetricAlarms: [],
      CompositeAlarms: [{ AlarmName: 'all', AlarmRule: 'ALARM("letters")', AlarmActions: [TOPIC] }],
    });
    const children = await describeAlarms({ ChildrenOfAlarmName: 'all' });
    expect(children.MetricAlarms!.map(({ AlarmName }) => AlarmName)).toEqual(['letters']);
    const pages = await describeAlarms({ ...both, MaxRecords: 1 });
    expect(pages).toMatchObject({ CompositeAlarms: [{ AlarmName: 'all' }], NextToken: 'all' });
    const next = await describeAlarms({ ...both, MaxRecords: 1, NextToken: 'all' });
    expect(next).toMatchObject({ MetricAlarms: [{ AlarmName: 'letters' }] });
    expect(next.NextToken).toBeUndefined();
  });

  it.each([
    ['ALARM("nobody")', 'names alarms that do not exist: nobody'],
    ['ALARM("letters"', "')' is missing"],
    ['ALARM("letters") ALARM("letters")', 'it goes on after its end'],
    ['', 'it ends too early'],
    ['ALARM("letters") OR ?', "unexpected input at ' ?'"],
  ])('is refused when its rule is none: %s', async (rule, why) => {
    await alarm();
    expect(await refusal(composite(rule))).toContain(why);
  });
});
