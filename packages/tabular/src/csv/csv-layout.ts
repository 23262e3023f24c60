/** A CSV file's dialect, the names of its columns and the marks of their figures, from its beginning. */
import { uniqueIdentifiers } from '../identifier.ts';
import type { Dialect, Uncertainty } from '../table.ts';
import { areBreaksRare } from './broken-records.ts';
import { type ColumnMarks, sniffMarks } from './decimal-marks.ts';
import { severalTables, sniffDialect } from './dialect.ts';
import { type FoundTables, tablesIn } from './find-tables.ts';
import { filledCells, usualWidth } from './header.ts';
import { joinedHeader } from './header-rows.ts';
import { type CsvRow, createTokenizer, UnreadableText } from './tokenizer.ts';
import { undecidedFigures } from './undecided-figures.ts';
import { type CsvInput, headOf } from './utf8-chunks.ts';

/**
 * `header`: the cells as they stand, without empty ones behind the last column; empty when the file has no header.
 * `names`: identifiers of all columns. `marks`: of each column. `rows`: the records of the beginning, whether of the
 * table or not. `spare`: empty cells behind the last column of a row are delimiters too many, and no sign of a
 * delimiter too many before them. `rareBreaks`: records that {@link ./broken-records.ts} calls broken are not meant so.
 * `tables`: those of the beginning, where none is declared.
 * `unnamed`: the cells of a header that names another number of columns than the rows have.
 */
