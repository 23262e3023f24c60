import type { Batch, Field, QuarantineEntry } from './table.ts';

/** Takes what a reader finds in a file. Rows and quarantine entries together account for every row of the file. */
export type TableSink = {
  /**
   * The columns of the rows that follow. Called again, the table begins anew: the rows and entries so far are
   * forgotten. A reader does so when a later row turns out not to fit the types that the first rows suggested.
   */
  begin(fields: readonly Field[]): void;
  /** Columns in the order of the fields. The sink keeps nothing of the batch: its memory may be used again. */
  rows(batch: Batch): void;
  quarantine(entry: QuarantineEntry): void;
};
