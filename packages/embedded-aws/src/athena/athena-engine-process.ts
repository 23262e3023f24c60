/**
 * A process of its own for DuckDB, started by athena-process.ts: whatever a query takes, it takes from here. One query
 * at a time; it ends with whoever started it. Argument: the module that is DuckDB.
 */
import { writeFileSync } from 'node:fs';
import { QueryCancelled } from './athena-failures.ts';
import type { EngineReply, EngineRequest, HeldTable, RunQuery } from './athena-messages.ts';
import { QueryFailed, runQuery, type Stop } from './athena-query.ts';

// An exit in good order would wait for what DuckDB is doing, which may not end.
process.on('disconnect', () => process.kill(process.pid, 'SIGKILL'));
// Ctrl-C in a terminal is for every process; who started this one says when it ends.
for (const signal of ['SIGINT', 'SIGHUP'] as const) process.on(signal, () => undefined);
try {
  // Where memory runs out, the kernel is to take this process before any other.
  writeFileSync('/proc/self/oom_score_adj', '1000');
} catch {
  // Only Linux has it.
}

const duckdb = import(process.argv[2]!) as Promise<typeof import('@duckdb/node-api')>;
duckdb.catch(() => undefined);

const reply = (message: EngineReply) => void process.send?.(message);
let stop: Stop = { asked: false, interrupt: () => undefined };
let giveTables: (tables: readonly HeldTable[]) => void = () => undefined;

const run = async (query: RunQuery): Promise<EngineReply> => {
  let engine: Awaited<typeof duckdb>;
  try {
    engine = await duckdb;
  } catch (error) {
    const message = 'The embedded AWS runs SQL by @duckdb/node-api, which cannot be loaded on this machine.';
    return { kind: 'failed', by: 'system', message, cause: (error as Error).message };
  }
  const hold = (names: readonly string[]) =>
    new Promise<readonly HeldTable[]>((resolve, reject) => {
      giveTables = resolve;
      stop.interrupt = () => reject(new QueryCancelled());
      reply({ kind: 'tables', names });
    });
  try {
    return { kind: 'answer', columns: await runQuery(engine, query, hold, stop) };
  } catch (error) {
    const { failure = error as Error, cause = error } = error instanceof QueryFailed ? error : {};
    if (failure instanceof QueryCancelled) return { kind: 'cancelled' };
    const { message, by = 'system' } = failure as Error & { by?: 'user' | 'system' };
    return { kind: 'failed', by, message, cause: (cause as Error).message };
  }
};

process.on('message', async (message: EngineRequest) => {
  if (message.kind === 'tables') giveTables(message.tables);
  if (message.kind === 'stop') {
    stop.asked = true;
    stop.interrupt();
  }
  if (message.kind === 'run') {
    stop = { asked: false, interrupt: () => undefined };
    reply(await run(message.query));
  }
});
