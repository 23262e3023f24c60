import { RefusedContent } from '@granary/domain/errors';
import type { ReadOptions, ReadReport, TableSink } from '@granary/domain/reading';
import { type CsvRow, UnreadableText } from '@granary/tabular/csv/tokenizer';
import { createTableBuilder } from '@granary/tabular/table-builder';
import { refuseOtherThanText } from '../../csv/content-check.ts';
import { findDialect } from './embrapa-dialect.ts';
import { createFigureReader } from './figures.ts';
import type { EmbrapaFile } from './files.ts';
import { judgeLines } from './judge.ts';
import type { Judged } from './judged.ts';
import type { Layout } from './layout.ts';
import { createLineWriter } from './lines.ts';
import { looksNumeric, yearOf } from './year-cells.ts';
import { FIRST_YEAR } from './year-sequence.ts';

const knownYears = (header: readonly string[] | undefined, latest: number): { first: number; last: number } | null => {
  const years = (header ?? []).flatMap((cell) => yearOf(cell) ?? []).filter((y) => y >= FIRST_YEAR && y <= latest);
  return years.length === 0 ? null : { first: Math.min(...years), last: Math.max(...years) };
};

const isLineEnd = (byte: number | undefined): boolean => byte === 0x0a || byte === 0x0d;
/** UTF-16 has the line end in one of two bytes. */
const endsInLine = (file: Uint8Array): boolean =>
  isLineEnd(file.at(-1)) || (file.at(-1) === 0 && isLineEnd(file.at(-2)));

/**
 * Lines that may end before their last figure does: the last one of a file that does not end in a line end, and each
 * behind which a line stands that may be the rest of it: a lone number, or a number before another line.
 */
const brokenLines = (rows: readonly CsvRow[], { width, id }: Layout, ends: boolean): ReadonlySet<number> => {
  const isRest = ({ fields }: CsvRow): boolean => {
    const filled = fields.filter((cell) => cell.trim() !== '');
    if (filled.length === 1) return /^[\d.,\s]+$/.test(filled[0]);
    return fields.length > width && looksNumeric(fields[0]) && (id !== 0 || looksNumeric(fields[1]));
  };
  const broken = rows.filter((_, i) => (i + 1 < rows.length ? isRest(rows[i + 1]) : !ends));
  return new Set(broken.map(({ line }) => line));
};

const notesOf = (judged: readonly Judged[], layout: Layout): readonly string[] => {
  const empty = judged.filter(({ verdict }) => verdict === 'empty').length;
  return [
    ...layout.notes,
    ...judged
      .filter(({ verdict }) => verdict === 'note')
      .map(({ row }) => `Line ${row.line} stands before the header: ${row.raw.trim()}`),
    ...(empty > 0 ? [`${empty} lines of empty cells were passed over.`] : []),
  ];
};

const readFile = (file: EmbrapaFile, bytes: Uint8Array, options: ReadOptions, out: TableSink): ReadReport => {
  const { processing_date, previous_header } = options;
  refuseOtherThanText(bytes);
  const latest = Number(processing_date.slice(0, 4));
  const { dialect, layout, rows, odd_lines } = findDialect(bytes, {
    kind: file.kind,
    latest,
    known: knownYears(previous_header, latest),
  });
  const judged = judgeLines(rows, file, layout);
  const read = judged.filter(({ verdict }) => verdict === 'read');
  const refused = judged.find((line) => line.verdict === 'refused');
  if (read.length === 0 && !refused) throw new RefusedContent('The file has a header and no rows.');

  const figures = createFigureReader();
  for (const { row } of read) for (const cell of row.fields.slice(layout.first_figure)) figures.observe(cell);
  const { fields, key } = file.dataset;
  out.begin(fields);
  const builder = createTableBuilder({ fields, key }, { emit: out.rows });
  const cut_lines = brokenLines(rows, layout, endsInLine(bytes));
  const write = createLineWriter(
    { file, layout, figures, delimiter: dialect.delimiter, processing_date, cut_lines },
    { row: builder.append, quarantine: out.quarantine },
  );
  for (const line of judged) write(line);
  builder.end();
  const notes = [
    ...(dialect.mojibake ? ['The file was encoded twice (UTF-8 taken for windows-1252); its text was repaired.'] : []),
    ...(dialect.encoding === 'utf-8' ? [] : [`The file is encoded as ${dialect.encoding}.`]),
    ...(odd_lines > 0
      ? [
          `${odd_lines} of its lines ${odd_lines === 1 ? 'is' : 'are'} in another encoding; each line was read in its own.`,
        ]
      : []),
    ...notesOf(judged, layout),
  ];
  return { dialect: { ...dialect, ...figures.marks() }, header: layout.header, notes };
};

/**
 * Reads one file into its normal form. The files are small, so all of it is looked at before anything is published of
 * it: one line often shows what another one means. `rows emitted + quarantined rows` is the number of rows read: lines
 * x years. Throws RefusedContent.
 */
export const readEmbrapaFile: typeof readFile = (file, bytes, options, out) => {
  try {
    return readFile(file, bytes, options, out);
  } catch (error) {
    if (error instanceof UnreadableText) throw new RefusedContent(`The file is not a table: ${error.message}.`);
    throw error;
  }
};
