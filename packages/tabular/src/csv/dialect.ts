/** Finds out how a text file is laid out, by looking at its beginning. */
import type { Dialect, Uncertainty } from '../table.ts';
import { countOf } from './count-of.ts';
import { sniffMarks } from './decimal-marks.ts';
import { decodeSample } from './encoding.ts';
import { type FoundTables, tablesIn } from './find-tables.ts';
import { contrastOf, findHeader, usualWidth } from './header.ts';
import { headerRowsOf } from './header-rows.ts';
import { sniffEncoding } from './sniff-encoding.ts';
import { swallowsRecords } from './swallowed-lines.ts';
import { type CsvRow, createTextTokenizer } from './tokenizer.ts';
import { undecidedFigures } from './undecided-figures.ts';

const DELIMITERS = [',', ';', '\t', '|'] as const;
/** Records that are looked at; enough for a vote, and a sample may be 64 KiB of very short lines. */
const LOOK_AT = 1000;

type Layout = Pick<Dialect, 'delimiter' | 'quote' | 'newline' | 'skip_initial_space' | 'comment'>;
type SniffedLayout = { layout: Layout; rows: CsvRow[]; score: number };

const sniffNewline = (text: string): Dialect['newline'] => {
  const crlf = countOf(text, '\r\n');
  const lf = countOf(text, '\n') - crlf;
  const cr = countOf(text, '\r') - crlf;
  if (crlf >= lf && crlf > 0) return '\r\n';
  return cr > 0 && lf === 0 ? '\r' : '\n';
};

const records = (text: string, layout: Layout): CsvRow[] => {
  const rows: CsvRow[] = [];
  const tokenizer = createTextTokenizer(layout, (row) => {
    if (rows.length < LOOK_AT) rows.push(row);
  });
  tokenizer.push(text);
  const whole = rows.length;
  tokenizer.end();
  // The last record of a sample is often cut; it only counts where there are few.
  return whole >= 5 ? rows.slice(0, whole) : rows;
};

/** How well a layout explains the text: records of one width, and no other delimiter left inside the cells. */
export const layoutScore = (rows: readonly { fields: readonly string[] }[], delimiter: string): number => {
  const width = usualWidth(rows.filter((row) => row.fields.length > 1));
  if (width < 2) return 0;
  let consistent = 0;
  let foreign = 0;
  let cells = 0;
  for (const { fields } of rows) {
    if (fields.length === width && !fields.some((field) => swallowsRecords(field, delimiter, width))) consistent++;
    for (const field of fields) {
      cells++;
      if (DELIMITERS.some((other) => other !== ',' && other !== delimiter && field.includes(other))) foreign++;
    }
  }
  const share = consistent / rows.length;
  return share * share * (1 - foreign / cells) ** 2 * Math.log2(1 + Math.min(width, 64));
};

/** Whether a cell may begin with it: nothing but blanks stands between it and the end of the one before. */
const mayBegin = (text: string, quote: string, delimiter: string): boolean => {
  for (let at = text.indexOf(quote); at !== -1; at = text.indexOf(quote, at + 1)) {
    let before = at - 1;
    while (before >= 0 && text[before] !== delimiter && !/[\n\r\S]/.test(text[before]!)) before--;
    if (before < 0 || text[before] === delimiter || /[\n\r]/.test(text[before]!)) return true;
  }
  return false;
};

/**
 * `'` may be the quote where no cell begins with one that does not end it: names have it too. That is told by the text
 * split at each delimiter, or else by reading it so.
 */
const singleQuotes = (text: string, layout: Layout): boolean => {
  if (!mayBegin(text, "'", layout.delimiter)) return false;
  const cells = text.split(/\r\n|\n|\r/).flatMap((line) => line.split(layout.delimiter).map((cell) => cell.trim()));
  const begins = cells.filter((cell) => cell.startsWith("'")).length;
  const ends = cells.filter((cell) => cell.length > 1 && cell.endsWith("'")).length;
  if (begins === 0 || ends === 0) return false;
  const isRead = (): boolean => {
    const rows = records(text, { ...layout, quote: "'" });
    const held = rows.some(({ raw, fields }) => fields.length < raw.split(layout.delimiter).length);
    return held && !rows.some(({ fields }) => fields.some((field) => field.startsWith("'")));
  };
  return begins === ends || isRead();
};

