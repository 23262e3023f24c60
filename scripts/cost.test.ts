import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PRICES, usdOf } from '@granary/domain/prices';
import { describe, expect, it } from '@jest/globals';
import type { Counted } from './cost/measure.ts';
import { MIX } from './cost/mix.ts';
import { pageOf } from './cost/page.ts';
import { sumOf, usedBy } from './cost/usage.ts';

const root = join(import.meta.dirname, '..');
const page = readFileSync(join(root, 'docs/cost.md'), 'utf8');
const counted = JSON.parse(readFileSync(join(root, 'scripts/cost/counted.json'), 'utf8')) as Counted;

describe('What a trace used', () => {
  const call = (name: string, operation: string, more: object = {}, document: object = {}) => ({
    ...{ id: 'x', name, namespace: 'aws', start_time: 0, end_time: 1 },
    aws: { operation, retries: 1, ...more },
    ...document,
  });
  const invocation = (name: string, seconds: number, ...subsegments: object[]) =>
    ({ id: 'y', name, start_time: 100, end_time: 100 + seconds, subsegments }) as never;

  it('is memory by time of its functions, as they are configured, and what AWS bills of their calls', () => {
    const { usage, calls, function_ms } = usedBy([
      invocation(
        'granary-ingestion-local-collect',
        2,
        call('S3', 'PutObject'),
        call('S3', 'HeadObject', {}, { subsegments: [call('S3', 'CopyObject')] }),
        call('DynamoDB', 'GetItem', { consumed_capacity: { CapacityUnits: 0.5 } }),
        call('DynamoDB', 'PutItem', { consumed_capacity: { CapacityUnits: 12 } }),
        // Its condition did not hold.
        call('DynamoDB', 'UpdateItem', {}, { fault: true }),
        call('Glue', 'GetTable', { retries: 3 }),
      ),
      invocation('granary-api-local-query', 1, call('Athena', 'StartQueryExecution'), call('KMS', 'Decrypt')),
    ]);
    expect(usage).toEqual({
      lambda_request: 2,
      // 1769 MB for two seconds and 1024 for one; 3.5 GB of /tmp beyond what is free, for two seconds.
      lambda_gb_s: 2 * (1769 / 1024) + 1,
      lambda_tmp_gb_s: 7,
      // The batch was received and deleted.
      sqs_request: 2,
      s3_write: 2,
      s3_read: 1,
      dynamo_read: 0.5,
      dynamo_write: 13,
      glue_request: 3,
      kms_request: 1,
    });
    expect(calls).toMatchObject({ 'S3 PutObject': 1, 'Athena StartQueryExecution': 1, 'granary-api-local-query': 1 });
    expect(function_ms).toBe(3000);
  });

  it('adds up, and has a price', () => {
    const one = { usage: { s3_write: 2, sqs_request: 1 }, calls: { 'S3 PutObject': 2 }, function_ms: 5 };
    expect(sumOf([one, one])).toEqual({
      usage: { s3_write: 4, sqs_request: 2 },
      calls: { 'S3 PutObject': 4 },
      function_ms: 10,
    });
    expect(usdOf(one.usage)).toBeCloseTo(2 * PRICES.usd.s3_write + PRICES.usd.sqs_request, 12);
    expect(usdOf({})).toBe(0);
  });
});

describe('docs/cost.md', () => {
  it('is what the price table and the counted run make of it (npm run cost -- --counted)', () => {
    expect(page).toBe(pageOf(page, counted));
  });

  it('says that it estimates, by whose prices of which day, and what was counted when', () => {
    expect(page).toContain(`**Estimates.** By the price table of ${PRICES.as_of} for ${PRICES.region}`);
    expect(page).toContain(`Counted on ${counted.measured_on}`);
  });

  it('is of routes that there are, a hundred of them in a hundred requests', () => {
    expect(MIX.reduce((sum, { share }) => sum + share, 0)).toBe(100);
    const { paths } = JSON.parse(readFileSync(join(root, 'services/api/openapi.json'), 'utf8'));
    for (const { route } of MIX) {
      const [method = '', path = ''] = route.split(' ');
      expect({ route, known: paths[path]?.[method.toLowerCase()] !== undefined }).toEqual({ route, known: true });
    }
    expect(counted.routes.map(({ route }) => route)).toEqual(MIX.map(({ route }) => route));
  });

  it('is refused where its marks are gone', () => {
    expect(() => pageOf('# What it costs', counted)).toThrow('has lost its marks');
  });
});
