/**
 * Queries over Parquet where every request to S3 takes 20 ms longer, as it does from a Lambda: the queries of
 * bench/query.ts at 1,000,000 rows, by the product's own reading path, beside DuckDB's httpfs with four threads through
 * the same server, once as it comes and once with the file's metadata kept between queries, as ours is. Each is a
 * process of its own, S3 with the delay another.
 */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { median } from './measure.ts';
import { printWhenMain } from './print.ts';
import { pythonWith } from './python.ts';
import { BUCKET, CASES, type Case, keyOf } from './query-cases.ts';
import { type Measured, measure, startS3, upload } from './query-processes.ts';
import type { BenchRow } from './row.ts';

const ROWS = 1_000_000;
const DELAY_MS = 20;
const MOST_REQUESTS = 20;
const MOST_MS = 150;
/** Of DuckDB's time, for filters. */
const LEAD = 10;
/** The last version whose httpfs PyPI has; the extension of another version cannot be loaded. */
const VERSION = '1.5.5';

type Peer = Record<Case['name'], { ms: number; requests: number; bytes: number }>;

const pythonWithDuckdb = (): Promise<string | undefined> =>
  pythonWith('venv-duckdb', [`duckdb==${VERSION}`, `duckdb-extension-httpfs==${VERSION}`, 'pytz'], "DuckDB's httpfs");

const measurePeer = async (python: string, url: string, rounds: number, kept: boolean): Promise<Peer> => {
  const sql = Object.fromEntries(CASES.map((each) => [each.name, each.sql(ROWS)]));
  const script = join(import.meta.dirname, 'peers/duckdb_httpfs.py');
  const parameters = [
    script,
    `${url}/${BUCKET}/${keyOf(ROWS)}`,
    String(rounds),
    '4',
    String(kept),
    JSON.stringify(sql),
  ];
  return JSON.parse((await promisify(execFile)(python, parameters)).stdout) as Peer;
};

export const run = async ({ quick }: { quick: boolean }): Promise<BenchRow[]> => {
  const python = await pythonWithDuckdb();
  const { url, child } = await startS3(DELAY_MS);
  const ours: Measured[] = [];
  const peers: { asItComes: Peer; kept: Peer }[] = [];
  try {
    await upload(url, [ROWS]);
    for (let turn = 0; turn < (quick ? 1 : 3); turn++) {
      ours.push(await measure('ours', ROWS, quick ? 5 : 9, url));
      const rounds = quick ? 1 : 3;
      if (python)
        peers.push({
          asItComes: await measurePeer(python, url, rounds, false),
          kept: await measurePeer(python, url, rounds, true),
        });
    }
  } finally {
    child.kill();
  }
  const kB = (bytes: number): string => `${(bytes / 1000).toFixed(0)} kB`;
  return CASES.flatMap(({ name, what }) => {
    const ms = median(ours.map(({ cases }) => cases[name].ms));
    const { requests, bytes, chain } = ours[0].cases[name];
    const told = `${what}: ${requests} requests, ${kB(bytes)}; ${chain} one after the other are ${chain * DELAY_MS} ms`;
    const rows: BenchRow[] = [];
    const add = (row: Partial<BenchRow> & Pick<BenchRow, 'peer' | 'ratio'>): void => {
      const { limit = 0, ratio } = row;
      rows.push({
        goal: limit > 0 ? 'far' : '',
        what: told,
        value: ms,
        unit: 'ms',
        limit,
        met: ratio <= limit,
        ...row,
      });
    };
    for (const setting of ['asItComes', 'kept'] as const) {
      if (peers.length === 0) break;
      const peerMs = median(peers.map((peer) => peer[setting][name].ms));
      const theirs = peers[0][setting][name];
      const peer = `DuckDB httpfs${setting === 'kept' ? ', metadata kept' : ''} ${peerMs.toFixed(0)} ms: ${theirs.requests} requests, ${kB(theirs.bytes)}`;
      const isGoal = setting === 'asItComes' && (name === 'key' || name === 'other');
      add({ peer, ratio: ms / peerMs, ...(isGoal && { limit: 1 / LEAD }) });
    }
    if (name === 'group') {
      add({ peer: `${MOST_MS} ms`, ratio: ms / MOST_MS, limit: 1 });
      const figure = { value: requests, unit: 'requests', peer: `${MOST_REQUESTS} requests` };
      add({ what, ...figure, ratio: requests / MOST_REQUESTS, limit: 1 });
    } else if (peers.length === 0) add({ peer: `${chain * DELAY_MS} ms`, ratio: ms / (chain * DELAY_MS) });
    return rows;
  });
};

await printWhenMain(import.meta, run);
