/** A CSV file's dialect, the names of its columns and the marks of their figures, from its beginning. */
import { uniqueIdentifiers } from '../identifier.ts';
import type { Dialect } from '../table.ts';
import { type ColumnMarks, sniffMarks } from './decimal-marks.ts';
import { sniffDialect } from './dialect.ts';
import { usualWidth } from './header.ts';
import { type CsvRow, createTokenizer, UnreadableText } from './tokenizer.ts';
import { undecidedFigures } from './undecided-figures.ts';
import { type CsvInput, headOf } from './utf8-chunks.ts';

/**
 * `header`: the cells as they stand, without empty ones behind the last column; empty when the file has no header.
 * `names`: identifiers of all columns. `marks`: of each column. `rows`: the records of the beginning, whether of the
 * table or not.
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

/** More columns than any table for people has; the memory of a row group grows with them. */
const MOST_COLUMNS = 10_000;

const refuseTooWide = (cells: number): void => {
  if (cells > MOST_COLUMNS)
    throw new UnreadableText(`its first line has more than ${MOST_COLUMNS} cells, which no table that can be read has`);
};

const countOf = (bytes: Buffer, delimiter: string, from: number): number => {
  let count = 0;
  for (let at = bytes.indexOf(delimiter, from); at !== -1; at = bytes.indexOf(delimiter, at + 1)) count++;
  return count;
};

/** What is declared outranks what was found, and settles what was uncertain about it. */
const declaredOver = (found: Dialect, given: Partial<Dialect>): Dialect => {
  const settled = new Set<string>([
    ...(given.encoding === undefined ? [] : ['encoding']),
    ...(given.header_line === undefined ? [] : ['header', 'tables']),
    ...(given.decimal === undefined ? [] : ['figures']),
  ]);
  const uncertain = found.uncertain?.filter(({ about }) => !settled.has(about)) ?? [];
  // What parts thousands where one mark is declared and the other is not: not that mark, and none that was guessed
  // beside another.
  const thousands = given.decimal === undefined || given.decimal === found.decimal ? found.thousands : null;
  return { ...found, thousands, ...given, uncertain };
};

/** A dialect that is declared whole; its marks are believed. */
const isWhole = (given: Partial<Dialect> | undefined): given is Dialect =>
  given?.encoding !== undefined &&
  given.delimiter !== undefined &&
  given.decimal !== undefined &&
  'header_line' in given;

/** Rows of a table that begins behind the beginning of its file: as many as are looked at. */
const FAR_ROWS = 1000;

/** A beginning that reached to them would be as large as the file. */
const rowsFarBelow = (input: CsvInput, dialect: Dialect): CsvRow[] => {
  const first = dialect.header_line ?? dialect.first_line ?? 1;
  const rows: CsvRow[] = [];
  const tokenizer = createTokenizer(dialect, (row) => {
    if (row.line >= first && rows.length < FAR_ROWS) rows.push(row);
  });
  for (const chunk of input.chunks()) {
    tokenizer.push(chunk);
    if (rows.length === FAR_ROWS) return rows;
  }
  tokenizer.end();
  return rows;
};

type Sniffing = { given?: Partial<Dialect>; headBytes?: number; reserved?: readonly string[] };

/**
 * Looks at the first 256 KiB, and at more where the header has not ended by then; where the table is declared to begin
 * below, at its first rows. A file without any record has no columns. No column gets a name that is `reserved`.
 */
export const sniffLayout = (input: CsvInput, { given, headBytes = HEAD, reserved = [] }: Sniffing = {}): CsvLayout => {
  const head = headOf(input, headBytes);
  const complete = head.length < headBytes;
  const dialect = isWhole(given) ? given : declaredOver(sniffDialect(head.subarray(0, SNIFFED)), given ?? {});
  const inHead: CsvRow[] = [];
  const tokenizer = createTokenizer(dialect, (row) => inHead.push(row));
  tokenizer.push(head);
  if (complete) tokenizer.end();
  const begins = linesBefore(dialect);
  const isFarBelow = !complete && begins > (inHead.at(-1)?.line ?? begins);
  const rows = isFarBelow ? rowsFarBelow(input, dialect) : inHead;
  const header = rows.find((row) => row.line === dialect.header_line)?.fields;
  const { last_line = Number.POSITIVE_INFINITY } = dialect;
  const body = rows.filter((row) => row.line > linesBefore(dialect) && row.line <= last_line);
  const found = dialect.header_line === null ? body.length > 0 : header !== undefined;
  if (!found && !complete && !isFarBelow) {
    refuseTooWide(countOf(head, dialect.delimiter, head.lastIndexOf('\n') + 1));
    return sniffLayout(input, { given, headBytes: headBytes * 4, reserved });
  }
  const width = usedWidth(header, body);
  refuseTooWide(width);
  const names = uniqueIdentifiers(header?.slice(0, width) ?? Array.from({ length: width }, () => ''), reserved);
  const declared = { decimal: dialect.decimal, thousands: dialect.thousands, lone: '.,', unsure: null };
  const believed = isWhole(given) ? !given.uncertain : given?.decimal !== undefined;
  const marks = believed ? names.map(() => declared) : sniffMarks(body, width).columns;
  const uncertain = !isWhole(given) || given.uncertain;
  return {
    dialect: {
      ...dialect,
      ...(uncertain && {
        uncertain: [
          ...(dialect.uncertain ?? []).filter(({ about }) => about !== 'figures'),
          ...(believed ? [] : undecidedFigures(marks, header ?? [])),
        ],
      }),
    },
    header: header?.slice(0, width) ?? [],
    names,
    marks,
    rows,
    head,
    complete,
  };
};