const candidates = (text: string, delimiter: Dialect['delimiter'], newline: Dialect['newline']): Layout[] => {
  const plain = { delimiter, newline };
  const single: Dialect['quote'][] = singleQuotes(text, { ...plain, quote: "'" }) ? ["'"] : [];
  const quotes: Dialect['quote'][] = text.includes('"') ? ['"', null, ...single] : [...single, '"'];
  const spaced = countOf(text, `${delimiter} `);
  const all = countOf(text, delimiter);
  // `id, name` and `1, "Doe, John"`: blanks belong to the delimiter where nearly every one has them.
  const skips =
    delimiter !== '\t' && spaced > 0 && (spaced >= all * 0.9 || new RegExp(`\\${delimiter} +["']`).test(text));
  return quotes.flatMap((quote): Layout[] => [
    { ...plain, quote },
    ...(skips ? [{ ...plain, quote, skip_initial_space: true as const }] : []),
  ]);
};

/** Quotes are quotes unless reading them so makes the records less even, as with inch signs in a tab-separated file. */
const sniffLayout = (
  text: string,
  newline: Dialect['newline'],
  delimiters: readonly Dialect['delimiter'][],
): SniffedLayout => {
  let best: SniffedLayout = { layout: { delimiter: delimiters[0], quote: '"', newline }, rows: [], score: -1 };
  for (const delimiter of delimiters) {
    if (delimiter !== delimiters[0] && !text.includes(delimiter)) continue;
    for (const layout of candidates(text, delimiter, newline)) {
      const rows = records(text, layout);
      const better = layout.skip_initial_space ? 1.01 : 1;
      const points = layoutScore(rows, delimiter) * (layout.quote === null ? 0.8 : better);
      if (points > best.score) best = { layout, rows, score: points };
    }
  }
  return best;
};

/** The layout of a text, of those that the byte-level engine speaks, and how well it explains it. */
export const sniffLayoutOf = (text: string): SniffedLayout => sniffLayout(text, sniffNewline(text), DELIMITERS);

/** `sep=;`, with which spreadsheets say the delimiter on a line of its own, in quotes or not. */
const sepLine = /^\s*"?sep=([^\n\r"])"?[^\S\n\r]*(?:\r\n|\n|\r)/i;

const isDelimiter = (mark: string | undefined): mark is Dialect['delimiter'] =>
  (DELIMITERS as readonly (string | undefined)[]).includes(mark);

const unsureHeader = (line: number, header: boolean): Uncertainty => ({
  about: 'header',
  line,
  column: null,
  readings: ['the names of the columns', 'a row of data'],
  decide: `It was taken for ${header ? 'the names' : 'a row'}, since little tells it from the lines below; declare the line of the header.`,
});

/** What is uncertain about where tables begin. */
export const severalTables = ({ tables, possible }: FoundTables): Uncertainty[] => {
  const begins = tables.length > 1 ? tables.slice(1).map((table) => table.first_line) : possible.slice(0, 3);
  const decide =
    tables.length > 1
      ? 'A file of several tables is not read as one: each is, by the dialect that findTables gives it.'
      : 'It was taken for a row of the same table; declare first_line and last_line if it is not.';
  return begins.map((line) => ({
    about: 'tables',
    line,
    column: null,
    readings: ['the header of another table', 'a row of the same one'],
    decide,
  }));
};

