import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { writeAtomically } from '../atomic-json-store.ts';
import type { ResultColumn } from './athena-values.ts';

export type ExecutionState = 'QUEUED' | 'RUNNING' | 'SUCCEEDED' | 'FAILED' | 'CANCELLED';
/** Times are ms since the epoch. */
export type Execution = {
  id: string;
  /** Grows with each. */
  order: number;
  sql: string;
  database: string;
  workgroup: string;
  token?: string;
  /** Minutes; undefined: no earlier result may be given. */
  reuse?: number;
  /** `s3://<bucket>/<key>` of the result, which is that of the earlier query where it was reused. */
  output: string;
  state: ExecutionState;
  reason?: string;
  failure?: { by: 'user' | 'system'; message: string };
  submitted: number;
  started?: number;
  ended?: number;
  bytes: number;
  reused: boolean;
  columns?: readonly ResultColumn[];
};

export const hasEnded = ({ state }: Execution): boolean => state !== 'QUEUED' && state !== 'RUNNING';

/** How many are remembered. */
const MOST = 1000;

/**
 * Queries, a file for each under `dir`, the last thousand of them; read when one is first asked for. What was under way
 * when the process before this one ended has failed.
 */
export const openExecutions = (dir: string, now: () => number, onEnd: (execution: Execution) => void = () => {}) => {
  const pathOf = (id: string) => join(dir, `${id}.json`);
  const save = (execution: Execution) => {
    mkdirSync(dir, { recursive: true });
    writeAtomically(pathOf(execution.id), JSON.stringify(execution));
  };
  const readOne = (file: string): Execution | undefined => {
    try {
      return JSON.parse(readFileSync(join(dir, file), 'utf8'));
    } catch {
      // Nothing hangs on one that is forgotten.
      return undefined;
    }
  };
  const readAll = (): Map<string, Execution> => {
    if (!existsSync(dir)) return new Map();
    const files = readdirSync(dir);
    for (const file of files.filter((name) => name.endsWith('.part'))) rmSync(join(dir, file));
    const found = files.filter((name) => name.endsWith('.json')).flatMap((name) => readOne(name) ?? []);
    for (const execution of found.filter((each) => !hasEnded(each))) {
      const message = 'The embedded AWS ended while the query was under way.';
      Object.assign(execution, { state: 'FAILED', reason: message, failure: { by: 'system', message }, ended: now() });
      save(execution);
    }
    return new Map(found.sort((a, b) => a.order - b.order).map((each) => [each.id, each]));
  };
  let read: Map<string, Execution> | undefined;
  const all = () => {
    read ??= readAll();
    return read;
  };

  return {
    get: (id: string): Execution | undefined => all().get(id),
    /** Newest first. */
    list: (): Execution[] => [...all().values()].reverse(),
    add(execution: Omit<Execution, 'order'>): Execution {
      const last = [...all().values()].at(-1)?.order ?? 0;
      const added = { ...execution, order: last + 1 };
      save(added);
      all().set(added.id, added);
      for (const old of [...all().values()].slice(0, Math.max(0, all().size - MOST)).filter(hasEnded)) {
        rmSync(pathOf(old.id), { force: true });
        all().delete(old.id);
      }
      return added;
    },
    /** Changes it, on the disk too where that matters after a restart: not for the step from queued to running. */
    update(execution: Execution, change: Partial<Execution>): void {
      const before = hasEnded(execution);
      Object.assign(execution, change);
      if (!hasEnded(execution)) return;
      save(execution);
      if (!before) onEnd(execution);
    },
  };
};

export type Executions = ReturnType<typeof openExecutions>;
