import type { CsvRow } from '@granary/tabular/csv/tokenizer';
import type { Cell, QuarantineEntry } from '@granary/tabular/table';
import type { FigureReader, Reading } from './figures.ts';
import type { EmbrapaFile } from './files.ts';
import type { Judged } from './judged.ts';
import type { Layout } from './layout.ts';
import { codeOf } from './sections.ts';
import type { YearColumns } from './year-sequence.ts';

export type LineOutput = {
  row(cells: readonly Cell[]): void;
  quarantine(entry: QuarantineEntry): void;
};

export type LineContext = {
  file: EmbrapaFile;
  layout: Layout;
  figures: FigureReader;
  delimiter: string;
  processing_date: string;
  /** Lines that may end before their last cell does. */
  cut_lines: ReadonlySet<number>;
};

type Read = Extract<Judged, { verdict: 'read' }>;

const figureOf = (reading: Reading): number | null => (reading.kind === 'figure' ? reading.value : null);
const marker = (reading: Reading): string | null => (reading.kind === 'missing' ? reading.marker : null);

/**
 * Makes rows of the normal form of the lines of a file, in order. Each line gives one row, or one entry, per year; a
 * line that was refused gives one entry for them all.
 */
export const createLineWriter = (context: LineContext, output: LineOutput): ((line: Judged) => void) => {
  const { file, layout, figures, delimiter, processing_date, cut_lines } = context;

  const refuse = (row: CsvRow, reason: string): void =>
    output.quarantine({
      line: row.line,
      column: null,
      positions: [],
      raw: row.raw,
      reason,
      rows: layout.years.length * row.raw.split(/\r\n|\n|\r/).length,
    });

  const refuseYear = (row: CsvRow, { year, cells }: YearColumns, reason: string): void =>
    output.quarantine({
      line: row.line,
      column: String(year),
      positions: cells.map((index) => index + 1),
      raw: cells.map((index) => row.fields[index]).join(delimiter),
      reason,
      rows: 1,
    });

  const readYear = (row: CsvRow, column: YearColumns): readonly Reading[] | string => {
    if (column.trouble) return column.trouble;
    const last = row.fields.length - 1;
    if (cut_lines.has(row.line) && column.cells.includes(last) && !row.raw.endsWith('"'))
      return `the line is broken off at "${row.fields[last]}", which may be half of the figure`;
    const readings = column.cells.map((index) => figures.read(row.fields[index]));
    const troubles = readings.flatMap((reading) => (reading.kind === 'trouble' ? [reading.reason] : []));
    return troubles.length > 0 ? troubles.join('; ') : readings;
  };

  const productionRow = ({ row, section, name, is_total }: Read) => {
    const control = layout.control === null ? '' : row.fields[layout.control].trim();
    const code = codeOf(control) === '' ? null : control;
    return (year: number, [quantity]: readonly Reading[]): readonly Cell[] => [
      section,
      name,
      code,
      year,
      figureOf(quantity),
      marker(quantity),
      is_total,
      row.line,
      processing_date,
    ];
  };

  const tradeRow =
    ({ row, name }: Read) =>
    (year: number, [quantity, value]: readonly Reading[]): readonly Cell[] => {
      const notes = [
        ...(marker(quantity) ? [`quantity_kg: ${marker(quantity)}`] : []),
        ...(marker(value) ? [`value_usd: ${marker(value)}`] : []),
      ];
      return [name, year, figureOf(quantity), figureOf(value), notes.join('; ') || null, row.line, processing_date];
    };

  const refuseOthers = (row: CsvRow): void => {
    for (const index of layout.others) {
      const raw = row.fields[index];
      if (raw.trim() === '') continue;
      output.quarantine({
        line: row.line,
        column: layout.header[index].trim() || null,
        positions: [index + 1],
        raw,
        reason: 'the column is not part of the series',
        // Beside the figures it could have been one of them; before them it only describes the line.
        rows: index >= layout.first_figure ? 1 : 0,
      });
    }
  };

  return (line) => {
    if (line.verdict === 'refused') refuse(line.row, line.reason);
    if (line.verdict !== 'read') return;
    const build = file.kind === 'trade' ? tradeRow(line) : productionRow(line);
    for (const column of layout.years) {
      const readings = readYear(line.row, column);
      if (typeof readings === 'string') refuseYear(line.row, column, readings);
      else output.row(build(column.year, readings));
    }
    refuseOthers(line.row);
  };
};
