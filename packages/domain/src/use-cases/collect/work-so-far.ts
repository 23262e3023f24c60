import type { DatasetId } from '../../dataset.ts';
import type { GranaryError } from '../../errors.ts';
import type { RefusedBytes, ResourceRecord } from '../../resource-record.ts';
import { NO_COUNTS, type ResourceCounts, type RunCounts } from '../../run.ts';
import type { SourceDefinition } from '../../source.ts';

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
  /** What its resource counts as, where its source lists all of them. */
  resources?: Partial<ResourceCounts>;
  /** What came of looking at its resource, where that is known; why it failed is in the error. */
  seen?: SeenResource;
};

/** How a resource was answered. `refused`: bytes that were refused, so that they need not be read again. */
export type SeenResource = {
  source: SourceDefinition;
  record: ResourceRecord | undefined;
  status: number | null;
  response_ms: number | null;
  bytes?: Omit<RefusedBytes, 'reason'>;
  /** Tables that stand, though others may have failed. */
  had?: { state: 'published' | 'unchanged'; datasets: readonly DatasetId[] };
};

export const beginWork = (): WorkSoFar => ({ requests: 0, counts: NO_COUNTS, versions: [], failures: [] });
