/**
 * Goal 11: the wide route from a warm function behind a bare HTTP server, beside a bare HTTP server that answers a few
 * bytes, one that answers the function's own headers and bytes, and Flask with pandas. Everything is on for ours: a
 * real token, CORS, ETag, gzip, one log line with metrics a request.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { get } from 'node:http';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { startReplica } from '@granary/replica/replica';
import { makeTokens, serveKeys } from '@granary/runtime/testing/token-maker';
import { requestsPerSecond } from './load.ts';
import { interleaved, median } from './measure.ts';
import { printWhenMain } from './print.ts';
import { pythonWith } from './python.ts';
import type { BenchRow } from './row.ts';
import type { KeptAnswer, Kind } from './serve-contender.ts';

const CONNECTIONS = 16;
const PATH = '/producaoCSV';

type Served = { port: number; pid?: number; stop(): void };

const startOwn = async (kind: Kind, file: string, jwks_uri: string): Promise<Served> => {
  const contender = join(import.meta.dirname, 'serve-contender.ts');
  const child = spawn(process.execPath, ['--expose-gc', contender, kind, file], {
    // Log lines go where they cost as much as in Lambda, and nobody reads them.
    stdio: ['ignore', openSync('/dev/null', 'w'), 'inherit', 'pipe'],
    env: { ...process.env, BENCH_JWKS_URI: jwks_uri },
  });
  const port = await new Promise<number>((resolve, reject) => {
    child.stdio[3]?.once('data', (chunk) => resolve(Number(chunk)));
    child.once('exit', (code) => reject(new Error(`${kind} ended with ${code}`)));
  });
  return { port, pid: child.pid, stop: stopping(child) };
};

/** Processor time that all threads of a process have taken, in µs; undefined where nothing is served or told. */
const processorUs = (pid: number | undefined): number | undefined => {
  if (pid === undefined || !existsSync(`/proc/${pid}/stat`)) return undefined;
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ');
  return (Number(fields[11]) + Number(fields[12])) * 10_000;
};

/** Flask, pandas and gunicorn in a virtual environment; undefined, with a note, where Python or PyPI cannot be had. */
const startFlask = async (csv: string): Promise<Served | undefined> => {
  const python = await pythonWith('venv-flask', ['flask', 'pandas', 'gunicorn'], 'Flask with pandas');
  if (!python) return undefined;
  const port = await freePort();
  const child = spawn(
    join(dirname(python), 'gunicorn'),
    ['--workers', '2', '--bind', `127.0.0.1:${port}`, '--log-level', 'error', 'flask_app:app'],
    {
      cwd: join(import.meta.dirname, 'peers'),
      stdio: ['ignore', 'ignore', 'inherit'],
      env: { ...process.env, GRANARY_BENCH_CSV: csv, PYTHONDONTWRITEBYTECODE: '1' },
    },
  );
  for (let tries = 0; tries < 150; tries++) {
    const answer = await fetch(`http://127.0.0.1:${port}${PATH}`).catch(() => undefined);
    if (answer?.ok) return { port, stop: stopping(child) };
    await sleep(100);
  }
  child.kill();
  throw new Error('Flask did not answer within 15 s.');
};

/** Headers that a server adds of its own. */
const ADDED = new Set(['date', 'connection', 'keep-alive']);

const answerOf = (port: number, headers: Readonly<Record<string, string>>): Promise<KeptAnswer> =>
  new Promise((resolve, reject) => {
    get({ host: '127.0.0.1', port, path: PATH, headers, agent: false }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk) => chunks.push(chunk));
      response.on('end', () => {
        const own = response.rawHeaders.filter((_, i, all) => !ADDED.has(all[i - (i % 2)].toLowerCase()));
        resolve({ headers: own, body: Buffer.concat(chunks).toString('base64') });
      });
    }).on('error', reject);
  });

const stopping = (child: ChildProcess) => () => {
  child.removeAllListeners('exit');
  child.kill();
};

const freePort = () =>
  new Promise<number>((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0));
    });
  });

export const run = async ({ quick }: { quick: boolean }): Promise<BenchRow[]> => {
  const folder = mkdtempSync(join(tmpdir(), 'granary-serve-'));
  const csv = join(folder, 'Producao.csv');
  const replica = await startReplica({ port: 0 });
  writeFileSync(csv, Buffer.from(await (await fetch(`${replica.url}/download/Producao.csv`)).arrayBuffer()));
  await replica.close();

  const tokens = makeTokens();
  const keys = await serveKeys(tokens.jwks);
  const started: Served[] = [];
  const keep = <S extends Served | undefined>(served: S): S => {
    if (served) started.push(served);
    return served;
  };
  try {
    const bare = keep(await startOwn('bare', csv, keys.uri));
    const warm = keep(await startOwn('warm', csv, keys.uri));
    const headers = {
      ...{ Authorization: `Bearer ${tokens.sign()}`, 'Accept-Encoding': 'gzip' },
      // API Gateway adds it to each request; here all servers are sent it.
      'X-Amzn-Trace-Id': 'Root=1-5759e988-bd862e3fe1be46a994272793',
    };
    const answer = join(folder, 'answer.json');
    writeFileSync(answer, JSON.stringify(await answerOf(warm.port, headers)));
    const kept = keep(await startOwn('kept', answer, keys.uri));
    const flask = keep(await startFlask(csv));
    const us = new Map<Served, number[]>();
    const load = (served: Served, seconds: number) => async () => {
      const [taken, begun] = [processorUs(served.pid), performance.now()];
      const { port } = served;
      const rps = await requestsPerSecond({ port, path: PATH, headers, connections: CONNECTIONS, seconds });
      const requests = (rps * (performance.now() - begun)) / 1000;
      if (taken !== undefined) {
        us.set(served, [...(us.get(served) ?? []), ((processorUs(served.pid) ?? taken) - taken) / requests]);
      }
      return rps;
    };
    const seconds = quick ? 1 : 3;
    for (const served of started) await load(served, 0.5)();
    us.clear();
    const rps = await interleaved<string>(
      {
        bare: load(bare, seconds),
        kept: load(kept, seconds),
        warm: load(warm, seconds),
        ...(flask ? { flask: load(flask, seconds) } : {}),
      },
      quick ? 3 : 5,
    );
    const row = (peer: string, value: number, limit = 0): BenchRow => ({
      goal: limit > 0 ? '11' : '',
      what: `GET ${PATH} from a warm function, gzip`,
      value: rps.warm,
      unit: 'requests/s',
      peer: `${peer} ${value.toFixed(0)}`,
      ratio: rps.warm / value,
      limit,
      met: rps.warm / value >= limit,
    });
    const time = (peer: string, served: Served): BenchRow[] => {
      const [ours, theirs] = [us.get(warm), us.get(served)].map((each) => each && median(each));
      if (!ours || !theirs) return [];
      const said = { goal: '', what: 'the same: processor time of a request, of all threads', value: ours, unit: 'µs' };
      return [{ ...said, peer: `${peer} ${theirs.toFixed(1)} µs`, ratio: theirs / ours, limit: 0, met: true }];
    };
    return [
      row('bare HTTP', rps.bare, 0.5),
      row('bare HTTP, the same headers and bytes', rps.kept),
      ...time('bare HTTP', bare),
      ...time('bare HTTP, the same headers and bytes', kept),
      ...(flask ? [row('Flask + pandas, 2 workers', rps.flask, 100)] : []),
    ];
  } finally {
    for (const { stop } of started) stop();
    await keys.close();
    rmSync(folder, { recursive: true, force: true });
  }
};

await printWhenMain(import.meta, run);