export type CsvLayout = {
  dialect: Dialect;
  header: string[];
  names: string[];
  marks: ColumnMarks[];
  spare: boolean;
  rareBreaks: boolean;
  tables?: FoundTables;
  unnamed?: readonly string[];
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
const trimmedWidth = (header: readonly string[] | undefined, rows: readonly CsvRow[]): number => {
  let width = header?.length ?? usualWidth(rows);
  const isUsed = (index: number): boolean =>
    (header?.[index] ?? '').trim() !== '' || rows.some((row) => (row.fields[index] ?? '').trim() !== '');
  while (width > 1 && !isUsed(width - 1)) width--;
  return width;
};

/** Whether a record has so many cells, and nothing behind them. */
const isBlankFrom = (cells: readonly string[], width: number): boolean => {
  if (cells.length < width) return false;
  for (let at = width; at < cells.length; at++) if (cells[at].trim() !== '') return false;
  return true;
};

/**
 * How many columns the rows have where nearly all of them agree on another number than the header: a delimiter is
 * missing in the header, or there is one too many, and nobody knows which name is whose.
 */
const otherWidth = (header: readonly string[] | undefined, body: readonly CsvRow[]): number | undefined => {
  if (header === undefined || body.length < 2) return undefined;
  const wide = body.filter(({ fields, comment }) => !comment && filledCells(fields).length > 1);
  const width = trimmedWidth(undefined, wide);
  const agree = wide.filter(({ fields }) => isBlankFrom(fields, width));
  const isOther = ![header.length, trimmedWidth(header, wide)].some((own) => own === width || own === usualWidth(wide));
  return isOther && width > 1 && agree.length >= Math.max(2, wide.length * 0.9) ? width : undefined;
};

/**
 * Whether empty cells behind the last column are a delimiter too many: where nearly all rows have them, or where the
 * last column is never empty. Otherwise a row whose last cell is empty, with a delimiter too many before it, looks the
 * same.
 */
const isSpare = (body: readonly CsvRow[], width: number): boolean => {
  const wide = body.filter(({ fields }) => isBlankFrom(fields, width));
  const longer = wide.filter(({ fields }) => fields.length > width);
  if (longer.length >= wide.length * 0.9) return true;
  return wide.every(({ fields }) => fields[width - 1]!.trim() !== '');
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

/** Of the row or the rows that name the columns. */
const headerCells = (rows: readonly CsvRow[], dialect: Dialect): string[] | undefined => {
  const { header_line, header_first_line } = dialect;
  if (header_line === null) return undefined;
  const named = rows.filter(({ line }) => line >= (header_first_line ?? header_line) && line <= header_line);
  return named.at(-1)?.line === header_line ? joinedHeader(named) : undefined;
};

const otherHeader = (line: number, header: readonly string[], width: number): Uncertainty => ({
  about: 'header',
  line,
  column: null,
  readings: [
    `the names of ${header.length} of the columns`,
    `names of ${width} columns with a delimiter too few or too many`,
  ],
  decide: `The rows have ${width} cells, so no column was named by it; mend the header at its source.`,
});

type Sniffing = { given?: Partial<Dialect>; headBytes?: number; reserved?: readonly string[] };

/**
 * Looks at the first 256 KiB, and at more where the header has not ended by then; where the table is declared to begin
 * below, at its first rows. A file without any record has no columns. No column gets a name that is `reserved`.
 */
export const sniffLayout = (input: CsvInput, { given, headBytes = HEAD, reserved = [] }: Sniffing = {}): CsvLayout => {
  const head = headOf(input, headBytes);
  const complete = head.length < headBytes;
  const dialect = isWhole(given)
    ? given
    : declaredOver(sniffDialect(head.subarray(0, SNIFFED), given, { tables: false }), given ?? {});
  const inHead: CsvRow[] = [];
  const tokenizer = createTokenizer(dialect, (row) => inHead.push(row));
  tokenizer.push(head);
  if (complete) tokenizer.end();
  const begins = linesBefore(dialect);
  const isFarBelow = !complete && begins > (inHead.at(-1)?.line ?? begins);
  const rows = isFarBelow ? rowsFarBelow(input, dialect) : inHead;
  const cells = headerCells(rows, dialect);
  const { last_line = Number.POSITIVE_INFINITY } = dialect;
  const body = rows.filter((row) => row.line > linesBefore(dialect) && row.line <= last_line);
  const found = dialect.header_line === null ? body.length > 0 : cells !== undefined;
  if (!found && !complete && !isFarBelow) {
    refuseTooWide(countOf(head, dialect.delimiter, head.lastIndexOf('\n') + 1));
    return sniffLayout(input, { given, headBytes: headBytes * 4, reserved });
  }
  const isFound = given?.header_line === undefined || given.uncertain !== undefined;
  const other = isFound ? otherWidth(cells, body) : undefined;
  const header = other === undefined ? cells : undefined;
  const width = other ?? trimmedWidth(cells, body);
  refuseTooWide(width);
  const names = uniqueIdentifiers(header?.slice(0, width) ?? Array.from({ length: width }, () => ''), reserved);
  const declared = { decimal: dialect.decimal, thousands: dialect.thousands, lone: '.,', unsure: null };
  const believed = isWhole(given) ? !given.uncertain : given?.decimal !== undefined;
  const marks = believed ? names.map(() => declared) : sniffMarks(body, width).columns;
  const uncertain = !isWhole(given) || given.uncertain;
  const tables = given?.header_line === undefined ? tablesIn(rows) : undefined;
  return {
    dialect: {
      ...dialect,
      ...(uncertain && {
        uncertain: [
          ...(dialect.uncertain ?? []).filter(({ about }) => about !== 'figures'),
          ...(tables ? severalTables(tables) : []),
          ...(other === undefined ? [] : [otherHeader(dialect.header_line!, cells!, other)]),
          ...(believed ? [] : undecidedFigures(marks, header ?? [])),
        ],
      }),
    },
    header: header?.slice(0, width) ?? [],
    names,
    marks,
    spare: isSpare(body, width),
    rareBreaks: dialect.sure_quotes !== true && areBreaksRare(body, dialect),
    ...(tables && { tables }),
    ...(other !== undefined && { unnamed: cells! }),
    rows,
    head,
    complete,
  };
};
