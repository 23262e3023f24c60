/**
 * What a run cost, roughly: list prices of us-east-1 on Arm, without free tiers, storage and data transfer
 * (https://aws.amazon.com/lambda/pricing, /sqs, /s3, /dynamodb, read in 2026). It is for comparing runs, not for the bill.
 */
const USD = {
  lambda_request: 0.2e-6,
  lambda_gb_s: 13.3334e-6,
  sqs_request: 0.4e-6,
  s3_put: 5e-6,
  s3_get: 0.4e-6,
  dynamo_write: 0.625e-6,
  dynamo_read: 0.125e-6,
} as const;

export type Work = {
  parts_done: number;
  /** Requests to the source. */
  requests: number;
  /** Versions published. */
  versions: number;
  /** Users written to their table. */
  users?: number;
  work_ms: number;
};

/** Memory of the collecting function, in GB. */
const MEMORY_GB = 1;

export const estimateCostUsd = ({ parts_done, requests, versions, users = 0, work_ms }: Work): number => {
  // A part: send, receive and delete; a lease, its end and the time of the check; its dataset and version are read.
  const part = 3 * USD.sqs_request + USD.lambda_request + 3 * USD.dynamo_write + 4 * USD.dynamo_read + 2 * USD.s3_get;
  // A version: raw bytes, four files and the copy; reservation, commit (large items count several times) and pointer.
  const version = 6 * USD.s3_put + 8 * USD.dynamo_write;
  // Every request takes a slot of the host budget: one read, one write.
  const request = USD.dynamo_write + USD.dynamo_read;
  // A user: an item of one to two kilobytes, and the same in the index.
  const user = 4 * USD.dynamo_write;
  const stored = versions * version + users * user;
  const usd = parts_done * part + stored + requests * request + (work_ms / 1000) * MEMORY_GB * USD.lambda_gb_s;
  return Math.round(usd * 1e8) / 1e8;
};
