/** The partition of the index that lists datasets. */
export const DATASETS = 'DATASETS';

/**
 * Before the id in the key of the index. `~` sorts behind every id, which is all that items of an earlier release have
 * there: they are of all datasets, and changed before anybody asked what had.
 */
export const changeMark = (at: number): string => `~${new Date(at).toISOString()}`;

/**
 * Clocks of machines differ, and an index lags behind its table: what changed so shortly before the newest that was
 * seen may not have been seen yet, and is given again.
 */
const OVERLAP_MS = 10_000;

/**
 * Where to go on after these, the last of which has that key: not behind the present, however far ahead the clock was
 * that wrote it.
 */
export const markBefore = (last: string | undefined, since: string | undefined, now: number): string => {
  const at = Date.parse(last?.slice(1, last.indexOf('#')) ?? '');
  const mark = Number.isNaN(at) ? '' : changeMark(Math.min(at, now) - OVERLAP_MS);
  return mark > (since ?? '') ? mark : since || '~';
};
