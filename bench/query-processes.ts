/** The processes of bench/query.ts and bench/far.ts: the S3 API, what is in it, and the contenders. */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { BUCKET, type Case, keyOf } from './query-cases.ts';
import { tableFile } from './query-data.ts';

export type Name = 'ours' | 'duckdb' | 'json' | 'whole_file';
export type Measured = {
  peak_mb: number;
  cases: Record<Case['name'], { ms: number; cpu_ms: number; requests: number; bytes: number; chain: number }>;
};

const pathOf = (name: string): string => fileURLToPath(new URL(name, import.meta.url));

/** Every request is answered `delay` milliseconds later. */
export const startS3 = async (delay = 0): Promise<{ url: string; child: ChildProcess }> => {
  const child = spawn(process.execPath, ['--no-warnings', pathOf('./query-s3.ts'), String(delay)], {
    stdio: ['ignore', 'ignore', 'inherit', 'pipe'],
  });
  const url = await new Promise<string>((resolve, reject) => {
    child.stdio[3]?.once('data', (chunk) => resolve(String(chunk)));
    child.once('exit', (code) => reject(new Error(`S3 ended with ${code}`)));
  });
  return { url, child };
};

/** Puts the tables of so many rows into the bucket that the contenders read. */
export const upload = async (url: string, sizes: readonly number[]): Promise<void> => {
  const { CreateBucketCommand, S3Client } = await import('@aws-sdk/client-s3');
  const { makeS3ObjectStore } = await import('@granary/stores/s3-object-store');
  const client = new S3Client({
    endpoint: url,
    region: 'us-east-1',
    credentials: { accessKeyId: 'bench', secretAccessKey: 'bench' },
    forcePathStyle: true,
  });
  await client.send(new CreateBucketCommand({ Bucket: BUCKET }));
  const store = makeS3ObjectStore({ client, bucket: BUCKET });
  for (const rows of sizes) await store.put(keyOf(rows), readFileSync(await tableFile(rows)));
  client.destroy();
};

/** Runs a contender of query-contender.ts in a process of its own, with all cases or only those named. */
export const measure = async (
  name: Name,
  rows: number,
  rounds: number,
  url: string,
  ...only: Case['name'][]
): Promise<Measured> => {
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ['--no-warnings', pathOf('./query-contender.ts'), name, String(rows), String(rounds), ...only],
    { env: { ...process.env, BENCH_S3: url }, maxBuffer: 1 << 20 },
  );
  return JSON.parse(stdout) as Measured;
};
