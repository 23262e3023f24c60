import { AwsError, NotImplementedHere } from '../aws-error.ts';
import { type InputOf, operation, type ServiceOperation } from '../json-service.ts';
import { type AlarmComparison, COMPARISONS, type JudgedAlarm, type MissingData } from './alarm-judge.ts';
import type { AlarmState } from './alarm-rule.ts';
import type { Alarm, AlarmStore, HistoryItem } from './alarm-store.ts';
import { dimensionsOf, invalidValue, periodOf, readQueries } from './metric-queries.ts';
import { isStatistic } from './metric-statistics.ts';

const STATES: readonly AlarmState[] = ['OK', 'ALARM', 'INSUFFICIENT_DATA'];
const MISSING: readonly MissingData[] = ['missing', 'ignore', 'breaching', 'notBreaching'];
const seconds = (ms: number) => ms / 1000;

const isOneOf = <Text extends string>(list: readonly Text[], text: string): text is Text =>
  (list as readonly string[]).includes(text);

const ACTIONS = {
  ActionsEnabled: 'flag',
  OKActions: 'texts',
  AlarmActions: 'texts',
  InsufficientDataActions: 'texts',
} as const;
const METRIC_ALARM = {
  AlarmName: 'text!',
  AlarmDescription: 'text',
  ...ACTIONS,
  MetricName: 'text',
  Namespace: 'text',
  Statistic: 'text',
  ExtendedStatistic: 'text',
  Dimensions: 'list',
  Period: 'integer',
  Unit: 'text',
  EvaluationPeriods: 'integer!',
  DatapointsToAlarm: 'integer',
  Threshold: 'number!',
  ComparisonOperator: 'text!',
  TreatMissingData: 'text',
  Metrics: 'list',
  Tags: 'list',
} as const;

const actionsOf = (input: InputOf<typeof ACTIONS>) => ({
  ActionsEnabled: input.ActionsEnabled ?? true,
  OKActions: input.OKActions ?? [],
  AlarmActions: input.AlarmActions ?? [],
  InsufficientDataActions: input.InsufficientDataActions ?? [],
});

const measuredOf = (input: InputOf<typeof METRIC_ALARM>): JudgedAlarm['measured'] => {
  const { Metrics, MetricName, Namespace, Statistic, ExtendedStatistic, Dimensions, Period } = input;
  if (Metrics) {
    if (MetricName !== undefined) throw invalidValue('An alarm has either a MetricName or Metrics.');
    const queries = readQueries(Metrics, 'Metrics');
    if (queries.filter(({ returned }) => returned).length !== 1)
      throw new AwsError('ValidationError', 'Exactly one of the Metrics must have ReturnData true.');
    return { queries };
  }
  if (MetricName === undefined || Namespace === undefined)
    throw invalidValue('An alarm must have a MetricName and a Namespace, or Metrics.');
  const statistic = ExtendedStatistic ?? Statistic;
  if (statistic === undefined) throw invalidValue('An alarm must have a Statistic or an ExtendedStatistic.');
  if (!isStatistic(statistic)) throw new NotImplementedHere(`the statistic ${statistic}`);
  const metric = { namespace: Namespace, name: MetricName, dimensions: dimensionsOf(Dimensions) };
  return { metric, statistic, period_ms: periodOf(Period) };
};

const judgedOf = (input: InputOf<typeof METRIC_ALARM>): JudgedAlarm => {
  const { ComparisonOperator, Threshold: threshold, EvaluationPeriods: of, TreatMissingData = 'missing' } = input;
  const { DatapointsToAlarm: breaching = of } = input;
  if (!Object.hasOwn(COMPARISONS, ComparisonOperator))
    throw new NotImplementedHere(`the comparison ${ComparisonOperator}`);
  if (!isOneOf(MISSING, TreatMissingData))
    throw invalidValue(`TreatMissingData must be one of ${MISSING.join(', ')}, not ${TreatMissingData}.`);
  if (!(breaching >= 1 && breaching <= of))
    throw invalidValue('DatapointsToAlarm must be from 1 to EvaluationPeriods.');
  const comparison = ComparisonOperator as AlarmComparison;
  return { measured: measuredOf(input), comparison, threshold, breaching, of, missing: TreatMissingData };
};

const described = (alarm: Alarm, arnOf: (name: string) => string) => {
  const { AlarmName, AlarmDescription, ActionsEnabled, OKActions, AlarmActions, InsufficientDataActions } = alarm;
  const common = {
    ...{ AlarmName, AlarmArn: arnOf(AlarmName), AlarmDescription },
    ...{ ActionsEnabled, OKActions, AlarmActions, InsufficientDataActions },
    AlarmConfigurationUpdatedTimestamp: seconds(alarm.configured),
    StateValue: alarm.state,
    StateReason: alarm.reason,
    StateUpdatedTimestamp: seconds(alarm.updated),
    StateTransitionedTimestamp: seconds(alarm.changed),
  };
  return alarm.kind === 'composite' ? { ...common, AlarmRule: alarm.AlarmRule } : { ...alarm.given, ...common };
};

const historyItem = ({ alarm, kind, at, type, summary, data }: HistoryItem) => ({
  AlarmName: alarm,
  AlarmType: kind === 'metric' ? 'MetricAlarm' : 'CompositeAlarm',
  Timestamp: seconds(at),
  HistoryItemType: type,
  HistorySummary: summary,
  HistoryData: JSON.stringify(data),
});

