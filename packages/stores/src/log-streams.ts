import { type CloudWatchLogsClient, PutLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs';
import type { RunLog } from '@granary/domain/ports/run-log';
import type { LogEvent } from './log-batches.ts';

export type LogGroup = { client: CloudWatchLogsClient; group: string };
export type StreamName = 'Info' | 'Error' | 'Status' | 'Audit';

/**
 * The service took the call and not all of its events: their time is out of its range, and to send them again would not
 * help.
 */
export class RejectedEvents extends Error {
  constructor(stream: StreamName) {
    super(`CloudWatch Logs rejected events of the stream ${stream}: their time is out of its range.`);
  }
}

/**
 * Nobody waits longer for a log, however slow it is: an invocation that ran out of time over it would have its messages
 * delivered again, and after three times be dead letters, though all of their work was done.
 */
export const PATIENCE_MS = 3000;

/**
 * Puts events, as many as one call takes, to a stream. Throws when any was not taken, or when the signal comes first.
 */
export const putEvents = async (
  { client, group }: LogGroup,
  stream: StreamName,
  events: readonly LogEvent[],
  abortSignal: AbortSignal = AbortSignal.timeout(PATIENCE_MS),
): Promise<void> => {
  const logEvents = events.map(({ timestamp, message }) => ({ timestamp, message }));
  const { rejectedLogEventsInfo: rejected } = await client.send(
    new PutLogEventsCommand({ logGroupName: group, logStreamName: stream, logEvents }),
    { abortSignal },
  );
  if (rejected && Object.values(rejected).some((value) => value !== undefined)) throw new RejectedEvents(stream);
};

/** The stream Status alone: one event per run that has ended. */
export const makeStatusLog = (logs: LogGroup, now: () => number = Date.now): Pick<RunLog, 'status'> => ({
  status: (event) => putEvents(logs, 'Status', [{ timestamp: now(), message: JSON.stringify(event) }]),
});
