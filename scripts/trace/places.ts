/** Where traces are looked for: the stack on this machine, or a deployed stage. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  CloudWatchLogsClient,
  paginateDescribeLogGroups,
  paginateFilterLogEvents,
} from '@aws-sdk/client-cloudwatch-logs';
import { BatchGetTracesCommand, XRayClient } from '@aws-sdk/client-xray';
import type { SegmentDocument } from '@granary/embedded-aws/xray/xray-traces';
import { readLocalStack } from '@granary/local/state';
import type { LogLine } from './spans.ts';
import { xrayIdOf } from './trace-ids.ts';

export type Place = {
  name: string;
  /** Lines of functions that hold the text. */
  lines(text: string): Promise<LogLine[]>;
  segments(trace: string): Promise<SegmentDocument[]>;
};

const segmentsFrom = async (client: XRayClient, trace: string): Promise<SegmentDocument[]> => {
  const { Traces = [] } = await client.send(new BatchGetTracesCommand({ TraceIds: [xrayIdOf(trace)] }));
  return Traces.flatMap(({ Segments = [] }) => Segments.map(({ Document }) => JSON.parse(Document!)));
};

/** A line is JSON; whatever else a function or its runtime writes is none. */
const lineIn = (text: string): LogLine[] => {
  try {
    const line = JSON.parse(text) as Partial<LogLine>;
    return typeof line.trace_id === 'string' && typeof line.timestamp === 'string' && line.message
      ? [line as LogLine]
      : [];
  } catch {
    return [];
  }
};

/** The traces in which something was done for what has this id: `watch` only speaks of runs. */
export const tracesOf = async (place: Place, id: string): Promise<string[]> => {
  const lines = await place.lines(id);
  return [...new Set(lines.filter((line) => line.function !== 'watch').map(({ trace_id }) => trace_id))];
};

/** The stack that `npm start` runs, or ran last: its functions' output lies in files. */
export const localPlace = (state: string): Place => {
  const stack = readLocalStack(state);
  const folder = join(state, 'logs');
  return {
    name: `the stack in ${state}`,
    async lines(text) {
      const files = stack ? readdirSync(folder).filter((name) => name.endsWith('.log')) : [];
      return files.flatMap((name) =>
        readFileSync(join(folder, name), 'utf8')
          .split('\n')
          .filter((line) => line.includes(text))
          .flatMap(lineIn),
      );
    },
    async segments(trace) {
      if (!stack?.running) return [];
      const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
      const client = new XRayClient({ endpoint: stack.awsEndpoint, region: stack.region, credentials });
      return segmentsFrom(client, trace);
    },
  };
};

/**
 * A deployed stage, with the credentials that the AWS CLI finds. `since`: how far back its log is read, ms since 1970.
 */
export const deployedPlace = (stage: string, region: string | undefined, since: number): Place => {
  const logs = new CloudWatchLogsClient({ region });
  const xray = new XRayClient({ region });
  const groupsOf = async (service: string): Promise<string[]> => {
    const found: string[] = [];
    const logGroupNamePrefix = `/aws/lambda/granary-${service}-${stage}-`;
    for await (const { logGroups = [] } of paginateDescribeLogGroups({ client: logs }, { logGroupNamePrefix }))
      found.push(...logGroups.map(({ logGroupName }) => logGroupName!));
    return found;
  };
  const linesIn = async (logGroupName: string, text: string): Promise<LogLine[]> => {
    const found: LogLine[] = [];
    const input = { logGroupName, filterPattern: `"${text}"`, startTime: since };
    for await (const { events = [] } of paginateFilterLogEvents({ client: logs }, input))
      found.push(...events.flatMap(({ message }) => lineIn(message ?? '')));
    return found;
  };
  return {
    name: `the log groups of stage ${stage}`,
    async lines(text) {
      const groups = (await Promise.all(['api', 'ingestion'].map(groupsOf))).flat();
      return (await Promise.all(groups.map((group) => linesIn(group, text)))).flat();
    },
    segments: (trace) => segmentsFrom(xray, trace),
  };
};
