import type { ResourceFile } from './reading.ts';

/** How far records have come, by a column that grows when one changes: days and moments as milliseconds since 1970. */
export type RecordProgress = { of: 'moments' | 'numbers'; value: bigint; text: string };

/** What a record is known by, its text on one line, and how far it is; null where it does not say. */
export type KnownRecord = { key: string; line: string; progress: RecordProgress | null };

/**
 * How a resource is read of which only changed records are asked for. Its file holds all records, each on a line behind
 * the mark of a JSON text sequence (RFC 7464).
 */
export type Incremental = {
  /**
   * In each period of so many days, counted from 1970, all records are asked for once: those that are not there any
   * more are left out.
   */
  whole_every?: number;
  /** The address that answers what has changed since then, less the lag that is declared. */
  addressSince(url: string, progress: RecordProgress): string;
  /** Gives each record of what was fetched. Throws {@link ./errors.ts RefusedContent}. */
  eachRecord(file: ResourceFile, onRecord: (text: string) => void): Promise<void>;
  /** Throws {@link ./errors.ts RefusedContent} for a record that cannot be known again. */
  known(text: string): KnownRecord;
};

/** Before each record of the file. */
export const RECORD_MARK = '\u001e';
