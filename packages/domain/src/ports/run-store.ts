import type { PartOutcome, Run } from '../run.ts';

export type RunReader = {
  getRun(id: string): Promise<Run | undefined>;
  /** Newest first. `before` is an opaque cursor of an earlier answer. */
  listRuns(query: { kind?: Run['kind']; limit: number; before?: string }): Promise<{ runs: readonly Run[]; next: string | null }>;
};

/** Every write is conditional: a part ends once, a run closes once, a source runs once at a time. */
export type RunStore = RunReader & {
  /**
   * Starts a run unless its source has one whose lease is not over; then `undefined` and nothing is written.
   * A run whose lease is over is failed first.
   */
  start(run: Run): Promise<{ started: true } | { started: false; running: Run }>;
  /** Says that work goes on: the lease reaches at least this far. */
  extendLease(id: string, until: string): Promise<void>;
  /** Ends a part: its number, counts, versions, error, in one write; `false` when it had ended before. Closes the run when it was the last. */
  endPart(id: string, outcome: PartOutcome, at: string): Promise<boolean>;
  /** Whether the part ended already: a redelivery need not work again. */
  hasEnded(id: string, part: number): Promise<boolean>;
  /** Closes runs whose lease is over, as failed or partial, with an error that says so. Returns their ids. */
  closeOverdue(at: string): Promise<readonly string[]>;
  /** When the source last started a run, ISO 8601. */
  lastStarted(source: string): Promise<string | undefined>;
};
