import type { PartOutcome, Run } from '../run.ts';

export type RunReader = {
  getRun(id: string): Promise<Run | undefined>;
  /** Newest first. `before` is an opaque cursor of an earlier answer. */
  listRuns(query: {
    kind?: Run['kind'];
    limit: number;
    before?: string;
  }): Promise<{ runs: readonly Run[]; next: string | null }>;
};

/** `sent` says whether every message of the running run was enqueued; if not, its planner died and the next one goes on. */
export type RunStart = { started: true } | { started: false; running: Run; sent: boolean };

/** The newest run of a source; `at` is ISO 8601, `sent` as in RunStart. */
export type LastStart = { run: string; at: string; sent: boolean };

/** Every write is conditional: a part ends once, a run closes once, a source runs once at a time. */
export type RunStore = RunReader & {
  /**
   * Starts a run unless its source has one whose lease is not over; then nothing is written and that run is given.
   * A run whose lease is over is closed first.
   */
  start(run: Run): Promise<RunStart>;
  /** Says that every message of the run was enqueued. */
  markSent(run: Run): Promise<void>;
  /** Says that work goes on: the lease reaches at least this far. Nothing happens to a run that ended. */
  extendLease(id: string, until: string): Promise<void>;
  /**
   * Ends a part: its number, counts, versions, error, in one write; `false` when it had ended before, or when there is
   * no such run. Closes the run when it was the last.
   */
  endPart(id: string, outcome: PartOutcome, at: string): Promise<boolean>;
  /** Whether the part ended already: a redelivery need not work again. */
  hasEnded(id: string, part: number): Promise<boolean>;
  /** Closes a running run whose parts have all ended: whoever ended the last one may have died before closing it. */
  closeIfComplete(id: string, at: string): Promise<void>;
  /** Closes runs whose lease is over, as failed or partial, with an error that says so. Returns their ids. */
  closeOverdue(at: string): Promise<readonly string[]>;
  lastStart(source: string): Promise<LastStart | undefined>;
};
