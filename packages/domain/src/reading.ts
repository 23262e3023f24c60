import type { Dialect } from '@granary/tabular/table';

/**
 * The bytes of a resource, after content decoding. They lie on local disk (or in memory, in tests), so they are read
 * synchronously and as often as it takes.
 */
export type ResourceFile = {
  readonly bytes: number;
  /** From the first byte on, anew at each call. A chunk may be overwritten once the next one is asked for. */
  chunks(): Iterable<Uint8Array>;
  /** The bytes from `from` up to `to`, which is exclusive. */
  read(from: number, to: number): Uint8Array;
};

export type { TableSink } from '@granary/tabular/table-sink';

export type ReadOptions = {
  /** Written into every row's `processing_date`, `YYYY-MM-DD`. */
  processing_date: string;
  /** The header of the version before, where there is one: it can tell what a file leaves out. */
  previous_header?: readonly string[];
};

/** What reading found out about the file besides its rows. Shapes as in PublishedVersion. */
export type ReadReport = { dialect: Dialect; header: readonly string[]; notes: readonly string[] };
