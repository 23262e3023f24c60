/** What DuckDB cannot keep to itself: its process is watched, ended, and gone with whoever started it. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type Engine, openEngine } from './athena-engine.ts';
import { type MemoryLimits, memoryLimits } from './athena-memory.ts';
import { openObjects } from './athena-objects.ts';
import type { Stop } from './athena-query.ts';

const GB = 2 ** 30;
/** Takes minutes, and no interruption. */
const UNSTOPPABLE = "SELECT levenshtein_distance(rpad('a', 1000000, 'x'), rpad('b', 1000000, 'y')) AS x";
const ENDLESS = 'WITH RECURSIVE r (n) AS (SELECT 1 UNION ALL SELECT n FROM r) SELECT count(*) FROM r';

let dir: string;
let engine: Engine;
const told: string[] = [];

const open = (limits?: MemoryLimits) =>
  openEngine({
    dir: join(dir, 'running'),
    tables: () => ({ names: () => [], table: () => undefined }),
    objects: openObjects({ dir: join(dir, 'cache'), endpoint: 'http://127.0.0.1:1', region: 'us-east-1' }),
    onFailure: (error) => told.push(error.message),
    limits,
  });
let count = 0;
const start = (sql: string) => {
  const stop: Stop = { asked: false, interrupt: () => undefined };
  const id = `q${count++}`;
  const query = { id, sql, database: 'd', cutoff: undefined, stop };
  const done = engine
    .run(query, () => undefined)
    .then(
      ({ path }) => (existsSync(path) ? 'answered' : 'no file'),
      (error: Error) => `${error.constructor.name}: ${error.message}`,
    )
    .finally(() => engine.discard(id));
  return {
    done,
    stop: () => {
      stop.asked = true;
      stop.interrupt();
    },
  };
};
const runs = (pid: number) => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};
const until = async (holds: () => boolean) => {
  for (let tries = 0; tries < 1000 && !holds(); tries++) await new Promise((resolve) => setTimeout(resolve, 20));
  expect(holds()).toBe(true);
};
/** What a process has had of the processors, in seconds, where the kernel says so. */
const secondsOf = (pid: number): number => {
  const [user, system] = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]!.split(' ').slice(11, 13);
  return (Number(user) + Number(system)) / 100;
};
/**
 * The process in which a query was started just now, once it is in the middle of it: starting takes it less than a
 * second of work, waiting none.
 */
const busy = async (): Promise<number> => {
  await until(() => engine.pids().length > 0);
  const pid = engine.pids()[0]!;
  if (existsSync(`/proc/${pid}/stat`)) await until(() => secondsOf(pid) > 1.5);
  else await new Promise((resolve) => setTimeout(resolve, 2_000));
  return pid;
};

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'granary-process-'));
  told.length = 0;
  engine = open();
});
afterEach(async () => {
  await engine.close();
  rmSync(dir, { recursive: true, force: true });
});

describe('a process of DuckDB', () => {
  it('is there from the first query on, and is taken for the next', async () => {
    expect(engine.pids()).toEqual([]);
    expect(await start('SELECT 1 AS x').done).toBe('answered');
    const pids = engine.pids();
    expect(await start('SELECT 2 AS x').done).toBe('answered');
    expect([pids.length, engine.pids()]).toEqual([1, pids]);
    await engine.close();
    expect(pids.map(runs)).toEqual([false]);
  });

  it('is interrupted, and kept', async () => {
    const endless = start(ENDLESS);
    const pid = await busy();
    endless.stop();
    expect(await endless.done).toBe('QueryCancelled: ');
    expect(engine.pids()).toEqual([pid]);
    expect(await start('SELECT 1 AS x').done).toBe('answered');
  }, 180_000);

  it('is killed where it cannot be interrupted', async () => {
    const query = start(UNSTOPPABLE);
    const pid = await busy();
    query.stop();
    expect(await query.done).toBe('QueryCancelled: ');
    // A process that is killed is gone a moment later.
    await until(() => !runs(pid));
    expect(told).toEqual([]);
    expect(await start('SELECT 1 AS x').done).toBe('answered');
  }, 180_000);

  it('fails its query alone when somebody else kills it', async () => {
    const [killed, other] = [start(UNSTOPPABLE), start(ENDLESS)];
    await until(() => engine.pids().length === 2);
    process.kill(await busy(), 'SIGKILL');
    expect(await killed.done).toBe('QueryFailure: GENERIC_INTERNAL_ERROR: the query could not be run');
    expect(told).toEqual([expect.stringMatching(/^The process of DuckDB ended \(SIGKILL\)/)]);
    expect(await start('SELECT 1 AS x').done).toBe('answered');
    other.stop();
    expect(await other.done).toBe('QueryCancelled: ');
  }, 180_000);

  it('is killed above its limit of memory, which is measured where the kernel does not keep it', async () => {
    await engine.close();
    engine = open({ resident: 0.4 * GB, mapped: 8 * GB, duckdb: GB, heap: GB });
    const pids: number[] = [];
    const query = start("SELECT length(rpad('x', 2000000000, 'y')) AS x");
    // It may be killed before it has worked for a second and a half.
    await until(() => engine.pids().length > 0);
    pids.push(engine.pids()[0]!);
    expect(await query.done).toBe('QueryFailure: Query exhausted resources at this scale factor');
    expect(pids.map(runs)).toEqual([false]);
    expect(await start('SELECT 1 AS x').done).toBe('answered');
  }, 180_000);

  it('ends with its query when it is closed', async () => {
    const query = start(UNSTOPPABLE);
    const pid = await busy();
    await engine.close();
    expect(await query.done).toMatch(/^Query/);
    expect(runs(pid)).toBe(false);
    expect(await start('SELECT 1 AS x').done).toBe('QueryCancelled: ');
  }, 180_000);

  it('does not outlive who started it, whatever it is at', async () => {
    const script = join(dir, 'run.ts');
    const [engineFile, objectsFile] = ['athena-engine.ts', 'athena-objects.ts'].map((file) =>
      JSON.stringify(join(import.meta.dirname, file)),
    );
    writeFileSync(
      script,
      `import { openEngine } from ${engineFile};
import { openObjects } from ${objectsFile};
const objects = openObjects({ dir: ${JSON.stringify(join(dir, 'cache'))}, endpoint: 'http://127.0.0.1:1', region: 'us-east-1' });
const tables = () => ({ names: () => [], table: () => undefined });
const engine = openEngine({ dir: ${JSON.stringify(join(dir, 'other'))}, tables, objects, onFailure: console.error });
for (const id of ['a', 'b']) {
  const stop = { asked: false, interrupt() {} };
  void engine.run({ id, sql: ${JSON.stringify(UNSTOPPABLE)}, database: 'd', cutoff: undefined, stop }, () => undefined);
}
setTimeout(() => console.log(JSON.stringify(engine.pids())), 1500);
`,
    );
    const parent = spawn(process.execPath, [script], { stdio: ['ignore', 'pipe', 'inherit'] });
    const [line] = await once(parent.stdout!, 'data');
    const pids = JSON.parse(String(line)) as number[];
    expect(pids.map(runs)).toEqual([true, true]);
    parent.kill('SIGKILL');
    await until(() => !pids.some(runs));
  }, 180_000);
});

it('takes a quarter of the machine at most, and 2.5 GB', () => {
  expect(memoryLimits(64 * GB)).toEqual({ resident: 2.5 * GB, mapped: 3.5 * GB, duckdb: GB, heap: GB });
  const small = memoryLimits(4 * GB);
  expect(small.resident).toBe(GB);
  expect(small.duckdb + small.heap).toBeLessThan(small.resident);
});
