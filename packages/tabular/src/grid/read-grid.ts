/** A table of a grid to typed columns: by way of CSV in one fixed form, which the byte-level engine reads. */
import type { CsvInput } from '../csv/utf8-chunks.ts';
import { type CsvReading, type LookedAtCsv, lookAtCsv, type ReadCsvOptions, readLookedAt } from '../read-csv.ts';
import type { Batch, Dialect, Field } from '../table.ts';
import type { TableSink } from '../table-sink.ts';
import { cellOf, columnsOfGrid } from './grid-columns.ts';
import type { GridTable } from './grid-tables.ts';

/** What a grid is written as before it is read. */
const FORM: Dialect = {
  encoding: 'utf-8',
  bom: false,
  mojibake: false,
  delimiter: ',',
  quote: '"',
  sure_quotes: true,
  newline: '\n',
  header_line: 1,
  decimal: '.',
  thousands: null,
};

/** Bytes of CSV that are made at a time. */
const PIECE = 1 << 16;

const quoted = (cell: string): string => (/[",\n\r]|^\s|\s$/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell);
const countLines = (text: string): number => text.split('\n').length;

export type GridReading = CsvReading & {
  /** Columns that stay text because their figures may mean two things: `"1.234" may mean thousands or decimals`. */
  undecided: readonly { column: string; reason: string }[];
};

/** As `readCsv`; `line` of a row is its number in the grid. */
export const readGrid = async (
  table: GridTable,
  { contract, ...options }: Pick<ReadCsvOptions, 'contract' | 'missing' | 'provenance'>,
  out: TableSink,
): Promise<GridReading> => {
  const { header, rows } = table;
  const width = header.length || Math.max(...rows.map(({ cells }) => cells.length));
  const columns = columnsOfGrid(rows, width, options.missing);
  const lines = new Map<number, number>();
  const text = function* (): Generator<string> {
    let line = 1;
    if (header.length > 0) {
      const names = header.map(quoted).join(',');
      line += countLines(names);
      yield `${names}\n`;
    }
    for (const { row, cells } of rows) {
      const record = columns.map((column, index) => quoted(cellOf(cells[index], column))).join(',');
      lines.set(line, row);
      // A record of one cell that holds nothing would be a blank line.
      const written = record === '' ? '""' : record;
      line += countLines(written);
      yield `${written}\n`;
    }
  };
  const input: CsvInput = {
    *chunks() {
      let piece = '';
      for (const record of text()) {
        piece += record;
        if (piece.length < PIECE) continue;
        yield Buffer.from(piece);
        piece = '';
      }
      yield Buffer.from(piece);
    },
  };
  const dialect = { ...FORM, header_line: header.length > 0 ? 1 : null };
  const looked: LookedAtCsv = lookAtCsv(input, { ...options, dialect });
  const { names } = looked.layout;
  const declared = contract?.fields ?? [];
  const asText = columns.flatMap(({ text: reason }, index): Field[] => {
    const name = names[index];
    if (reason === undefined || name === undefined || declared.some((field) => field.name === name)) return [];
    return [{ name, type: 'string', nullable: true, ...(header[index] && { title: header[index] }) }];
  });
  const withTexts = { ...looked.options, contract: { fields: [...declared, ...asText] } };
  const reading = await readLookedAt({ ...looked, options: withTexts }, withRows(out, lines));
  return {
    ...reading,
    notes: reading.notes.map(({ line, text: note }) => ({ line: lines.get(line) ?? line, text: note })),
    undecided: columns.flatMap(({ text: reason }, index) =>
      reason ? [{ column: header[index] || names[index]!, reason }] : [],
    ),
  };
};

/** Puts the row of the grid in the place of the line of the CSV. */
const withRows = (out: TableSink, lines: ReadonlyMap<number, number>): TableSink => {
  let place = -1;
  const rowAt = (line: number): number => {
    const row = lines.get(line);
    if (row === undefined) throw new Error(`No row of the grid was written as line ${line}`);
    return row;
  };
  return {
    begin(fields) {
      place = fields.findIndex(({ name }) => name === 'line');
      out.begin(fields);
    },
    rows(batch: Batch) {
      const column = batch.columns[place];
      if (column?.type === 'int32')
        for (let row = 0; row < batch.rows; row++) column.values[row] = rowAt(column.values[row]!);
      out.rows(batch);
    },
    quarantine: (entry) => out.quarantine({ ...entry, line: rowAt(entry.line) }),
  };
};
