import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { type CsvRow, createTokenizer } from '@granary/tabular/csv/tokenizer';
import type { Dialect, QuarantineEntry } from '@granary/tabular/table';

/** The record that begins in a line (from 1) of a file as it was fetched, gzipped; unpacks no further than that. */
export const readSourceLine = async (
  gzipped: Uint8Array,
  dialect: Dialect,
  line: number,
): Promise<CsvRow | undefined> => {
  let found: CsvRow | undefined;
  let past = false;
  const tokenizer = createTokenizer(dialect, (row) => {
    if (row.line === line) found = row;
    past ||= row.line >= line;
  });
  const bytes = Readable.from([gzipped]).pipe(createGunzip());
  try {
    for await (const chunk of bytes) {
      tokenizer.push(chunk as Uint8Array);
      if (past) return found;
    }
    tokenizer.end();
    return found;
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
    for await (const text of createInterface({ input: bytes, crlfDelay: Number.POSITIVE_INFINITY })) {
      if (text === '' || entries.length >= MOST_ENTRIES) continue;
      const entry = JSON.parse(text) as QuarantineEntry;
      if (entry.line === line) entries.push(entry);
    }
    return entries;
  } finally {
    bytes.destroy();
  }
};