/** Whether a line ends with CR alone, and another with LF; a CR in quotes ends none. */
const mixesLineEnds = (text: string): boolean =>
  /\r(?!\n)/.test(text) && text.includes('\n') && /\r(?!\n)/.test(text.replace(/"[^"]*"/g, ''));

/** A CR alone among other line ends is one unless the records are less even by it. */
const sniffByLineEnds = (text: string, delimiters: readonly Dialect['delimiter'][]): SniffedLayout => {
  const usual = sniffLayout(text, sniffNewline(text), delimiters);
  if (usual.layout.newline === '\r' || !mixesLineEnds(text)) return usual;
  const any = sniffLayout(text, '\r', delimiters);
  return any.score >= usual.score ? any : usual;
};

/**
 * Whether the lines that begin with `#` are comments: none of them is a record of the width of the others, unless it
 * begins like a sentence, and none names the columns.
 */
const hasComments = (rows: readonly CsvRow[]): boolean => {
  const marked = rows.filter(({ raw }) => raw.startsWith('#'));
  if (marked.length === 0 || marked.length > rows.length / 2) return false;
  const width = usualWidth(rows);
  // `# id, name` may be the names of the columns, unless the records below it have names of their own.
  const others = rows.filter(({ raw }) => !raw.startsWith('#'));
  const own = findHeader(others).row;
  const named = own !== null && contrastOf(own.fields, others.slice(others.indexOf(own) + 1)).contrasts > 0;
  return (
    width > 1 &&
    (named || !findHeader(rows).row?.raw.startsWith('#')) &&
    marked.every(({ fields, raw }) => fields.length !== width || /^#+\s/.test(raw))
  );
};

/** The records of a text by its best layout, with comments told from them. */
const sniffRecords = (text: string, delimiters: readonly Dialect['delimiter'][]) => {
  const { layout, rows } = sniffByLineEnds(text, delimiters);
  if (!text.includes('#') || !hasComments(rows)) return { layout, rows };
  const commented = { ...layout, comment: '#' } as const;
  return { layout: commented, rows: records(text, commented) };
};

/**
 * Sniffs the dialect of a CSV file from its first bytes (64 KiB are plenty; the whole file is fine too). Never throws:
 * a text without any delimiter is a table of one column. What could be read in two ways stands in `uncertain`. `given`:
 * what is known of its delimiter; `tables`: look for several tables, too.
 */
export const sniffDialect = (
  sample: Uint8Array,
  given: Pick<Partial<Dialect>, 'delimiter'> = {},
  { tables = true } = {},
): Dialect => {
  const { uncertain: aboutEncoding, ...encoding } = sniffEncoding(sample);
  const text = decodeSample(sample, encoding);
  const sep = sepLine.exec(text);
  const skipped = sep === null ? 0 : sep[0].split(/\r\n|\n|\r/).length - 1;
  const said = given.delimiter ?? sep?.[1];
  const found = sniffRecords(text.slice(sep?.[0].length ?? 0), isDelimiter(said) ? [said] : DELIMITERS);
  const rows = found.rows.map((row) => ({ ...row, line: row.line + skipped }));
  const { row: header, sure } = findHeader(rows);
  const named = header && headerRowsOf(rows, header);
  const above = named?.counting?.line ?? named?.last.line;
  const body = above === undefined ? rows : rows.filter((row) => row.line > above);
  const marks = sniffMarks(body, header?.fields.length ?? usualWidth(rows));
  const judged = header?.line ?? rows[0]?.line;
  const uncertain = [
    ...(aboutEncoding ?? []),
    ...(sure || judged === undefined ? [] : [unsureHeader(judged, header !== null)]),
    ...undecidedFigures(marks.columns, header?.fields ?? []),
    ...(tables ? severalTables(tablesIn(rows)) : []),
  ];
  const first_line = named?.counting ? named.counting.line + 1 : skipped > 0 ? skipped + 1 : undefined;
  return {
    ...encoding,
    ...found.layout,
    header_line: named?.last.line ?? null,
    ...(named && named.first !== named.last && { header_first_line: named.first.line }),
    ...(first_line !== undefined && { first_line }),
    ...marks.file,
    uncertain,
  };
};
