import type { DatasetId } from '../dataset.ts';
import { type CopyDeps, refreshCopies } from './refresh-copies.ts';
import { refreshTables, type TableDeps } from './refresh-tables.ts';

/**
 * Brings up to date what follows the pointer of a dataset: its copy as CSV and its tables in SQL. One that fails does not keep the other from
 * being tried. The failure is thrown all the same: readers of the API have the version already, but a part that ended well would leave
 * what lags behind silently. So the queue delivers it again, and whoever comes next, a redelivery or the next collection, repairs it.
 */
export const followPointer =
  (deps: CopyDeps & TableDeps) =>
  async (id: DatasetId): Promise<void> => {
    const failures: unknown[] = [];
    for (const refresh of [refreshCopies(deps), refreshTables(deps)]) {
      try {
        await refresh(id);
      } catch (error) {
        failures.push(error);
      }
    }
    if (failures.length > 0) throw failures[0];
  };
