import { randomUUID } from 'node:crypto';
import { InvalidRequest } from '@granary/domain/errors';
import type { ObjectWriter } from '@granary/domain/ports/object-store';
import type { QueryEngine, QueryPage, QueryState, QueryStatus } from '@granary/domain/ports/query-engine';
import { QUERY_RESULTS } from '@granary/domain/rules/keys';

export type MemoryResult = Partial<Pick<QueryPage, 'columns' | 'rows'>> & {
  /** How long it is under way; 0 when absent. */
  ms?: number;
  bytes_scanned?: number;
  failure?: QueryStatus['failure'];
};

type Execution = { id: string; sql: string; submitted: number; result: MemoryResult; reused: boolean; key: string };

export type MemoryQueryEngineOptions = {
  /** What a query gives. Throws what `start` throws. */
  answer: (sql: string) => MemoryResult;
  now?: () => number;
  /** Where results are put as CSV; nowhere when absent. */
  objects?: Pick<ObjectWriter, 'put'>;
};

/** For tests: knows no SQL, gives what it is told to, and takes the time that it is told to by its clock. */
export const makeMemoryQueryEngine = ({ answer, now = Date.now, objects }: MemoryQueryEngineOptions): QueryEngine => {
  const executions = new Map<string, Execution>();
  const stopped = new Map<string, number>();

  const endOf = ({ id, submitted, result }: Execution): number => stopped.get(id) ?? submitted + (result.ms ?? 0);
  const stateOf = (execution: Execution): QueryState => {
    if (stopped.has(execution.id)) return 'cancelled';
    if (now() < endOf(execution)) return now() === execution.submitted ? 'queued' : 'running';
    return execution.result.failure ? 'failed' : 'succeeded';
  };
  const statusOf = (execution: Execution): QueryStatus => {
    const state = stateOf(execution);
    const isEnded = state !== 'queued' && state !== 'running';
    const end = isEnded ? endOf(execution) : now();
    return {
      id: execution.id,
      state,
      submitted_at: new Date(execution.submitted).toISOString(),
      ended_at: isEnded ? new Date(end).toISOString() : null,
      bytes_scanned: execution.reused ? 0 : (execution.result.bytes_scanned ?? 0),
      duration_ms: end - execution.submitted,
      reused: execution.reused,
      result: state === 'succeeded' ? execution.key : null,
      failure: state === 'failed' ? (execution.result.failure ?? null) : null,
    };
  };
  const reusable = (sql: string, minutes: number): Execution | undefined =>
    [...executions.values()].findLast(
      (one) => one.sql === sql && stateOf(one) === 'succeeded' && now() - endOf(one) <= minutes * 60_000,
    );

  return {
    async start({ sql, reuse_minutes }) {
      const id = randomUUID();
      const earlier = reuse_minutes > 0 ? reusable(sql, reuse_minutes) : undefined;
      const result = earlier ? { ...earlier.result, ms: 0 } : answer(sql);
      const key = earlier?.key ?? `${QUERY_RESULTS}${id}.csv`;
      executions.set(id, { id, sql, submitted: now(), result, reused: earlier !== undefined, key });
      if (!earlier) await objects?.put(key, Buffer.from(csvOf(result)), { content_type: 'text/csv' });
      return id;
    },
    async status(id) {
      const execution = executions.get(id);
      return execution && statusOf(execution);
    },
    async page(id, { limit, from = '0' }) {
      const { columns = [], rows = [] } = executions.get(id)!.result;
      const start = Number(from);
      if (!Number.isInteger(start) || start < 0 || (start > 0 && start >= rows.length))
        throw new InvalidRequest('The result has no page that begins there.');
      const end = start + limit;
      return { columns, rows: rows.slice(start, end), next: end < rows.length ? String(end) : null };
    },
    async stop(id) {
      const execution = executions.get(id);
      if (execution && now() < endOf(execution)) stopped.set(id, now());
    },
    async underWay() {
      return [...executions.values()].map(statusOf).filter(({ state }) => state === 'queued' || state === 'running');
    },
  };
};

/** As Athena writes it: everything that is there in quotes. */
const csvOf = ({ columns = [], rows = [] }: MemoryResult): string =>
  [columns.map(({ name }) => name), ...rows]
    .map((row) => row.map((cell) => (cell === null ? '' : `"${cell.replaceAll('"', '""')}"`)).join(','))
    .map((line) => `${line}\n`)
    .join('');
