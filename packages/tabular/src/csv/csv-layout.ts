/** A CSV file's dialect and the names of its columns, from its beginning. */
import { uniqueIdentifiers } from '../identifier.ts';
import type { Dialect } from '../table.ts';
import { sniffDialect } from './dialect.ts';
import { usualWidth } from './header.ts';
import { type CsvRow, createTokenizer } from './tokenizer.ts';
import { type CsvInput, headOf } from './utf8-chunks.ts';

/** `header`: the cells as they stand; empty when the file has no header. `names`: identifiers of all columns. */
export type CsvLayout = { dialect: Dialect; header: string[]; names: string[]; head: Buffer; complete: boolean };

const SNIFFED = 1 << 16;
const HEAD = 1 << 18;

/**
 * Looks at the first 256 KiB, and at more where the header has not ended by then. A file without any record has no columns.
 */
export const sniffLayout = (input: CsvInput, given?: Dialect, headBytes: number = HEAD): CsvLayout => {
  const head = headOf(input, headBytes);
  const complete = head.length < headBytes;
  const dialect = given ?? sniffDialect(head.subarray(0, SNIFFED));
  const rows: CsvRow[] = [];
  const tokenizer = createTokenizer(dialect, (row) => rows.push(row));
  tokenizer.push(head);
  if (complete) tokenizer.end();
  const header = rows.find((row) => row.line === dialect.header_line);
  const found = dialect.header_line === null ? rows.length > 0 : header !== undefined;
  if (!found && !complete) return sniffLayout(input, given, headBytes * 4);
  const width = header ? header.fields.length : usualWidth(rows);
  const names = uniqueIdentifiers(header?.fields ?? Array.from({ length: width }, () => ''));
  return { dialect, header: header?.fields ?? [], names, head, complete };
};
