import { setTimeout as sleep } from 'node:timers/promises';
import type { BatchResultErrorEntry } from '@aws-sdk/client-sqs';

/** What SQS takes at once. */
export const BATCH = 10;
/** Bodies of one batch together; SQS took 256 KiB for years and takes 1 MiB now. */
const BATCH_BYTES = 240_000;
const TRIES = 3;

/** Batches that SQS takes, in the order given; `bytesOf` counts what is large about an entry. */
export const batchesOf = <Entry>(entries: readonly Entry[], bytesOf: (entry: Entry) => number = () => 0): Entry[][] => {
  const batches: Entry[][] = [];
  let bytes = 0;
  for (const entry of entries) {
    const size = bytesOf(entry);
    const batch = batches.at(-1);
    if (!batch || batch.length === BATCH || bytes + size > BATCH_BYTES) {
      batches.push([entry]);
      bytes = size;
    } else {
      batch.push(entry);
      bytes += size;
    }
  }
  return batches;
};

/**
 * Has SQS take a batch; entries that it does not take are given to it again, twice. Returns those that it still did not
 * take, each with its reason.
 */
export const takeBatch = async <Entry extends { Id: string | undefined }>(
  batch: readonly Entry[],
  send: (entries: Entry[]) => Promise<{ Failed?: BatchResultErrorEntry[] | undefined }>,
): Promise<{ entry: Entry; code: string }[]> => {
  let left = batch.map((entry) => ({ entry, code: '' }));
  for (let attempt = 0; attempt < TRIES && left.length > 0; attempt++) {
    if (attempt > 0) await sleep(100 * 2 ** attempt * Math.random());
    const { Failed = [] } = await send(left.map(({ entry }) => entry));
    const codes = new Map(Failed.map(({ Id, Code }) => [Id, Code ?? 'unknown']));
    left = left.flatMap(({ entry }) => (codes.has(entry.Id) ? [{ entry, code: codes.get(entry.Id)! }] : []));
  }
  return left;
};

/** What a message is sent with so that whoever receives it goes on with the trace. */
export const inTraceOf = (header: string | undefined) =>
  header === undefined
    ? {}
    : { MessageSystemAttributes: { AWSTraceHeader: { DataType: 'String' as const, StringValue: header } } };
