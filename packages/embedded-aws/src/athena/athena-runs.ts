import type { Engine } from './athena-engine.ts';
import { type Execution, type Executions, hasEnded } from './athena-executions.ts';
import { internalFailure, QueryCancelled } from './athena-failures.ts';
import { type AthenaObjects, placeOf } from './athena-objects.ts';
import type { Stop } from './athena-query.ts';
import { QueryFailure } from './athena-sql.ts';

/** Queries that run at once; the others wait. */
const AT_ONCE = 2;

/** Runs executions one after the other, {@link AT_ONCE} at a time, and writes their results to S3. */
export const makeRuns = (options: {
  executions: Executions;
  engine: Engine;
  objects: AthenaObjects;
  now: () => number;
  onFailure: (error: Error) => void;
}) => {
  const { executions, engine, objects, now, onFailure } = options;
  type Waiting = { execution: Execution; cutoff: number | undefined; stop: Stop };
  const waiting: Waiting[] = [];
  let closing = false;
  const running = new Map<string, { stop: Stop; done: Promise<void> }>();

  const cancel = (execution: Execution, reason: string) =>
    executions.update(execution, { state: 'CANCELLED', reason, ended: now() });

  /** The last run of the same query that is young enough and whose result is still there. */
  const earlier = async (execution: Execution): Promise<Execution | undefined> => {
    const { reuse, sql, database, workgroup } = execution;
    if (reuse === undefined) return undefined;
    const same = executions
      .list()
      .find(
        (one) =>
          one.state === 'SUCCEEDED' &&
          !one.reused &&
          one.sql === sql &&
          one.database === database &&
          one.workgroup === workgroup &&
          now() - one.ended! <= reuse * 60_000,
      );
    return same && (await objects.head(placeOf(same.output)!)) ? same : undefined;
  };

  const work = async ({ execution, cutoff, stop }: Waiting): Promise<void> => {
    const { id, sql, database } = execution;
    executions.update(execution, { state: 'RUNNING', started: now() });
    try {
      const same = await earlier(execution);
      if (same) {
        const { output, columns } = same;
        executions.update(execution, { state: 'SUCCEEDED', ended: now(), output, columns, reused: true });
        return;
      }
      const { path, columns } = await engine.run({ id, sql, database, cutoff, stop }, (bytes) =>
        executions.update(execution, { bytes }),
      );
      await objects.writeFile(placeOf(execution.output)!, path);
      if (stop.asked) throw new QueryCancelled();
      executions.update(execution, { state: 'SUCCEEDED', ended: now(), columns });
    } catch (error) {
      if (closing) return;
      if (error instanceof QueryCancelled || stop.asked) {
        cancel(execution, (error instanceof QueryCancelled && error.message) || 'Query cancelled by user');
        return;
      }
      if (!(error instanceof QueryFailure)) onFailure(error as Error);
      const { by, message } = error instanceof QueryFailure ? error : internalFailure();
      executions.update(execution, { state: 'FAILED', reason: message, failure: { by, message }, ended: now() });
    } finally {
      engine.discard(id);
    }
  };

  const next = () => {
    while (running.size < AT_ONCE && waiting.length > 0) {
      const one = waiting.shift()!;
      const done = work(one)
        // Such as a full disk: the record could not be written.
        .catch(onFailure)
        .finally(() => {
          running.delete(one.execution.id);
          next();
        });
      running.set(one.execution.id, { stop: one.stop, done });
    }
  };

  return {
    start(execution: Execution, cutoff: number | undefined): void {
      waiting.push({ execution, cutoff, stop: { asked: false, interrupt: () => undefined } });
      // After whoever asked has its answer.
      setImmediate(next);
    },
    stop(execution: Execution): void {
      if (hasEnded(execution)) return;
      const index = waiting.findIndex((one) => one.execution.id === execution.id);
      if (index >= 0) {
        waiting.splice(index, 1);
        cancel(execution, 'Query cancelled by user');
        return;
      }
      const found = running.get(execution.id);
      if (!found) return;
      found.stop.asked = true;
      found.stop.interrupt();
    },
    /** Ends what runs. It and what waits are on the disk as under way, so they have failed after the next start. */
    async close(): Promise<void> {
      closing = true;
      waiting.length = 0;
      for (const { stop } of running.values()) stop.asked = true;
      await engine.close();
      await Promise.all([...running.values()].map(({ done }) => done));
    },
  };
};
