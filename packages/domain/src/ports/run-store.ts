import type { PartOutcome, Run, RunError } from '../run.ts';

export type RunReader = {
  getRun(id: string): Promise<Run | undefined>;
  /**
   * Newest first. Of a run with many versions, the first {@link VERSIONS_LISTED} that were published. `before` is an
   * opaque cursor of an earlier answer.
   */
  listRuns(query: {
    kind?: Run['kind'];
    limit: number;
    before?: string;
  }): Promise<{ runs: readonly Run[]; next: string | null }>;
};

/**
 * `sent` says whether every message of the running run was enqueued; if not, its planner is about it, or died and the
 * next one goes on.
 */
export type RunStart = { started: true } | { started: false; running: Run; sent: boolean };

/** The newest run of a source; `at` is ISO 8601, `sent` as in RunStart. */
export type LastStart = { run: string; at: string; sent: boolean };

/** `failed`: it ended with an error, and may be mended. */
export type PartState = 'open' | 'ended' | 'failed';

/** Why a part failed, as long as it was not mended. */
export type PartFailure = { part: number; error: Omit<RunError, 'part'>; receives: number };

/** How many versions of a run stand in a list of runs. */
export const VERSIONS_LISTED = 200;

/** Parts that another part found: `count` of them, numbered from `first` on. */
export type FoundParts = { by: number; first: number; count: number };

/** Every write is conditional: a part ends once, a run closes once, a source runs once at a time. */
export type RunStore = RunReader & {
  /**
   * Starts a run unless its source has one whose lease is not over; then nothing is written and that run is given.
   * A run whose lease is over is closed first.
   */
  start(run: Run): Promise<RunStart>;
  /** Says that every message of the run was enqueued. */
  markSent(run: Run): Promise<void>;
  /**
   * Says that work goes on: the lease reaches this far, or less than a minute short of it. Nothing happens to a run
   * that ended.
   */
  extendLease(id: string, until: string): Promise<void>;
  /**
   * Ends a part: its number, counts, versions, error, in one write; `false` when it had ended before, or when there is
   * no such run. Closes the run when it was the last.
   */
  endPart(id: string, outcome: PartOutcome, at: string): Promise<boolean>;
  /**
   * Whether the part ended already: a redelivery need not work again, unless it failed. `open` when there is no such
   * run.
   */
  partState(id: string, part: number): Promise<PartState>;
  /** Those of these parts that have not ended. All of them when there is no such run. */
  openParts(id: string, parts: readonly number[]): Promise<readonly number[]>;
  /**
   * Which parts were found on the way, and by which: whoever ends a part with `parts_found` takes the numbers that come
   * next, in the same write. In the order of their numbers.
   */
  foundParts(id: string): Promise<readonly FoundParts[]>;
  /**
   * Puts a success in the place of a failure: the part's message was redriven and worked this time. Its error goes,
   * counts become what the outcome says (requests add up), and a run that had ended is judged anew. `false` when the
   * part had not failed, or no longer.
   */
  mendPart(id: string, outcome: Omit<PartOutcome, 'error' | 'receives'>, at: string): Promise<boolean>;
  /** Failures of these parts that were not mended. */
  failuresOf(id: string, parts: readonly number[]): Promise<readonly PartFailure[]>;
  /** Counts requests that went to the source in a delivery that did not end its part. */
  addRequests(id: string, requests: number): Promise<void>;
  /**
   * Repairs what whoever ended or mended the last part may have died before doing: closes a running run whose parts
   * have all ended, forgets errors of mended parts, and judges a run anew that ended.
   */
  settle(id: string, at: string): Promise<void>;
  /**
   * For the one who says that a run has ended (the Status event): true once, and again when a claim is older than
   * `stale_before` and `markAnnounced` never followed. False for a run that is running.
   */
  claimAnnouncement(id: string, at: string, stale_before: string): Promise<boolean>;
  markAnnounced(id: string): Promise<void>;
  /** Closes runs whose lease is over, as failed or partial, with an error that says so. Returns their ids. */
  closeOverdue(at: string): Promise<readonly string[]>;
  lastStart(source: string): Promise<LastStart | undefined>;
};
