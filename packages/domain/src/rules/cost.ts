import { usdOf } from '../prices.ts';

export type Work = {
  parts_done: number;
  /** Requests to the source. */
  requests: number;
  /** Versions published. */
  versions: number;
  /** Users written to their table. */
  users?: number;
  /** Time of functions by the memory that they have, as Lambda is billed: milliseconds of a GB. */
  gb_ms: number;
};

/**
 * What a run cost, roughly: by list prices (prices.ts), without storage and data transfer. It is for comparing runs,
 * not for the bill; what a measured one used stands in docs/cost.md.
 */
export const estimateCostUsd = ({ parts_done, requests, versions, users = 0, gb_ms }: Work): number => {
  const usd = usdOf({
    // A part: send, receive and delete.
    sqs_request: 3 * parts_done,
    lambda_request: parts_done,
    lambda_gb_s: gb_ms / 1000,
    // Raw bytes, four files and the copy.
    s3_write: 6 * versions,
    s3_read: 2 * parts_done,
    // A lease, its end and the time of the check; reservation, commit (large items count several times) and pointer of
    // a version; a slot of the host budget; an item of one to two kilobytes of a user, and the same in the index.
    dynamo_write: 3 * parts_done + 8 * versions + requests + 4 * users,
    // A dataset and its version; a slot.
    dynamo_read: 4 * parts_done + requests,
  });
  return Math.round(usd * 1e8) / 1e8;
};
