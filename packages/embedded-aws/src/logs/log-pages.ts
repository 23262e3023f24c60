import { createHash } from 'node:crypto';
import { AwsError } from '../aws-error.ts';
import type { StoredLogEvent } from './log-files.ts';

/** What an answer of GetLogEvents and FilterLogEvents holds at most. */
const LARGEST_ANSWER = 1 << 20;
const OVERHEAD = 26;

const invalidToken = () => new AwsError('InvalidParameterException', 'The specified nextToken is invalid.');
const encode = (parts: readonly (string | number)[]) => Buffer.from(JSON.stringify(parts)).toString('base64url');
const decode = (token: string): unknown[] => {
  try {
    const parts = JSON.parse(Buffer.from(token, 'base64url').toString());
    if (Array.isArray(parts)) return parts;
  } catch {}
  throw invalidToken();
};

/** A page of a list by name; `next` is to be spread into the answer. */
export const afterToken = <T>(
  all: readonly T[],
  nameOf: (item: T) => string,
  limit: number,
  nextToken: string | undefined,
): { items: T[]; next: { nextToken?: string } } => {
  const after = nextToken === undefined ? -1 : all.findIndex((item) => nameOf(item) === decode(nextToken)[0]);
  if (nextToken !== undefined && after < 0) throw invalidToken();
  const items = all.slice(after + 1, after + 1 + limit);
  const more = after + 1 + limit < all.length;
  return { items, next: more ? { nextToken: encode([nameOf(items.at(-1)!)]) } : {} };
};

/** How many events from the first on fit into an answer; one always does. */
const fitting = (events: readonly StoredLogEvent[], limit: number): number => {
  let bytes = 0;
  let n = 0;
  while (n < events.length && n < limit) {
    bytes += Buffer.byteLength(events[n]!.message) + OVERHEAD;
    if (n > 0 && bytes > LARGEST_ANSWER) break;
    n++;
  }
  return n;
};

type Position = readonly [timestamp: number, seq: number];
const compare = (event: StoredLogEvent, [timestamp, seq]: Position) => event.timestamp - timestamp || event.seq - seq;

/**
 * The answer of GetLogEvents out of a stream's events, sorted. A token stands between two events and says the
 * direction, so events that come later do not shift the pages; at an end the same token is given again.
 */
export const eventsPage = (
  events: readonly StoredLogEvent[],
  options: { limit: number; fromHead: boolean; nextToken: string | undefined },
) => {
  const { limit, fromHead, nextToken } = options;
  const match = nextToken === undefined ? undefined : /^([fb])\/(\d+)\/(-?\d+)$/.exec(nextToken);
  if (match === null) throw invalidToken();
  const position: Position | undefined = match && [Number(match[2]), Number(match[3])];
  const forward = match ? match[1] === 'f' : fromHead;

  let page: readonly StoredLogEvent[];
  if (forward) {
    const rest = position ? events.filter((event) => compare(event, position) > 0) : events;
    page = rest.slice(0, fitting(rest, limit));
  } else {
    const rest = position ? events.filter((event) => compare(event, position) < 0) : events;
    page = rest.slice(rest.length - fitting(rest.toReversed(), limit));
  }
  const token = (direction: 'f' | 'b', event: StoredLogEvent | undefined) => {
    if (event) return `${direction}/${event.timestamp}/${event.seq}`;
    const [timestamp, seq] = position ?? [0, -1];
    return `${direction}/${timestamp}/${seq}`;
  };
  return {
    events: page.map(({ timestamp, message, ingested }) => ({ timestamp, message, ingestionTime: ingested })),
    nextForwardToken: token('f', page.at(-1)),
    nextBackwardToken: token('b', page[0]),
  };
};

type Found = StoredLogEvent & { stream: string };
const idOf = ({ timestamp, stream, seq }: Found): string => {
  const hash = BigInt(`0x${createHash('sha256').update(stream).digest('hex').slice(0, 16)}`);
  return `${timestamp}`.padStart(16, '0') + `${hash}`.padStart(20, '0') + `${seq}`.padStart(20, '0');
};
const positionOf = ({ timestamp, stream, seq }: Found) => [timestamp, stream, seq] as const;
const follows = (event: Found, [timestamp, stream, seq]: unknown[]): boolean => {
  if (event.timestamp !== timestamp) return event.timestamp > (timestamp as number);
  if (event.stream !== stream) return event.stream > (stream as string);
  return event.seq > (seq as number);
};

/** The answer of FilterLogEvents: events of several streams as one, by time. */
export const mergedPage = (found: readonly Found[], options: { limit: number; nextToken: string | undefined }) => {
  const { limit, nextToken } = options;
  const sorted = [...found].sort((a, b) => (follows(a, [...positionOf(b)]) ? 1 : -1));
  const rest = nextToken === undefined ? sorted : sorted.filter((event) => follows(event, decode(nextToken)));
  const page = rest.slice(0, fitting(rest, limit));
  return {
    events: page.map((event) => ({
      logStreamName: event.stream,
      timestamp: event.timestamp,
      message: event.message,
      ingestionTime: event.ingested,
      eventId: idOf(event),
    })),
    searchedLogStreams: [],
    ...(page.length < rest.length && { nextToken: encode(positionOf(page.at(-1)!)) }),
  };
};
