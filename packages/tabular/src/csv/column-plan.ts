/** What a parser of one column is told and what it does. */
import type { Column, ColumnType } from '../table.ts';
import type { CellRules } from '../typing.ts';
import type { RecordBlock } from './record-block.ts';

export type ColumnParser = {
  /** Parses the column of a block into the rows from `base` on. False when a misfit stopped it. */
  parse(block: RecordBlock, column: number, base: number): boolean;
  /** Forgets rows of the last block: of those from `base` on only `kept` (ascending, relative to it) stay. */
  keep(base: number, kept: Int32Array): void;
  /** The first `rows` rows as a column, in memory that the next `parse` uses again. */
  take(rows: number): Column;
  /** Begins a new batch. */
  reset(): void;
  /** What the batch's texts take. */
  bytes(): number;
  /** Kinds of cells seen so far, as far as the type tells. */
  kinds(): number;
};

/** Told of a cell that does not fit (`text`) or is missing where it must not be (null); whether to go on. */
export type OnMisfit = (row: number, text: string | null) => boolean;

export type ColumnPlan = {
  /** `unknown`: only blank cells so far. */
  type: ColumnType | 'unknown';
  nullable: boolean;
  declared: boolean;
  rules: CellRules;
  capacity: number;
  onMisfit: OnMisfit;
};

export type Values = Uint8Array | Int32Array | Float64Array | BigInt64Array;

/** Where a loop puts the values that it reads by itself, and whom it asks for the others: false means stop. */
export type SlowRead<T extends Values> = { values: T; read(block: RecordBlock, index: number, row: number): boolean };

/**
 * Parses a column with a loop of its own. There is one for each type, alike on purpose: that is what lets the engine
 * keep each in registers. A loop takes shortcuts to the values that the rules for cells ({@link ../typing.ts}) would
 * give, and no others.
 */
export type ParseColumn = ColumnParser['parse'];
