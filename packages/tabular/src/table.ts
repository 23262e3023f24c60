/**
 * The shape of typed tables: a schema and columnar batches. Values are kept in typed arrays, strings as codes into a
 * dictionary, so that a million rows are a dozen arrays and not a million objects.
 */

export type ColumnType = 'boolean' | 'int32' | 'int64' | 'double' | 'date' | 'timestamp' | 'string';

export type Field = {
  /** Lower-case ASCII identifier, `_` between words. */
  name: string;
  type: ColumnType;
  nullable: boolean;
  title?: string;
  description?: string;
  /** Unit of the figures, such as `L`, `kg` or `US$`. */
  unit?: string;
};

/** What a source declares of a column. `format`: the order in which its dates are written. */
export type DeclaredField = Field & { format?: 'DMY' | 'MDY' | 'YMD' };

export type Schema = {
  fields: readonly Field[];
  /** Names of the fields that identify a row; tables are sorted by them. Empty: the order of the source is kept. */
  key: readonly string[];
};

/** Distinct strings of one column of one batch, by code. */
export type Dictionary = { readonly length: number; get(code: number): string };

/** `valid`: one byte a row, 1 = present, 0 = null; absent when no row is null. Values under a null are unspecified. */
export type Column =
  | { type: 'boolean'; values: Uint8Array; valid?: Uint8Array }
  /** date: days since 1970-01-01. */
  | { type: 'int32' | 'date'; values: Int32Array; valid?: Uint8Array }
  | { type: 'int64'; values: BigInt64Array; valid?: Uint8Array }
  /** timestamp: milliseconds since 1970-01-01T00:00:00Z. */
  | { type: 'double' | 'timestamp'; values: Float64Array; valid?: Uint8Array }
  | { type: 'string'; codes: Int32Array; dictionary: Dictionary; valid?: Uint8Array };

/** Columns in the order of the schema's fields, each with at least `rows` values. */
export type Batch = { rows: number; columns: readonly Column[] };

/** What a cell holds once it is typed. Dates are `YYYY-MM-DD`, timestamps ISO 8601 in UTC. */
export type Cell = string | number | bigint | boolean | null;

/**
 * What could not be published, kept with its reason. `rows` says for how many rows of the normal form it stands, so
 * that rows read = published + quarantined + deduplicated always holds.
 */
export type QuarantineEntry = {
  /** Line of the source where the row begins, from 1. */
  line: number;
  /** Name of the offending column as the source has it; null when the whole line is at fault. */
  column: string | null;
  /** Positions (from 1) of the source cells that this entry accounts for; empty when it is the whole line. */
  positions: readonly number[];
  /** The text as found, never altered. */
  raw: string;
  /** A sentence naming the value and the rule that it breaks. */
  reason: string;
  rows: number;
};

/**
 * Where two readings of a file fit, or the one that was taken has something against it: told, not decided in silence.
 */
export type Uncertainty = {
  about: 'encoding' | 'header' | 'figures' | 'dates' | 'units' | 'tables';
  /** Line of the source, from 1; null when it is the whole file. */
  line: number | null;
  /** Position of the column in question, from 1; null when it is no one column. */
  column: number | null;
  /** What the text may mean, a phrase each. */
  readings: readonly string[];
  /** What was done meanwhile, and how somebody who knows can settle it. */
  decide: string;
};

/**
 * A form of CSV beyond the byte-level engine's: delimiters of several or of rare characters, quotes escaped by a
 * backslash.
 */
export type WrittenForm = { delimiter: string; quote: '"' | "'"; escape: 'doubled' | 'backslash' };

/** How a text file is laid out, as found by looking at it. */
export type Dialect = {
  encoding: 'utf-8' | 'windows-1252' | 'utf-16le' | 'utf-16be';
  bom: boolean;
  /** UTF-8 that was decoded as windows-1252 and encoded again (`ProduÃ§Ã£o`), repaired on reading. */
  mojibake: boolean;
  delimiter: ',' | ';' | '\t' | '|';
  quote: '"' | "'" | null;
  /** Quotes are a program's: what stands between two of them is one cell, whatever it looks like. */
  sure_quotes?: true;
  /** Blanks behind a delimiter are not part of the cell (`1, "Doe, John"`). */
  skip_initial_space?: true;
  newline: '\n' | '\r\n' | '\r';
  /** Lines that begin with it are comments, however many cells they would have. */
  comment?: '#';
  /** Where `csv-parse` read the file: the form that it had. The other fields are of what that was turned into. */
  written?: WrittenForm & { read_by: 'csv-parse' };
  /** Line of the header, from 1; null when the file has none. Of several rows, the last one. */
  header_line: number | null;
  /** First line of a header of several rows. */
  header_first_line?: number;
  /** First line of the table where that is not the first one of the file, and its last one where more follows. */
  first_line?: number;
  last_line?: number;
  decimal: '.' | ',';
  thousands: '.' | ',' | ' ' | "'" | null;
  /**
   * What could be read in two ways. Absent from a dialect that was declared and not found by looking: its marks are
   * believed everywhere.
   */
  uncertain?: readonly Uncertainty[];
};
