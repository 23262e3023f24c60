import type { DatasetId } from '../../dataset.ts';
import { FollowersLag, GranaryError } from '../../errors.ts';
import { refreshTables, type TableDeps } from '../sql/refresh-tables.ts';
import { type CopyDeps, refreshCopies } from './refresh-copies.ts';

/**
 * Brings up to date what follows the pointer to a dataset's latest version: its copy as CSV and its tables in SQL. When
 * one of them fails, the other is tried all the same. Then it throws FollowersLag, although readers of the API have the
 * version already: if the part ended well, nobody would learn that something lags behind. So the queue delivers the
 * message again, and the redelivery, or the next collection, repairs it.
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
