/** A CSV file's dialect, the names of its columns and the marks of their figures, from its beginning. */
import { uniqueIdentifiers } from '../identifier.ts';
import type { Dialect } from '../table.ts';
import { type ColumnMarks, sniffMarks } from './decimal-marks.ts';
import { sniffDialect } from './dialect.ts';
import { usualWidth } from './header.ts';
import { type CsvRow, createTokenizer } from './tokenizer.ts';
import { undecidedFigures } from './undecided-figures.ts';
import { type CsvInput, headOf } from './utf8-chunks.ts';

/**
 * `header`: the cells as they stand, without empty ones behind the last column; empty when the file has no header. `names`: identifiers of all
 * columns. `marks`: of each column. `rows`: the records of the beginning, whether of the table or not.
 */
export type CsvLayout = {
  dialect: Dialect;
  header: string[];
  names: string[];
  marks: ColumnMarks[];
  rows: readonly CsvRow[];
  head: Buffer;
  complete: boolean;
};

const SNIFFED = 1 << 16;
const HEAD = 1 << 18;

/** Lines up to this one are not of the table's body. */
export const linesBefore = ({ header_line, first_line = 1 }: Dialect): number =>
  Math.max(header_line ?? 0, first_line - 1);

/** Columns at the end without a name in the header and without a cell in the rows are a delimiter too many. */
const usedWidth = (header: readonly string[] | undefined, rows: readonly CsvRow[]): number => {
  let width = header?.length ?? usualWidth(rows);
  const isUsed = (index: number): boolean =>
    (header?.[index] ?? '').trim() !== '' || rows.some((row) => (row.fields[index] ?? '').trim() !== '');
  while (width > 1 && !isUsed(width - 1)) width--;
  return width;
};

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
  const header = rows.find((row) => row.line === dialect.header_line)?.fields;
  const { last_line = Number.POSITIVE_INFINITY } = dialect;
  const body = rows.filter((row) => row.line > linesBefore(dialect) && row.line <= last_line);
  const found = dialect.header_line === null ? body.length > 0 : header !== undefined;
  if (!found && !complete) return sniffLayout(input, given, headBytes * 4);
  const width = usedWidth(header, body);
  const names = uniqueIdentifiers(header?.slice(0, width) ?? Array.from({ length: width }, () => ''));
  const declared = { decimal: dialect.decimal, thousands: dialect.thousands, lone: '.,', unsure: null };
  const marks = dialect.uncertain ? sniffMarks(body, width).columns : names.map(() => declared);
  const uncertain = dialect.uncertain && [
    ...dialect.uncertain.filter(({ about }) => about !== 'figures'),
    ...undecidedFigures(marks, header ?? []),
  ];
  return {
    dialect: { ...dialect, ...(uncertain && { uncertain }) },
    header: header?.slice(0, width) ?? [],
    names,
    marks,
    rows,
    head,
    complete,
  };
};
