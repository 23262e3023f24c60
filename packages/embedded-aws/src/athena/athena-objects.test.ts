import { randomBytes } from 'node:crypto';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { PutObjectCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { openEngine } from './athena-engine.ts';
import { openObjects } from './athena-objects.ts';
import { type AthenaStack, BUCKET, startAthenaStack } from './testing/athena-stack.ts';

let stack: AthenaStack;
beforeAll(async () => {
  stack = await startAthenaStack();
});
afterAll(() => stack.close());

it('keeps copies of objects up to a limit, the least recently used go first, and none that is in use', async () => {
  const dir = join(stack.dir, 'copies');
  const objects = openObjects({ dir, endpoint: stack.aws.url, region: 'us-east-1', largest: 2500 });
  const hold = async (key: string) => {
    const place = { bucket: BUCKET, key };
    return (await objects.hold(place, (await objects.head(place))!)).path;
  };
  for (const Key of ['a', 'b', 'c', 'd']) {
    await stack.clients.s3.send(new PutObjectCommand({ Bucket: BUCKET, Key, Body: randomBytes(1000) }));
  }
  const [a, again] = await Promise.all([hold('a'), hold('a')]);
  expect(again).toBe(a);
  const b = await hold('b');
  objects.release(b);
  await new Promise((resolve) => setTimeout(resolve, 10));
  const c = await hold('c');
  objects.release(c);
  expect([a, b, c].map((path) => existsSync(path))).toEqual([true, false, true]);
  objects.release(a);
  const d = await hold('d');
  // `a` is held once more.
  expect([a, c, d].map((path) => existsSync(path))).toEqual([true, false, true]);
  const missing = objects.hold({ bucket: BUCKET, key: 'none' }, { bytes: 1, etag: 'e' });
  await expect(missing).rejects.toThrow();
  expect(readdirSync(dir).filter((name) => name.endsWith('.part'))).toEqual([]);
  await objects.close();
});

it('fails queries alone on a machine without DuckDB', async () => {
  const failures: string[] = [];
  const engine = openEngine({
    dir: join(stack.dir, 'no-engine'),
    tables: () => undefined,
    objects: openObjects({ dir: stack.dir, endpoint: stack.aws.url, region: 'us-east-1' }),
    onFailure: (error) => failures.push(error.message),
    duckdb: '@duckdb/no-binding-for-this-machine',
  });
  const stop = { asked: false, interrupt: () => undefined };
  const query = { id: 'q', sql: 'SELECT 1', database: 'd', cutoff: undefined, stop };
  await expect(engine.run(query, () => undefined)).rejects.toMatchObject({
    by: 'system',
    message: expect.stringContaining('cannot be loaded on this machine'),
  });
  expect(failures).toEqual([expect.stringContaining('@duckdb/no-binding-for-this-machine')]);
  await engine.close();
});
