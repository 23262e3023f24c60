/** Opens a Parquet file of ours for reading by ranges: the footer once, kept for as long as the file is read. */
import type { Field } from '../table.ts';

/** A file that can be read in pieces: `end` is exclusive. */
export type RangeReader = { byteLength: number; read(start: number, end: number): Promise<Uint8Array> };

export type OpenTable = { file: RangeReader; fields: readonly Field[]; rows: number };
