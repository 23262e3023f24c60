/** What a trace used of what AWS bills, by the calls and times that X-Ray has of it. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Priced, Usage } from '@granary/domain/prices';
import type { SegmentDocument } from '@granary/embedded-aws/xray/xray-traces';
import { parse } from 'yaml';

const root = join(import.meta.dirname, '../..');

export type Used = {
  usage: Usage;
  /** How often each call was made, `S3 PutObject`, and each function invoked. */
  calls: Readonly<Record<string, number>>;
  /** Time of functions, in ms. */
  function_ms: number;
};

export const NOTHING: Used = { usage: {}, calls: {}, function_ms: 0 };

type Configured = { memorySize: number; ephemeralStorageSize?: number };
const configured = (service: string): Record<string, Configured> =>
  parse(readFileSync(join(root, `services/${service}/functions.gen.yml`), 'utf8'));
const FUNCTIONS: Readonly<Record<string, Configured>> = Object.fromEntries(
  ['api', 'ingestion'].flatMap((service) =>
    Object.entries(configured(service)).map(([name, one]) => [`granary-${service}-local-${name}`, one]),
  ),
);
/** Of /tmp, so much is free. */
const FREE_TMP_MB = 512;

type Aws = { operation?: string; retries?: number; consumed_capacity?: { CapacityUnits?: number } };

/** Of a service and its operation, what it is billed as. */
const priceOf = (service: string, operation: string): Priced | undefined => {
  if (service === 'S3') return /^(?:Put|Copy|Create|Upload|Complete|List)/.test(operation) ? 's3_write' : 's3_read';
  if (service === 'DynamoDB') return /^(?:Get|Query|Scan|BatchGet)/.test(operation) ? 'dynamo_read' : 'dynamo_write';
  if (service === 'SQS') return 'sqs_request';
  if (service === 'KMS') return 'kms_request';
  if (service === 'Glue') return 'glue_request';
  // Athena bills what it reads and CloudWatch Logs what it takes in, neither of them calls.
  return undefined;
};

const withNested = (document: SegmentDocument): SegmentDocument[] => [
  document,
  ...(document.subsegments ?? []).flatMap(withNested),
];

export const usedBy = (segments: readonly SegmentDocument[]): Used => {
  const usage: Partial<Record<Priced, number>> = {};
  const calls: Record<string, number> = {};
  let function_ms = 0;
  const add = (what: Priced, amount: number) => {
    usage[what] = (usage[what] ?? 0) + amount;
  };
  for (const { name, namespace, start_time, end_time = start_time, ...document } of segments.flatMap(withNested)) {
    const lambda = FUNCTIONS[name];
    if (lambda) {
      const seconds = end_time - start_time;
      function_ms += seconds * 1000;
      add('lambda_request', 1);
      add('lambda_gb_s', seconds * (lambda.memorySize / 1024));
      const tmp_mb = Math.max(0, (lambda.ephemeralStorageSize ?? FREE_TMP_MB) - FREE_TMP_MB);
      if (tmp_mb > 0) add('lambda_tmp_gb_s', seconds * (tmp_mb / 1024));
      calls[name] = (calls[name] ?? 0) + 1;
      // The queue hands a batch to a worker and has it deleted: two requests that no function makes.
      if (/-(?:collect|fetch-users)$/.test(name)) add('sqs_request', 2);
    }
    const { operation, retries = 1, consumed_capacity } = (document.aws ?? {}) as Aws;
    if (namespace !== 'aws' || operation === undefined) continue;
    const call = `${name} ${operation}`;
    calls[call] = (calls[call] ?? 0) + 1;
    const price = priceOf(name, operation);
    // The SDK calls the number of attempts retries. A write that its condition refuses is billed, and says no units:
    // one.
    if (price) add(price, name === 'DynamoDB' ? (consumed_capacity?.CapacityUnits ?? 1) : Math.max(1, retries));
  }
  return { usage, calls, function_ms };
};

export const sumOf = (all: readonly Used[]): Used => {
  const add = <Key extends string>(maps: readonly Readonly<Partial<Record<Key, number>>>[]) => {
    const sum: Partial<Record<Key, number>> = {};
    for (const map of maps)
      for (const [key, amount] of Object.entries(map) as [Key, number][]) sum[key] = (sum[key] ?? 0) + amount;
    return sum;
  };
  return {
    usage: add(all.map(({ usage }) => usage)),
    calls: add(all.map(({ calls }) => calls)) as Record<string, number>,
    function_ms: all.reduce((sum, one) => sum + one.function_ms, 0),
  };
};

export const times = (usage: Usage, factor: number): Usage =>
  Object.fromEntries(Object.entries(usage).map(([what, amount]) => [what, amount * factor]));
export const plus = (...usages: readonly Usage[]): Usage => sumOf(usages.map((usage) => ({ ...NOTHING, usage }))).usage;
