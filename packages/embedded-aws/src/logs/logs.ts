import { AwsError, NotImplementedHere } from '../aws-error.ts';
import type { FunctionLines } from '../function-lines.ts';
import { type JsonService, makeJsonService, operation, type ServiceOperation } from '../json-service.ts';
import { accept, batchOf } from './log-batch.ts';
import { openLogFiles, type StoredLogEvent, type StoredLogGroup } from './log-files.ts';
import { filterOf } from './log-filter.ts';
import { afterToken, eventsPage, mergedPage } from './log-pages.ts';
import { logQueries } from './log-queries.ts';

const GROUP_NAME = /^[\w./#-]{1,512}$/;
const STREAM_NAME = /^[^:*]{1,512}$/;
const RETENTION_DAYS = new Set([
  1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
]);
const DAY = 86_400_000;

const invalid = (message: string) => new AwsError('InvalidParameterException', message);
const missing = (what: string) => new AwsError('ResourceNotFoundException', `The specified ${what} does not exist.`);
const exists = (what: string) => new AwsError('ResourceAlreadyExistsException', `The specified ${what} already exists`);
const withinLimit = (limit: number, most: number): number => {
  if (!(limit >= 1 && limit <= most)) throw invalid(`limit must be from 1 to ${most}.`);
  return limit;
};

/**
 * Part of CloudWatch Logs: groups and streams, events put in batches and read again, under `dir`.
 * Events past a group's retention are not given any more.
 */
export const startLogs = (options: {
  dir: string;
  region: string;
  accountId: string;
  onFailure: (error: Error) => void;
  /** Told of the events that were put, once they are kept. */
  onEvents?: (messages: readonly string[]) => void;
  /** Groups that are not kept here, and that only queries see. */
  lines?: FunctionLines;
  /** ms since the epoch */
  now?: () => number;
}): JsonService => {
  const { now = Date.now } = options;
  const files = openLogFiles(options.dir);
  const arnOf = (group: string) => `arn:aws:logs:${options.region}:${options.accountId}:log-group:${group}`;

  const groupOf = (name: string): StoredLogGroup => {
    const group = files.group(name);
    if (!group) throw missing('log group');
    return group;
  };
  const checkStream = (group: string, stream: string): StoredLogGroup => {
    const found = groupOf(group);
    if (!files.stream(group, stream)) throw missing('log stream');
    return found;
  };
  const readable = (group: StoredLogGroup, stream: string): StoredLogEvent[] => {
    const since = group.retention_days === undefined ? 0 : now() - group.retention_days * DAY;
    return files.read(group.name, stream).filter((event) => event.timestamp >= since);
  };
  const describeGroup = (group: StoredLogGroup) => ({
    logGroupName: group.name,
    creationTime: group.created,
    ...(group.retention_days !== undefined && { retentionInDays: group.retention_days }),
    metricFilterCount: 0,
    arn: `${arnOf(group.name)}:*`,
    logGroupArn: arnOf(group.name),
    logGroupClass: 'STANDARD',
    storedBytes: files.streams(group.name).reduce((sum, { name }) => sum + files.facts(group.name, name).bytes, 0),
  });

  const eventsOf = (names: readonly string[], from: number, to: number) => {
    const own = names.filter((name) => !options.lines?.has(name));
    const kept = own.flatMap((name) => {
      const group = groupOf(name);
      return files.streams(name).flatMap((stream) => readable(group, stream.name));
    });
    const all = [...kept, ...(options.lines?.of(names) ?? [])];
    return all.filter(({ timestamp }) => timestamp >= from && timestamp <= to);
  };

  const operations: Record<string, ServiceOperation> = {
    ...logQueries(eventsOf),
    CreateLogGroup: operation({ logGroupName: 'text!', logGroupClass: 'text' }, ({ logGroupName, logGroupClass }) => {
      if (!GROUP_NAME.test(logGroupName))
        throw invalid('logGroupName has letters, digits, _ - / . # alone, 512 at most.');
      if (logGroupClass !== undefined && logGroupClass !== 'STANDARD') {
        throw new NotImplementedHere(`with logGroupClass ${logGroupClass}`);
      }
      if (files.group(logGroupName)) throw exists('log group');
      files.putGroup({ name: logGroupName, created: now() });
      return undefined;
    }),
    DeleteLogGroup: operation({ logGroupName: 'text!' }, ({ logGroupName }) => {
      files.removeGroup(groupOf(logGroupName).name);
      return undefined;
    }),
    PutRetentionPolicy: operation(
      { logGroupName: 'text!', retentionInDays: 'integer!' },
      ({ logGroupName, retentionInDays }) => {
        const group = groupOf(logGroupName);
        if (!RETENTION_DAYS.has(retentionInDays)) {
          throw invalid(`retentionInDays must be one of ${[...RETENTION_DAYS].join(', ')}.`);
        }
        files.putGroup({ ...group, retention_days: retentionInDays });
        return undefined;
      },
    ),
    DescribeLogGroups: operation(
      { logGroupNamePrefix: 'text', logGroupNamePattern: 'text', limit: 'integer', nextToken: 'text' },
      ({ logGroupNamePrefix = '', logGroupNamePattern = '', limit = 50, nextToken }) => {
        if (logGroupNamePrefix && logGroupNamePattern) {
          throw invalid('LogGroup name prefix and LogGroup name pattern are mutually exclusive parameters.');
        }
        const all = files
          .groups()
          .filter(({ name }) => name.startsWith(logGroupNamePrefix) && name.includes(logGroupNamePattern));
        const { items, next } = afterToken(all, ({ name }) => name, withinLimit(limit, 50), nextToken);
        return { logGroups: items.map(describeGroup), ...next };
      },
    ),
    CreateLogStream: operation({ logGroupName: 'text!', logStreamName: 'text!' }, ({ logGroupName, logStreamName }) => {
      if (!STREAM_NAME.test(logStreamName))
        throw invalid('logStreamName has no : and no *, and 512 characters at most.');
      if (files.stream(groupOf(logGroupName).name, logStreamName)) throw exists('log stream');
      files.putStream(logGroupName, { name: logStreamName, created: now() });
      return undefined;
    }),
    DescribeLogStreams: operation(
      {
        logGroupName: 'text!',
        logStreamNamePrefix: 'text',
        orderBy: 'text',
        descending: 'flag',
        limit: 'integer',
        nextToken: 'text',
      },
      ({ logGroupName, logStreamNamePrefix = '', orderBy = 'LogStreamName', descending, limit = 50, nextToken }) => {
        if (!['LogStreamName', 'LastEventTime'].includes(orderBy)) {
          throw invalid('orderBy is LogStreamName or LastEventTime.');
        }
        const byTime = orderBy === 'LastEventTime';
        if (byTime && logStreamNamePrefix) throw invalid('Cannot order by LastEventTime with a logStreamNamePrefix.');
        const group = groupOf(logGroupName).name;
        const all = files
          .streams(group)
          .filter(({ name }) => name.startsWith(logStreamNamePrefix))
          .map((stream) => ({ ...stream, facts: files.facts(group, stream.name) }));
        if (byTime) all.sort((a, b) => (a.facts.last ?? 0) - (b.facts.last ?? 0));
        if (descending) all.reverse();
        const { items, next } = afterToken(all, ({ name }) => name, withinLimit(limit, 50), nextToken);
        const logStreams = items.map(({ name, created, facts }) => ({
          logStreamName: name,
          creationTime: created,
          ...(facts.events > 0 && {
            firstEventTimestamp: facts.first,
            lastEventTimestamp: facts.last,
            lastIngestionTime: facts.ingested,
          }),
          arn: `${arnOf(group)}:log-stream:${name}`,
          storedBytes: 0,
        }));
        return { logStreams, ...next };
      },
    ),
    PutLogEvents: operation(
      // sequenceToken: accepted and not looked at, as in the cloud since 2023.
      { logGroupName: 'text!', logStreamName: 'text!', logEvents: 'list!', sequenceToken: 'text' },
      ({ logGroupName, logStreamName, logEvents }) => {
        const events = batchOf(logEvents);
        const group = checkStream(logGroupName, logStreamName);
        const { kept, rejected } = accept(events, now(), group.retention_days);
        if (kept.length > 0) {
          files.append(group.name, logStreamName, now(), kept);
          options.onEvents?.(kept.map(([, message]) => message));
        }
        return { ...(rejected && { rejectedLogEventsInfo: rejected }) };
      },
    ),
    GetLogEvents: operation(
      {
        logGroupName: 'text!',
        logStreamName: 'text!',
        startTime: 'integer',
        endTime: 'integer',
        nextToken: 'text',
        limit: 'integer',
        startFromHead: 'flag',
      },
      ({ logGroupName, logStreamName, startTime = 0, endTime, nextToken, limit = 10_000, startFromHead }) => {
        const group = checkStream(logGroupName, logStreamName);
        const events = readable(group, logStreamName).filter(
          ({ timestamp }) => timestamp >= startTime && (endTime === undefined || timestamp < endTime),
        );
        return eventsPage(events, { limit: withinLimit(limit, 10_000), fromHead: startFromHead ?? false, nextToken });
      },
    ),
    FilterLogEvents: operation(
      {
        logGroupName: 'text!',
        logStreamNames: 'texts',
        logStreamNamePrefix: 'text',
        startTime: 'integer',
        endTime: 'integer',
        filterPattern: 'text',
        nextToken: 'text',
        limit: 'integer',
        // Streams are always read as one, whatever it says, as in the cloud.
        interleaved: 'flag',
      },
      ({ logGroupName, logStreamNames, logStreamNamePrefix, startTime = 0, endTime, filterPattern = '', ...page }) => {
        if (logStreamNames && logStreamNamePrefix !== undefined) {
          throw invalid('logStreamNames and logStreamNamePrefix are mutually exclusive parameters.');
        }
        if (logStreamNames && (logStreamNames.length < 1 || logStreamNames.length > 100)) {
          throw invalid('logStreamNames has from 1 to 100 names.');
        }
        const group = groupOf(logGroupName);
        for (const name of logStreamNames ?? []) checkStream(logGroupName, name);
        const matches = filterOf(filterPattern);
        const limit = withinLimit(page.limit ?? 10_000, 10_000);
        const names = new Set(
          logStreamNames ??
            files
              .streams(logGroupName)
              .map(({ name }) => name)
              .filter((name) => name.startsWith(logStreamNamePrefix ?? '')),
        );
        const found = [...names].sort().flatMap((stream) =>
          readable(group, stream)
            // Unlike GetLogEvents, the end is one of them.
            .filter(({ timestamp }) => timestamp >= startTime && (endTime === undefined || timestamp <= endTime))
            .filter(({ message }) => matches(message))
            .map((event) => ({ ...event, stream })),
        );
        return mergedPage(found, { limit, nextToken: page.nextToken });
      },
    ),
  };

  return makeJsonService({
    name: 'CloudWatch Logs',
    target: 'Logs_20140328',
    operations,
    errors: { invalid: 'InvalidParameterException', internal: 'InternalServerException' },
    // A batch at its limit, every character of it escaped.
    largest: 8 << 20,
    onFailure: options.onFailure,
  });
};
