import {
  CreateLogGroupCommand,
  CreateLogStreamCommand,
  PutRetentionPolicyCommand,
} from '@aws-sdk/client-cloudwatch-logs';
import { type Provision, unlessMissing } from './provision-type.ts';

export const logGroup: Provision = async (properties, { clients: { logs }, account, region }) => {
  const { LogGroupName: logGroupName, RetentionInDays } = properties as {
    LogGroupName?: string;
    RetentionInDays?: number;
  };
  if (!logGroupName) throw new Error('A log group needs a LogGroupName here.');
  await unlessMissing(logs.send(new CreateLogGroupCommand({ logGroupName })), 'ResourceAlreadyExistsException');
  if (RetentionInDays !== undefined) {
    const retentionInDays = Number(RetentionInDays);
    await logs.send(new PutRetentionPolicyCommand({ logGroupName, retentionInDays }));
  }
  return { ref: logGroupName, attributes: { Arn: `arn:aws:logs:${region}:${account}:log-group:${logGroupName}:*` } };
};

export const logStream: Provision = async (properties, { clients: { logs } }) => {
  const { LogGroupName: logGroupName, LogStreamName: logStreamName } = properties as Record<string, string>;
  if (!logStreamName) throw new Error('A log stream needs a LogStreamName here.');
  const command = new CreateLogStreamCommand({ logGroupName, logStreamName });
  await unlessMissing(logs.send(command), 'ResourceAlreadyExistsException');
  return { ref: logStreamName, attributes: {} };
};
