import type { CsvRow } from '@granary/tabular/csv/tokenizer';
import type { Cell, QuarantineEntry } from '@granary/tabular/table';
import type { FigureReader, Reading } from './figures.ts';
import type { EmbrapaFile } from './files.ts';
import { isYearHeader, type Layout, type YearColumns } from './layout.ts';
import { normalised, opensSection, sectionOfSpoiltLine } from './sections.ts';

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
};

/** Why nothing of a line can be trusted; null when its cells stand where the header says. */
const whatIsWrong = (row: CsvRow, { layout, delimiter }: LineContext): string | null => {
  const { fields } = row;
  if (fields.length !== layout.header.length)
    return `the line has ${fields.length} cells where the header has ${layout.header.length}`;
  if (fields.some((cell) => /[\r\n]/.test(cell))) return 'a quoted cell runs over several lines';
  if (row.raw.includes('\ufffd'))
    return 'a character of the line was lost before it was published (U+FFFD stands in its place)';
  if (!/\p{L}/u.test(fields[layout.name])) return 'the line has figures but no name';
  if (isYearHeader(fields)) return 'the header is repeated among the rows';
  // An unquoted comma in the name and a cell lost elsewhere leave the count right and every figure in the wrong year.
  if (delimiter === ',' && /\p{L}{3}/u.test(fields[layout.first_figure]))
    return `"${fields[layout.first_figure]}" stands where the figures begin, so they may have moved by a cell`;
  return null;
};

/**
 * Makes rows of the normal form of the lines of a file, in order. Each line gives one row, or one entry, per year; a line
 * that cannot be trusted gives one entry for them all; an empty one gives nothing. Returns whether the line was empty.
 */
export const createLineReader = (context: LineContext, output: LineOutput): ((row: CsvRow) => boolean) => {
  const { file, layout, figures, delimiter, processing_date } = context;
  let section: string | null = null;

  const refuse = (row: CsvRow, reason: string): void => {
    const lines = row.raw.split(/\r\n|\n|\r/);
    if (file.kind === 'production' && !isYearHeader(row.fields)) {
      // A stray quote can swallow lines, and with them the one that opens a section.
      const spoilt = lines.length > 1 ? lines.map((line) => line.replaceAll('"', '').split(delimiter)) : [row.fields];
      for (const cells of spoilt) section = sectionOfSpoiltLine(cells, layout.control, layout.first_figure) ?? section;
    }
    output.quarantine({
      line: row.line,
      column: null,
      positions: [],
      raw: row.raw,
      reason,
      rows: layout.years.length * lines.length,
    });
  };

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
    const readings = column.cells.map((index) => figures.read(row.fields[index]));
    const troubles = readings.flatMap((reading) => (reading.kind === 'trouble' ? [reading.reason] : []));
    return troubles.length > 0 ? troubles.join('; ') : readings;
  };

  const figureOf = (reading: Reading): number | null => (reading.kind === 'figure' ? reading.value : null);
  const marker = (reading: Reading): string | null => (reading.kind === 'missing' ? reading.marker : null);

  const productionRow = (row: CsvRow, is_total: boolean) => {
    const product = normalised(row.fields[layout.name]);
    const code = layout.control === null ? null : row.fields[layout.control].trim() || null;
    return (year: number, [quantity]: readonly Reading[]): readonly Cell[] => [
      section,
      product,
      code,
      year,
      figureOf(quantity),
      marker(quantity),
      is_total,
      row.line,
      processing_date,
    ];
  };

  const tradeRow = (row: CsvRow) => {
    const country = normalised(row.fields[layout.name]);
    return (year: number, [quantity, value]: readonly Reading[]): readonly Cell[] => {
      const notes = [
        ...(marker(quantity) ? [`quantity_kg: ${marker(quantity)}`] : []),
        ...(marker(value) ? [`value_usd: ${marker(value)}`] : []),
      ];
      return [country, year, figureOf(quantity), figureOf(value), notes.join('; ') || null, row.line, processing_date];
    };
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
        rows: index > layout.first_figure ? 1 : 0,
      });
    }
  };

  return (row) => {
    if (row.fields.every((cell) => cell.trim() === '')) return true;
    const wrong = whatIsWrong(row, context);
    if (wrong) {
      refuse(row, wrong);
      return false;
    }
    const total =
      file.kind === 'production' &&
      opensSection(layout.control === null ? null : row.fields[layout.control], row.fields[layout.name]);
    if (total) section = normalised(row.fields[layout.name]);
    const build = file.kind === 'trade' ? tradeRow(row) : productionRow(row, total);
    for (const column of layout.years) {
      const readings = readYear(row, column);
      if (typeof readings === 'string') refuseYear(row, column, readings);
      else output.row(build(column.year, readings));
    }
    refuseOthers(row);
    return false;
  };
};
