import type { QueryStatus } from '@granary/domain/ports/query-engine';
import type { SqlDeps } from '../sql-deps.ts';

const FIRST_PAUSE_MS = 50;
const LONGEST_PAUSE_MS = 500;

export const hasEnded = ({ state }: QueryStatus): boolean => state !== 'queued' && state !== 'running';

/**
 * The status of a query once it has ended, or after so many seconds; undefined when there is no such query. Looks at
 * least once.
 */
export const waitForEnd = async (
  { engine, clock, sleep }: Pick<SqlDeps, 'engine' | 'clock' | 'sleep'>,
  id: string,
  wait_s: number,
): Promise<QueryStatus | undefined> => {
  const until = clock() + wait_s * 1000;
  for (let pause = FIRST_PAUSE_MS; ; pause = Math.min(pause * 1.5, LONGEST_PAUSE_MS)) {
    const status = await engine.status(id);
    const left = until - clock();
    if (!status || hasEnded(status) || left <= 0) return status;
    await sleep(Math.min(pause, left));
  }
};
