import type { SqlDeps } from '../sql-deps.ts';
import { unmadeTable } from './find-datasets.ts';

/**
 * Athena itself ends a query after half an hour (its quota "DML query timeout"). Ours are stopped much sooner, but by a
 * job that may fail, or not look so far back: the sum below must not depend on that. The rest is for the ending itself,
 * and for clocks that differ.
 */
const ENDED_AT_LAST_MS = (30 + 2) * 60_000;

/**
 * How old (in whole minutes) a result of the same query may be to be given again, so that one from before a publication
 * never is.
 *
 * A query reads its tables as they were when it was planned. One that was planned just before a table changed may have
 * ended as late as the longest time that the engine lets a query run after that, and its age counts from its end. So
 * results are taken only from the time after the last change plus that longest time; whatever ended since then was
 * planned since the change. Rounding down leaves no part of a minute before it. A query that calls what answers
 * otherwise each time, and one that is asked for with `Cache-Control: no-cache` (RFC 9111, 5.2.1.4), has no earlier
 * result.
 */
export const reuseMinutes = async (
  { times, clock, limits }: Pick<SqlDeps, 'times' | 'clock' | 'limits'>,
  { tables, volatile }: { tables: readonly string[]; volatile: boolean },
  cache_control: string | undefined,
): Promise<number> => {
  const now = clock();
  const changes = await Promise.all(tables.map((table) => times.changedAt(table)));
  const missing = changes.indexOf(undefined);
  if (missing >= 0) throw unmadeTable(tables[missing]);
  if (volatile || /(?:^|,)\s*no-(?:cache|store)\b/i.test(cache_control ?? '')) return 0;
  const newest = Math.max(...(changes as number[]), 0);
  const settled = newest + ENDED_AT_LAST_MS;
  return Math.max(0, Math.min(limits.reuse_minutes, Math.floor((now - settled) / 60_000)));
};
