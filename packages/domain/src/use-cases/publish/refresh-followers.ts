import type { DatasetId } from '../../dataset.ts';
import { FollowersLag, GranaryError } from '../../errors.ts';
import { refreshTables, type TableDeps } from '../sql/refresh-tables.ts';
import { type CopyDeps, refreshCopies } from './refresh-copies.ts';

/**
 * Brings up to date what follows the pointer of a dataset: its copy as CSV and its tables in SQL. One that fails does
 * not keep the other from being tried. The failure is thrown all the same: readers of the API have the version already,
 * but a part that ended well would leave what lags behind silently. So the queue delivers it again, and whoever comes
 * next, a redelivery or the next collection, repairs it. Throws FollowersLag, by which a run says that the version is
 * there all the same.
 */
export const refreshFollowers =
  (deps: CopyDeps & TableDeps) =>
  async (id: DatasetId): Promise<void> => {
    const failures: unknown[] = [];
    const followers = { 'its copy as CSV': refreshCopies(deps), 'its tables in SQL': refreshTables(deps) };
    for (const [name, refresh] of Object.entries(followers)) {
      try {
        await refresh(id);
      } catch (error) {
        failures.push(error instanceof GranaryError ? error : lagging(id, name, error));
      }
    }
    if (failures.length > 0) throw failures[0];
  };

const lagging = (id: DatasetId, name: string, cause: unknown): FollowersLag => {
  const kind = cause instanceof Error ? cause.name : typeof cause;
  const error = new FollowersLag(
    `'${id}' is published, but ${name} could not be updated (${kind}). The next delivery or collection updates it`,
  );
  error.cause = cause;
  return error;
};
