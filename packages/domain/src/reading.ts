import type { DeclaredField, Dialect } from '@granary/tabular/table';
import type { TableSink } from '@granary/tabular/table-sink';

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
  /** Declared of its dataset: they outrank what its columns look like. */
  fields?: readonly DeclaredField[];
  /** The header of the version before, where there is one: it can tell what a file leaves out. */
  previous_header?: readonly string[];
};

/** What reading found out about the file besides its rows. Shapes as in PublishedVersion. */
export type ReadReport = { dialect: Dialect; header: readonly string[]; notes: readonly string[] };

/** A table that was found in a file, and is not read yet. */
export type FoundTable = {
  /**
   * What tells it from the others of its file, from one version of the file to the next: the name of its sheet, its
   * title, or else its number, from 1.
   */
  name: string;
  /** What stands above it, if anything does. */
  title?: string;
  /** The names of its columns as they stand there. */
  header?: readonly string[];
  /** Where it stands, for people: `lines 3 to 90`. */
  place?: string;
  /**
   * Reads its rows, once. Throws {@link ../errors.ts RefusedContent} for a table that cannot be read, and
   * {@link MoreTables}.
   */
  read(options: ReadOptions, out: TableSink): Promise<ReadReport>;
};

/** A table that was taken for the only one of its file is not: another begins far below. */
export class MoreTables extends Error {}

/** The tables of a file that always holds one. */
export const onlyTable = (read: FoundTable['read']): readonly FoundTable[] => [{ name: '1', read }];
