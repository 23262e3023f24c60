/** A table of a grid to typed columns: by way of CSV in one fixed form, which the byte-level engine reads. */
import { piecesOf, SURE_FORM, sureRecord } from '../csv/sure-form.ts';
import type { CsvInput } from '../csv/utf8-chunks.ts';
import type { NumberMarks } from '../numbers.ts';
import { type CsvReading, type LookedAtCsv, lookAtCsv, type ReadCsvOptions, readLookedAt } from '../read-csv.ts';
import type { Batch, Dialect, Field } from '../table.ts';
import type { TableSink } from '../table-sink.ts';
import { cellOf, columnsOfGrid, type GridColumn } from './grid-columns.ts';
import { type GridTable, widthOf } from './grid-tables.ts';

const countLines = (text: string): number => text.split('\n').length;

export type GridReading = CsvReading & {
  /** Columns that stay text because their figures may mean two things: `"1.234" may mean thousands or decimals`. */
  undecided: readonly { column: string; reason: string }[];
};

/** As `readCsv`; `line` of a row is its number in the grid. `marks`: of figures that are text, where declared. */
export const readGrid = async (
  table: GridTable,
  {
    contract,
    marks,
    ...options
  }: Pick<ReadCsvOptions, 'contract' | 'missing' | 'provenance'> & { marks?: NumberMarks },
  out: TableSink,
): Promise<GridReading> => {
  const { header, rows } = table;
  const width = header.length || widthOf(rows);
  const columns = columnsOfGrid(rows, width, options.missing, marks);
  const lines = new Map<number, number>();
  const text = function* (): Generator<string> {
    let line = 1;
    if (header.length > 0) {
      const names = sureRecord(header);
      line += countLines(names);
      yield `${names}\n`;
    }
    for (const { row, cells } of rows) {
      const record = sureRecord(columns.map((column, index) => cellOf(cells[index], column)));
      lines.set(line, row);
      line += countLines(record);
      yield `${record}\n`;
    }
  };
  const input: CsvInput = { chunks: () => piecesOf(text()) };
  const dialect: Dialect = {
    ...SURE_FORM,
    header_line: header.length > 0 ? 1 : null,
    decimal: '.',
    thousands: null,
  };
  const looked: LookedAtCsv = lookAtCsv(input, { ...options, dialect });
  const { names } = looked.layout;
  const declared = contract?.fields ?? [];
  const asText = columns.flatMap(({ text: reason }, index): Field[] => {
    const name = names[index];
    if (reason === undefined || name === undefined || declared.some((field) => field.name === name)) return [];
    return [{ name, type: 'string', nullable: true, ...(header[index] && { title: header[index] }) }];
  });
  const withTexts = { ...looked.options, contract: { fields: [...declared, ...asText] } };
  const reading = await readLookedAt({ ...looked, options: withTexts }, withUnits(columns, withRows(out, lines)));
  return {
    ...reading,
    notes: reading.notes.map(({ line, text: note }) => ({ line: lines.get(line) ?? line, text: note })),
    undecided: columns.flatMap(({ text: reason }, index) =>
      reason ? [{ column: header[index] || names[index]!, reason }] : [],
    ),
  };
};

/** Fields of figures say what these are written with. */
const withUnits = (columns: readonly GridColumn[], out: TableSink): TableSink => ({
  ...out,
  begin: (fields) =>
    out.begin(
      fields.map((field, index) => {
        const unit = columns[index]?.unit;
        if (!unit || field.unit !== undefined || !/^(int|double)/.test(field.type)) return field;
        return { description: `Written with ${unit.mark} in the file.`, ...field, unit: unit.unit };
      }),
    ),
});

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
