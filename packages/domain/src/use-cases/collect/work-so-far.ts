import type { DatasetId } from '../../dataset.ts';
import type { GranaryError } from '../../errors.ts';
import { NO_COUNTS, type RunCounts } from '../../run.ts';

/** What a delivery has done so far: it counts whether or not the delivery ends well. */
export type WorkSoFar = {
  /** That it sent to the source. */
  requests: number;
  /** Of the versions that are its part's own. */
  counts: RunCounts;
  /** `<dataset>@<version>` of those that are published. */
  versions: string[];
  /** Of each table that failed; none where the work failed as a whole. */
  failures: readonly GranaryError[];
  /** Which one a failure is about, where that is known. */
  dataset?: DatasetId;
};

export const beginWork = (): WorkSoFar => ({ requests: 0, counts: NO_COUNTS, versions: [], failures: [] });
