import {
  PutCompositeAlarmCommand,
  type PutCompositeAlarmCommandInput,
  PutDashboardCommand,
  PutMetricAlarmCommand,
  type PutMetricAlarmCommandInput,
} from '@aws-sdk/client-cloudwatch';
import type { Provision } from './provision-type.ts';

const arnOf = (account: string, region: string, name: string) =>
  `arn:aws:cloudwatch:${region}:${account}:alarm:${name}`;

export const metricAlarm: Provision = async (properties, { clients, account, region }) => {
  const input = properties as unknown as PutMetricAlarmCommandInput;
  if (!input.AlarmName) throw new Error('An alarm needs an AlarmName here.');
  await clients.cloudwatch.send(new PutMetricAlarmCommand(input));
  return { ref: input.AlarmName, attributes: { Arn: arnOf(account, region, input.AlarmName) } };
};

export const compositeAlarm: Provision = async (properties, { clients, account, region }) => {
  const input = properties as unknown as PutCompositeAlarmCommandInput;
  if (!input.AlarmName) throw new Error('A composite alarm needs an AlarmName here.');
  await clients.cloudwatch.send(new PutCompositeAlarmCommand(input));
  return { ref: input.AlarmName, attributes: { Arn: arnOf(account, region, input.AlarmName) } };
};

export const dashboard: Provision = async (properties, { clients }) => {
  const { DashboardName, DashboardBody } = properties as Record<string, string>;
  if (!DashboardName) throw new Error('A dashboard needs a DashboardName here.');
  await clients.cloudwatch.send(new PutDashboardCommand({ DashboardName, DashboardBody }));
  return { ref: DashboardName, attributes: {} };
};

/** Nobody reads mail here, so a topic is a name alone: alarms are shown on the page of `npm start`. */
export const topic: Provision = async (properties, { account, region }) => {
  const { TopicName } = properties as Record<string, string>;
  if (!TopicName) throw new Error('A topic needs a TopicName here.');
  const arn = `arn:aws:sns:${region}:${account}:${TopicName}`;
  return { ref: arn, attributes: { TopicArn: arn, TopicName } };
};
