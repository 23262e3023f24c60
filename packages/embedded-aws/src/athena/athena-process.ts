import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { exhausted, internalFailure, OUT_OF_MEMORY, QueryCancelled } from './athena-failures.ts';
import { hasRoom, type MemoryLimits, memoryOf, WATCH_MS } from './athena-memory.ts';
import type { EngineReply, EngineRequest, HeldTable, RunQuery } from './athena-messages.ts';
import type { Stop } from './athena-query.ts';
import { QueryFailure } from './athena-sql.ts';
import type { ResultColumn } from './athena-values.ts';

const ENTRY = join(import.meta.dirname, 'athena-engine-process.ts');
/** A query that was told to stop has so long to do it; some functions of DuckDB cannot be interrupted. */
const GRACE_MS = 1500;
/** Of what the process wrote about its own end. */
const LAST_WORDS = 4000;
/** Of our own environment; no credentials, no options of Node. */
const PASSED_ON = ['PATH', 'LD_LIBRARY_PATH', 'DYLD_LIBRARY_PATH', 'SystemRoot', 'TMPDIR', 'TEMP', 'TMP'];

type Hold = (names: readonly string[]) => Promise<readonly HeldTable[]>;

/** A process with DuckDB in it, for one query at a time. */
export type EngineProcess = {
  pid: number | undefined;
  isAlive(): boolean;
  /**
   * The columns of the query's result, which is then in `result.csv` of its folder. Throws QueryFailure,
   * QueryCancelled, or what `hold` threw, and has then ended the query, or else the process.
   */
  ask(query: RunQuery, hold: Hold, stop: Stop): Promise<readonly ResultColumn[]>;
  /** Whether it may be kept for the next query. */
  isFit(): Promise<boolean>;
  /** Kills it. There is nothing that it could lose. */
  end(): Promise<void>;
};

/** On Linux the kernel keeps the limit of memory too, which a watcher may notice too late. */
const start = (limits: MemoryLimits, module: string): ChildProcess => {
  const heap = Math.floor(limits.heap / 2 ** 20);
  const command = [process.execPath, `--max-old-space-size=${heap}`, ENTRY, module];
  const limit = `ulimit -c 0; ulimit -d ${Math.floor(limits.mapped / 1024)}; exec "$0" "$@"`;
  const [program, ...args] = process.platform === 'linux' ? ['/bin/sh', '-c', limit, ...command] : command;
  return spawn(program!, args, {
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    env: Object.fromEntries(PASSED_ON.flatMap((name) => (process.env[name] ? [[name, process.env[name]]] : []))),
  });
};

export const startEngineProcess = (options: {
  limits: MemoryLimits;
  /** That is DuckDB. */
  module: string;
  /** Told what really happened where a query failed through no fault of its own. */
  onFailure: (error: Error) => void;
}): EngineProcess => {
  const { limits, onFailure } = options;
  const child = start(limits, options.module);
  let lastWords = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    lastWords = (lastWords + text).slice(-LAST_WORDS);
  });
  /** Why we killed it. */
  let killedFor: 'memory' | 'stop' | undefined;
  const kill = (why: 'memory' | 'stop') => {
    killedFor ??= why;
    child.kill('SIGKILL');
  };
  let isAlive = true;
  let how = '';
  let onEnd: () => void = () => undefined;
  const ended = new Promise<void>((resolve) => {
    const end = (what: string) => {
      if (!isAlive) return;
      isAlive = false;
      how = what;
      onEnd();
      resolve();
    };
    child.once('error', (error) => end(error.message));
    // After the last of its words.
    child.once('close', (code, signal) => end(signal ?? `exit code ${code}`));
  });

  const failureOfEnd = (): Error => {
    if (killedFor === 'memory') return exhausted();
    onFailure(new Error(`The process of DuckDB ended (${how}): ${lastWords.trim()}`));
    return OUT_OF_MEMORY.test(lastWords) ? exhausted() : internalFailure();
  };

  const ask = async (query: RunQuery, hold: Hold, stop: Stop): Promise<readonly ResultColumn[]> => {
    if (stop.asked) throw new QueryCancelled();
    let holding: Promise<unknown> = Promise.resolve();
    /** What the query ends with, whatever the process makes of it. */
    let own: Error | undefined;
    let grace: NodeJS.Timeout | undefined;
    const send = (request: EngineRequest) => child.send(request, () => undefined);
    const interrupt = () => {
      if (!isAlive) return;
      send({ kind: 'stop' });
      grace ??= setTimeout(() => kill('stop'), GRACE_MS);
    };
    stop.interrupt = interrupt;
    let watching = false;
    const watch = setInterval(async () => {
      if (watching || child.pid === undefined) return;
      watching = true;
      const memory = await memoryOf(child.pid);
      if (memory && memory.resident > limits.resident) kill('memory');
      watching = false;
    }, WATCH_MS);

    try {
      return await new Promise((resolve, reject) => {
        const fail = (failure: () => Error) => reject(own ?? (stop.asked ? new QueryCancelled() : failure()));
        onEnd = () => fail(failureOfEnd);
        if (!isAlive) return onEnd();
        child.removeAllListeners('message').on('message', (reply: EngineReply) => {
          if (reply.kind === 'tables') {
            holding = hold(reply.names).then(
              (tables) => isAlive && send({ kind: 'tables', tables }),
              (error: Error) => {
                own = error;
                interrupt();
              },
            );
          } else if (reply.kind === 'answer') resolve(reply.columns);
          else if (reply.kind === 'cancelled') fail(() => new QueryCancelled());
          else {
            if (reply.by === 'system') onFailure(new Error(reply.cause));
            fail(() => new QueryFailure(reply.message, reply.by));
          }
        });
        send({ kind: 'run', query });
      });
    } finally {
      clearInterval(watch);
      clearTimeout(grace);
      onEnd = () => undefined;
      stop.interrupt = () => undefined;
      // So that nobody holds a table of a query that has ended.
      await holding;
    }
  };

  return {
    pid: child.pid,
    isAlive: () => isAlive,
    ask,
    async isFit() {
      const memory = isAlive && child.connected && child.pid ? await memoryOf(child.pid) : undefined;
      // Where it cannot be told, nobody watched it either.
      return isAlive && child.connected && (memory === undefined || hasRoom(memory, limits));
    },
    async end() {
      kill('stop');
      await ended;
    },
  };
};
