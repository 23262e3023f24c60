import { ALARMS, alarmName, COMPOSITE, type DeclaredAlarm } from './alarms.ts';
import { dashboard } from './dashboard.ts';
import type { ServiceFacts } from './facts.ts';
import { groupsOf, QUERIES, type SavedQuery } from './saved-queries.ts';
import { type Series, STAGE } from './series.ts';

type Resources = Readonly<Record<string, object>>;

const pascal = (name: string) => name.replace(/(^|-)[a-z]/g, (start) => start.slice(-1).toUpperCase());
const sub = (text: string) => ({ 'Fn::Sub': text });
const TOPIC = { 'Fn::ImportValue': `granary-${STAGE}-alarms-topic-arn` };

const dimensionsOf = ({ dimensions }: Series) => Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value }));

const measured = (alarm: DeclaredAlarm): object => {
  if ('of' in alarm) {
    const { namespace: Namespace, name: MetricName } = alarm.of;
    const { statistic: Statistic, period_s: Period } = alarm;
    return { Namespace, MetricName, Dimensions: dimensionsOf(alarm.of), Statistic, Period };
  }
  const over = Object.entries(alarm.over).map(([Id, series]) => ({
    Id,
    ReturnData: false,
    MetricStat: {
      Metric: { Namespace: series.namespace, MetricName: series.name, Dimensions: dimensionsOf(series) },
      Period: alarm.period_s,
      Stat: alarm.statistic,
    },
  }));
  return { Metrics: [{ Id: 'judged', Expression: alarm.expression, Label: alarm.label, ReturnData: true }, ...over] };
};

const alarmResource = (alarm: DeclaredAlarm): object => {
  const { breaching, of } = alarm.periods ?? { breaching: 1, of: 1 };
  return {
    Type: 'AWS::CloudWatch::Alarm',
    Properties: {
      AlarmName: alarmName(alarm.name),
      AlarmDescription: `${alarm.means} docs/runbook.md#${alarm.name}`,
      ...measured(alarm),
      ComparisonOperator: alarm.below === undefined ? 'GreaterThanThreshold' : 'LessThanThreshold',
      Threshold: alarm.below ?? alarm.above,
      EvaluationPeriods: of,
      DatapointsToAlarm: breaching,
      TreatMissingData: alarm.missing ?? 'notBreaching',
      ...(alarm.kind === 'event' && { AlarmActions: [TOPIC] }),
    },
  };
};

export const alarmResources = (): Resources => {
  const states = ALARMS.filter(({ kind }) => kind === 'state');
  const alarms = ALARMS.map((alarm) => [`${pascal(alarm.name)}Alarm`, alarmResource(alarm)] as const);
  const composite = {
    Type: 'AWS::CloudWatch::CompositeAlarm',
    DependsOn: states.map(({ name }) => `${pascal(name)}Alarm`),
    Properties: {
      AlarmName: alarmName(COMPOSITE),
      AlarmDescription: `Something is out of order until somebody mends it: the alarms of granary-${STAGE} that are red say what. docs/runbook.md`,
      AlarmRule: states.map(({ name }) => `ALARM("${alarmName(name)}")`).join(' OR '),
      AlarmActions: [TOPIC],
      OKActions: [TOPIC],
    },
  };
  return Object.fromEntries([...alarms, [`${pascal(COMPOSITE)}Alarm`, composite]]);
};

const savedQuery = (query: SavedQuery, facts: ServiceFacts): object => ({
  Type: 'AWS::Logs::QueryDefinition',
  Properties: {
    Name: `granary/${STAGE}/${query.name}`,
    LogGroupNames: groupsOf(query, facts),
    QueryString: [`# ${query.asks}`, ...query.steps].join('\n| ').replace('\n| ', '\n'),
  },
});

export const queryResources = (facts: ServiceFacts): Resources =>
  Object.fromEntries(Object.values(QUERIES).map((query) => [`${pascal(query.name)}Query`, savedQuery(query, facts)]));

/** Traces in which one of these functions is: those of other stages and products of the account are not among them. */
export const traceResources = ({ functions }: ServiceFacts): Resources => ({
  TraceGroup: {
    Type: 'AWS::XRay::Group',
    Properties: {
      GroupName: `granary-${STAGE}`,
      FilterExpression: functions
        .map(({ service, name }) => `service("granary-${service}-${STAGE}-${name}")`)
        .join(' OR '),
      // Insights are billed by the trace.
      InsightsConfiguration: { InsightsEnabled: false, NotificationsEnabled: false },
    },
  },
});

export const dashboardResources = (facts: ServiceFacts): { Resources: Resources; Outputs: object } => ({
  Resources: {
    Dashboard: {
      Type: 'AWS::CloudWatch::Dashboard',
      Properties: {
        // Dashboards are of the account, whatever the region.
        DashboardName: sub(`granary-${STAGE}-\${AWS::Region}`),
        DashboardBody: sub(JSON.stringify(dashboard(facts))),
      },
    },
  },
  Outputs: {
    DashboardUrl: {
      Description: 'What is going on',
      Value: sub(
        `https://\${AWS::Region}.console.aws.amazon.com/cloudwatch/home?region=\${AWS::Region}#dashboards/dashboard/granary-${STAGE}-\${AWS::Region}`,
      ),
    },
  },
});
