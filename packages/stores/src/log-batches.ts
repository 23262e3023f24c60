/**
 * What PutLogEvents takes in one call
 * (docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutLogEvents.html).
 */
const MOST_EVENTS = 10_000;
const MOST_BYTES = 1_048_576;
const EVENT_OVERHEAD = 26;
const LONGEST_SPAN_MS = 24 * 3_600_000;
/** Longer messages are cut: 256 KiB with the overhead. */
export const LONGEST_MESSAGE = 256 * 1024 - EVENT_OVERHEAD;

/** `timestamp`: ms since the epoch. `message`: no longer than {@link LONGEST_MESSAGE} bytes of UTF-8. */
export type LogEvent = { timestamp: number; message: string };

/** Puts events into order of time, and into batches that one call takes each. */
export const batchesOf = (events: readonly LogEvent[]): LogEvent[][] => {
  const batches: LogEvent[][] = [];
  let bytes = 0;
  for (const event of [...events].sort((a, b) => a.timestamp - b.timestamp)) {
    const size = Buffer.byteLength(event.message) + EVENT_OVERHEAD;
    const batch = batches.at(-1);
    const fits =
      batch !== undefined &&
      batch.length < MOST_EVENTS &&
      bytes + size <= MOST_BYTES &&
      event.timestamp - batch[0]!.timestamp < LONGEST_SPAN_MS;
    if (fits) {
      batch.push(event);
      bytes += size;
    } else {
      batches.push([event]);
      bytes = size;
    }
  }
  return batches;
};
