import { AwsError } from '../aws-error.ts';

export type InputEvent = readonly [timestamp: number, message: string];

const MOST_EVENTS = 10_000;
const LARGEST_BATCH = 1_048_576;
const LARGEST_EVENT = 256 << 10;
/** What CloudWatch Logs adds to the bytes of each message. */
const OVERHEAD = 26;
const HOUR = 3_600_000;
const DAY = 24 * HOUR;

const invalid = (message: string) => new AwsError('InvalidParameterException', message);

const eventOf = (event: Readonly<Record<string, unknown>>, n: number): InputEvent => {
  const { timestamp, message, ...strange } = event;
  if (!Number.isSafeInteger(timestamp) || (timestamp as number) < 0)
    throw invalid(`The timestamp of event ${n} is not a number of milliseconds.`);
  if (typeof message !== 'string' || message === '')
    throw invalid(`The message of event ${n} must have at least one character.`);
  if (Object.keys(strange).length > 0) throw invalid(`Event ${n} has members that are not known.`);
  return [timestamp as number, message];
};

/**
 * The events of a PutLogEvents. Throws InvalidParameterException when the batch is beyond one of CloudWatch Logs'
 * limits.
 */
export const batchOf = (list: readonly Readonly<Record<string, unknown>>[]): InputEvent[] => {
  if (list.length < 1 || list.length > MOST_EVENTS) throw invalid(`A batch has from 1 to ${MOST_EVENTS} log events.`);
  const events = list.map(eventOf);
  let bytes = 0;
  for (const [n, [timestamp, message]] of events.entries()) {
    const size = Buffer.byteLength(message) + OVERHEAD;
    if (size > LARGEST_EVENT) throw invalid(`Log event too large: ${size} bytes exceeds limit of ${LARGEST_EVENT}`);
    bytes += size;
    if (n > 0 && timestamp < events[n - 1]![0]) {
      throw invalid('Log events in a single PutLogEvents request must be in chronological order.');
    }
  }
  if (bytes > LARGEST_BATCH) throw invalid(`Upload too large: ${bytes} bytes exceeds limit of ${LARGEST_BATCH}`);
  if (events.at(-1)![0] - events[0]![0] > DAY) {
    throw invalid('The batch of log events in a single PutLogEvents request cannot span more than 24 hours.');
  }
  return events;
};

/**
 * Which events of a batch, chronological, are kept at `now`; the others are named in the answer, which is a success all
 * the same: those of more than 14 days ago or past the group's retention, and those of more than two hours ahead.
 */
export const accept = (events: readonly InputEvent[], now: number, retention_days: number | undefined) => {
  const before = (time: number) => events.findLastIndex(([timestamp]) => timestamp < time) + 1;
  const expired = retention_days === undefined ? 0 : before(now - retention_days * DAY);
  const old = before(now - 14 * DAY);
  const ahead = events.findIndex(([timestamp]) => timestamp > now + 2 * HOUR);
  const rejected = {
    ...(ahead >= 0 && { tooNewLogEventStartIndex: ahead }),
    ...(old > 0 && { tooOldLogEventEndIndex: old }),
    ...(expired > 0 && { expiredLogEventEndIndex: expired }),
  };
  const kept = events.slice(Math.max(old, expired), ahead < 0 ? undefined : ahead);
  return { kept, rejected: Object.keys(rejected).length > 0 ? rejected : undefined };
};
