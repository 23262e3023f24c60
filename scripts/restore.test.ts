import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import {
  CreateBucketCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { type EmbeddedAws, startEmbeddedAws } from '@granary/embedded-aws/embedded-aws';
import { writeLocalStack, writeResources } from '@granary/local/state';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { restore } from './restore/bucket-versions.ts';
import { type ListedVersion, planRestore } from './restore/plan-restore.ts';
import { readSince } from './restore/since.ts';

/** `x` a marker, anything else an object; the oldest first, a time each. */
const history = (key: string, ...versions: readonly (readonly [id: string, at: number])[]): ListedVersion[] =>
  versions.map(([id, at], index) => {
    return { key, id, at, marker: id.startsWith('x'), latest: index === versions.length - 1 };
  });
const plan = (versions: ListedVersion[], overwritten = false) => planRestore(versions, { since: 100, overwritten });

describe('what is restored', () => {
  it('is what was deleted since, however often; not what was deleted before', () => {
    const gone = history('a', ['1', 10], ['x1', 110], ['x2', 120]);
    expect(plan(gone)).toEqual([{ key: 'a', kind: 'undelete', markers: ['x2', 'x1'] }]);
    expect(plan(history('b', ['1', 10], ['x1', 90]))).toEqual([]);
    expect(plan(history('c', ['1', 10], ['x1', 90], ['x2', 110]))).toEqual([]);
    expect(plan(history('d', ['1', 10]))).toEqual([]);
    // Put since then, and deleted; and the marker of something that has expired.
    expect(plan(history('e', ['1', 105], ['x1', 110]))).toHaveLength(1);
    expect(plan(history('f', ['x1', 110]))).toEqual([]);
  });

  it('is of the same second what S3 calls the latest', () => {
    expect(plan(history('a', ['1', 110], ['x1', 110]))).toHaveLength(1);
    expect(plan(history('a', ['x1', 110], ['1', 110]))).toEqual([]);
  });

  it('is what was overwritten since as well, when it is asked for, as it was then', () => {
    const changed = history('a', ['1', 10], ['2', 90], ['3', 110], ['4', 120]);
    expect(plan(changed)).toEqual([]);
    expect(plan(changed, true)).toEqual([{ key: 'a', kind: 'put-back', version: '2' }]);
    const both = history('b', ['1', 10], ['2', 110], ['x1', 120]);
    expect(plan(both)).toEqual([{ key: 'b', kind: 'undelete', markers: ['x1'] }]);
    expect(plan(both, true)).toEqual([{ key: 'b', kind: 'put-back', version: '1' }]);
    // Deleted then, or new since: it stays as it is now.
    expect(plan(history('c', ['1', 10], ['x1', 90], ['2', 110]), true)).toEqual([]);
    expect(plan(history('d', ['1', 110]), true)).toEqual([]);
  });

  it('is said by how long ago, or by a time with its zone', () => {
    const now = Date.parse('2026-11-30T18:00:00Z');
    expect(['30m', '2h', '1d'].map((text) => now - readSince(text, now))).toEqual([1_800_000, 7_200_000, 86_400_000]);
    expect(readSince('2026-11-30T18:00:00+01:00', now)).toBe(now - 3_600_000);
    for (const wrong of ['yesterday', '2026-11-30', '2026-11-30T17:00', '2w', ''])
      expect(() => readSince(wrong, now)).toThrow('--since takes 30m, 2h or 3d');
    expect(() => readSince('2026-11-30T18:00:01Z', now)).toThrow('still to come');
  });
});

describe('npm run restore', () => {
  const state = mkdtempSync(join(tmpdir(), 'granary-restore-'));
  const Bucket = 'granary-000000000000-us-east-1-local-data';
  let aws: EmbeddedAws;
  let s3: S3Client;
  const put = (Key: string, Body: string) => s3.send(new PutObjectCommand({ Bucket, Key, Body }));
  const remove = (Key: string) => s3.send(new DeleteObjectCommand({ Bucket, Key }));
  const read = (Key: string) =>
    s3.send(new GetObjectCommand({ Bucket, Key })).then(
      ({ Body }) => Body!.transformToString(),
      (error: Error) => error.name,
    );
  const run = (...args: string[]) =>
    promisify(execFile)(process.execPath, [join(import.meta.dirname, 'restore.ts'), ...args, '--state', state]).then(
      ({ stdout }) => `0: ${stdout}`,
      ({ code, stderr }) => `${code}: ${stderr}`,
    );

  beforeAll(async () => {
    aws = await startEmbeddedAws({ port: 0, dir: join(state, 'aws') });
    const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
    s3 = new S3Client({ endpoint: aws.url, region: 'us-east-1', credentials, forcePathStyle: true, maxAttempts: 1 });
    await s3.send(new CreateBucketCommand({ Bucket }));
    const place = { running: true, awsEndpoint: aws.url, region: 'us-east-1', userPoolId: 'p', clientId: 'c' };
    writeLocalStack(place as never, state);
    writeResources({ stacks: { 'granary-storage': { DataBucket: { ref: Bucket } } } } as never, state);
  });
  afterAll(async () => {
    s3.destroy();
    await aws.close();
    rmSync(state, { recursive: true });
  });

  it('says what it needs', async () => {
    expect(await run('--help')).toMatch(/^0: Restores deleted objects of the data bucket/);
    expect(await run()).toMatch(/^2: Since when\?/);
    expect(await run('--since', 'noon')).toMatch(/^2: --since takes 30m/);
    expect(await run('--since', '1h')).toMatch(/^1: The bucket granary-\S+ keeps no versions/);
  }, 60_000);

  it('says what it would do, does it when it is told to, and then has nothing to do', async () => {
    await s3.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status: 'Enabled' } }));
    const keys = ['versions/a/000001-x/data.parquet', 'versions/b/ü+ 1.csv', 'csv_data/t/a.csv.gz', 'raw/a/1.gz'];
    for (const key of [...keys, 'raw/users/r/1.json.gz', 'exports/1']) await put(key, `${key}, its bytes`);
    await put('versions/before', 'old');
    await remove('versions/before');
    // What was deleted in the same millisecond was deleted before.
    await sleep(5);
    const since = new Date().toISOString();
    await sleep(5);
    for (const key of [...keys, 'raw/users/r/1.json.gz', 'exports/1']) await remove(key);

    const asked = await run('--since', since);
    expect(asked).toContain('4 of 5 objects were deleted since then');
    expect(asked).toContain('  versions/a: 1 object, such as versions/a/000001-x/data.parquet');
    expect(asked).toContain('Nothing was done yet');
    expect(await read(keys[0]!)).toBe('NoSuchKey');

    expect(await run('--since', since, '--prefix', 'raw/', '--yes')).toContain('1 object was restored.');
    expect(await run('--since', since, '--yes')).toContain('3 objects were restored.');
    for (const key of keys) expect(await read(key)).toBe(`${key}, its bytes`);
    for (const key of ['versions/before', 'raw/users/r/1.json.gz', 'exports/1'])
      expect([key, await read(key)]).toEqual([key, 'NoSuchKey']);
    expect(await run('--since', since, '--yes')).toContain('There is nothing to restore.');
  }, 60_000);

  it('puts back what was overwritten, when it is asked for', async () => {
    await put('versions/o', 'good');
    await sleep(5);
    const since = new Date().toISOString();
    await sleep(5);
    await put('versions/o', 'bad');
    const args = ['--since', since, '--prefix', 'versions/o'];
    expect(await run(...args, '--yes')).toContain('There is nothing to restore.');
    expect(await run(...args, '--overwritten', '--yes')).toContain('1 object was restored.');
    expect(await read('versions/o')).toBe('good');
  }, 60_000);

  it('says how far it came when it is refused', async () => {
    const steps = [{ key: 'versions/none', kind: 'put-back' as const, version: 'AAAA' }];
    await expect(restore(s3, Bucket, steps)).rejects.toThrow(
      '0 of 1 objects are restored; versions/none is not (NoSuchVersion: The specified version does not exist.). Run the same command again',
    );
  });
});