/** A page of a list in the order of its names; the token is the last name of the page before. */
const page = <Item>(items: readonly Item[], key: (item: Item) => string, limit: number, token: string | undefined) => {
  const rest = token === undefined ? items : items.filter((item) => key(item) > token);
  const some = rest.slice(0, limit);
  return { some, next: rest.length > some.length ? { NextToken: key(some.at(-1)!) } : {} };
};

/** CloudWatch's operations about alarms. */
export const alarmOperations = (
  alarms: AlarmStore,
  arnOf: (name: string) => string,
): Record<string, ServiceOperation> => ({
  PutMetricAlarm: operation(METRIC_ALARM, (input) => {
    const { AlarmName, AlarmDescription, Tags: _, ...rest } = input;
    const { ActionsEnabled: _1, OKActions: _2, AlarmActions: _3, InsufficientDataActions: _4, ...given } = rest;
    const judged = judgedOf(input);
    alarms.put({ kind: 'metric', AlarmName, AlarmDescription, ...actionsOf(input), judged, given });
    return undefined;
  }),
  PutCompositeAlarm: operation(
    { AlarmName: 'text!', AlarmDescription: 'text', ...ACTIONS, AlarmRule: 'text!', Tags: 'list' },
    (input) => {
      const { AlarmName, AlarmDescription, AlarmRule } = input;
      const missing = alarms.ruleOf(AlarmRule).names.filter((name) => !alarms.get(name));
      if (missing.length > 0)
        throw new AwsError('ValidationError', `AlarmRule names alarms that do not exist: ${missing.join(', ')}.`);
      alarms.put({ kind: 'composite', AlarmName, AlarmDescription, ...actionsOf(input), AlarmRule });
      return undefined;
    },
  ),
  DescribeAlarms: operation(
    {
      AlarmNames: 'texts',
      AlarmNamePrefix: 'text',
      AlarmTypes: 'texts',
      ChildrenOfAlarmName: 'text',
      StateValue: 'text',
      MaxRecords: 'integer',
      NextToken: 'text',
    },
    ({ AlarmNames, AlarmNamePrefix = '', AlarmTypes, ChildrenOfAlarmName, StateValue, MaxRecords = 50, NextToken }) => {
      if (!(MaxRecords >= 1 && MaxRecords <= 100)) throw invalidValue('MaxRecords must be from 1 to 100.');
      if (AlarmNames && AlarmNamePrefix) throw invalidValue('AlarmNames and AlarmNamePrefix exclude each other.');
      const parent = ChildrenOfAlarmName === undefined ? undefined : alarms.get(ChildrenOfAlarmName);
      const children = parent?.kind === 'composite' ? alarms.ruleOf(parent.AlarmRule).names : [];
      // As in the cloud: composite alarms are told of only where they are asked for.
      const types = AlarmTypes ?? ['MetricAlarm'];
      const found = alarms
        .list()
        .filter(({ kind }) => types.includes(kind === 'metric' ? 'MetricAlarm' : 'CompositeAlarm'))
        .filter(({ AlarmName, state }) =>
          [
            AlarmName.startsWith(AlarmNamePrefix),
            AlarmNames?.includes(AlarmName) ?? true,
            ChildrenOfAlarmName === undefined || children.includes(AlarmName),
            StateValue === undefined || state === StateValue,
          ].every(Boolean),
        );
      const { some, next } = page(found, ({ AlarmName }) => AlarmName, MaxRecords, NextToken);
      const of = (kind: Alarm['kind']) =>
        some.filter((alarm) => alarm.kind === kind).map((one) => described(one, arnOf));
      return { MetricAlarms: of('metric'), CompositeAlarms: of('composite'), ...next };
    },
  ),
  DescribeAlarmHistory: operation(
    {
      AlarmName: 'text',
      AlarmTypes: 'texts',
      HistoryItemType: 'text',
      StartDate: 'number',
      EndDate: 'number',
      MaxRecords: 'integer',
      ScanBy: 'text',
    },
    ({ AlarmName, AlarmTypes, HistoryItemType, StartDate, EndDate, MaxRecords = 100, ScanBy }) => {
      const items = alarms
        .history()
        .map(historyItem)
        .filter(
          (item) =>
            (AlarmName === undefined || item.AlarmName === AlarmName) &&
            (AlarmTypes ?? ['MetricAlarm', 'CompositeAlarm']).includes(item.AlarmType) &&
            (HistoryItemType === undefined || item.HistoryItemType === HistoryItemType) &&
            item.Timestamp >= (StartDate ?? 0) &&
            item.Timestamp <= (EndDate ?? Number.POSITIVE_INFINITY),
        );
      const ordered = ScanBy === 'TimestampAscending' ? [...items].reverse() : items;
      return { AlarmHistoryItems: ordered.slice(0, MaxRecords) };
    },
  ),
  DeleteAlarms: operation({ AlarmNames: 'texts!' }, ({ AlarmNames }) => {
    const unknown = AlarmNames.filter((name) => !alarms.get(name));
    if (unknown.length > 0) throw new AwsError('ResourceNotFound', `There is no alarm ${unknown.join(', ')}.`, 404);
    alarms.remove(AlarmNames);
    return undefined;
  }),
  SetAlarmState: operation(
    { AlarmName: 'text!', StateValue: 'text!', StateReason: 'text!', StateReasonData: 'text' },
    ({ AlarmName, StateValue, StateReason }) => {
      const alarm = alarms.get(AlarmName);
      if (!alarm) throw new AwsError('ResourceNotFound', `There is no alarm ${AlarmName}.`, 404);
      if (!isOneOf(STATES, StateValue)) throw invalidValue(`StateValue must be one of ${STATES.join(', ')}.`);
      alarms.setState(alarm, StateValue, StateReason);
      return undefined;
    },
  ),
});
