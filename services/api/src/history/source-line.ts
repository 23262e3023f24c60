import { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { type CsvRow, createTokenizer } from '@granary/tabular/csv/tokenizer';
import { linesOf } from '@granary/tabular/lines-of';
import type { Dialect, QuarantineEntry } from '@granary/tabular/table';

/**
 * The record that begins in a line (from 1) of a file as it was fetched, gzipped; unpacks no further than that. A file
 * that was fetched as gzip data is unpacked twice. Undefined where lines of the file are no rows of the table: in
 * workbooks, JSON, HTML, Parquet and archives.
 */
export const readSourceLine = async (
  gzipped: Uint8Array,
  dialect: Dialect,
  line: number,
): Promise<CsvRow | undefined> => {
  // Only what is written by a program has sure quotes: a table of another format than text was written as CSV.
  if (dialect.sure_quotes) return undefined;
  let found: CsvRow | undefined;
  let past = false;
  const tokenizer = createTokenizer(dialect, (row) => {
    if (row.line === line) found = row;
    past ||= row.line >= line;
  });
  const packed = await beginsWith(gzipped, GZIP);
  if (!packed && (await beginsWith(gzipped, ZIP))) return undefined;
  const once = Readable.from([gzipped]).pipe(createGunzip());
  const bytes = packed ? once.pipe(createGunzip()) : once;
  try {
    for await (const chunk of bytes) {
      tokenizer.push(chunk as Uint8Array);
      if (past) return found;
    }
    tokenizer.end();
    return found;
  } finally {
    bytes.destroy();
    once.destroy();
  }
};

const GZIP = [0x1f, 0x8b];
const ZIP = [0x50, 0x4b];

const beginsWith = async (gzipped: Uint8Array, signature: readonly number[]): Promise<boolean> => {
  const bytes = Readable.from([gzipped]).pipe(createGunzip());
  try {
    for await (const chunk of bytes) return signature.every((byte, at) => (chunk as Uint8Array)[at] === byte);
    return false;
  } finally {
    bytes.destroy();
  }
};

const MOST_ENTRIES = 100;

/** What of a line is in quarantine: the first hundred entries. */
export const quarantineOfLine = async (gzipped: Uint8Array, line: number): Promise<QuarantineEntry[]> => {
  const bytes = Readable.from([gzipped]).pipe(createGunzip());
  const entries: QuarantineEntry[] = [];
  try {
    for await (const text of linesOf(bytes)) {
      const entry = JSON.parse(text) as QuarantineEntry;
      if (entry.line === line) entries.push(entry);
      if (entries.length === MOST_ENTRIES) break;
    }
    return entries;
  } finally {
    bytes.destroy();
  }
};
