/** Finds out how a text file is laid out, by looking at its beginning. */
import type { Dialect } from '../table.ts';
import { sniffDecimalMarks } from './decimal-marks.ts';
import { decodeSample } from './encoding.ts';
import { findHeader, usualWidth } from './header.ts';
import { sniffEncoding } from './sniff-encoding.ts';
import { type CsvRow, createTextTokenizer } from './tokenizer.ts';

const DELIMITERS = [',', ';', '\t', '|'] as const;
/** Records that are looked at; enough for a vote, and a sample may be 64 KiB of very short lines. */
const LOOK_AT = 1000;

type Layout = Pick<Dialect, 'delimiter' | 'quote' | 'newline'>;

const sniffNewline = (text: string): Dialect['newline'] => {
  const crlf = text.split('\r\n').length - 1;
  const lf = text.split('\n').length - 1 - crlf;
  const cr = text.split('\r').length - 1 - crlf;
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

/** A quoted field that holds as many delimiters as the lines it spans would have was never meant as one field. */
const swallowsRecords = (field: string, delimiter: string, width: number): boolean => {
  if (!field.includes('\n')) return false;
  return field.split(delimiter).length - 1 === (field.split('\n').length - 1) * (width - 1);
};

/** How well a layout explains the text: records of one width, and no other delimiter left inside the cells. */
const score = (rows: readonly CsvRow[], delimiter: string): number => {
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

/** Quotes are quotes unless reading them so makes the records less even, as with inch signs in a tab-separated file. */
const sniffLayout = (text: string, newline: Dialect['newline']): { layout: Layout; rows: CsvRow[] } => {
  let best = { layout: { delimiter: ',', quote: '"', newline } as Layout, rows: [] as CsvRow[], score: -1 };
  const quotes = text.includes('"') ? (['"', null] as const) : (['"'] as const);
  for (const delimiter of DELIMITERS) {
    if (delimiter !== ',' && !text.includes(delimiter)) continue;
    for (const quote of quotes) {
      const layout = { delimiter, quote, newline } as Layout;
      const rows = records(text, layout);
      const points = score(rows, delimiter) * (quote === null ? 0.8 : 1);
      if (points > best.score) best = { layout, rows, score: points };
    }
  }
  return best;
};

/**
 * Sniffs the dialect of a CSV file from its first bytes (64 KiB are plenty; the whole file is fine too). Never throws: a
 * text without any delimiter is a table of one column.
 */
export const sniffDialect = (sample: Uint8Array): Dialect => {
  const encoding = sniffEncoding(sample);
  const text = decodeSample(sample, encoding);
  const newline = sniffNewline(text);
  const { layout, rows } = sniffLayout(text, newline);
  const header = findHeader(rows);
  const body = header ? rows.filter((row) => row.line > header.line) : rows;
  const cells = body.flatMap((row) => row.fields);
  return { ...encoding, ...layout, header_line: header?.line ?? null, ...sniffDecimalMarks(cells) };
};
