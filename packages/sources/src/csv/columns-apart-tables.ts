/** Tables of a CSV file that stand side by side, or do not begin in its first column: found by the rules for sheets. */
import { RefusedContent } from '@granary/domain/errors';
import type { FoundTable } from '@granary/domain/reading';
import { sniffDialect } from '@granary/tabular/csv/dialect';
import { usualWidth } from '@granary/tabular/csv/header';
import { type CsvRow, createTokenizer } from '@granary/tabular/csv/tokenizer';
import { headOf } from '@granary/tabular/csv/utf8-chunks';
import type { GridRow } from '@granary/tabular/grid/grid';
import { type GridTable, gridTables } from '@granary/tabular/grid/grid-tables';
import type { NumberMarks } from '@granary/tabular/numbers';
import type { Dialect, QuarantineEntry } from '@granary/tabular/table';
import { gridTable } from '../grid-table.ts';
import type { CsvDeclaration, TextFile } from './csv-declaration.ts';

const SAMPLE_BYTES = 65_536;

/** The whole file is held in memory. Throws RefusedContent where it holds no table. */
export const columnsApartTables = ({ dialect: given, missing }: CsvDeclaration, file: TextFile): FoundTable[] => {
  const dialect: Dialect = { ...sniffDialect(headOf(file, SAMPLE_BYTES), given), ...given };
  const records = recordsOf(file, dialect);
  const width = usualWidth(records);
  // A delimiter too few or too many puts what is behind it into another column.
  const isOdd = ({ fields }: CsvRow): boolean =>
    fields.length !== width && fields.filter((field) => field.trim() !== '').length > 1;
  const tables = gridTables({ rows: records.filter((row) => !isOdd(row)).map(gridRow) });
  if (tables.length === 0) throw new RefusedContent('The file holds no table.');
  const odd = records.filter(isOdd);
  const marks = given?.decimal && { decimal: given.decimal, thousands: given.thousands ?? null };
  return tables.map((table, index) => {
    const own = odd.filter(({ line }) => tables.findIndex((one) => line <= one.range.last_row) === index);
    const behind =
      index === tables.length - 1 ? odd.filter(({ line }) => tables.every((one) => line > one.range.last_row)) : [];
    return withDialect(
      tableOf(table, tables, { missing, marks }),
      dialect,
      [...own, ...behind].map((row) => refused(row, width)),
    );
  });
};

const recordsOf = (file: TextFile, dialect: Dialect): CsvRow[] => {
  const records: CsvRow[] = [];
  const tokenizer = createTokenizer(dialect, (row) => {
    if (!row.comment) records.push(row);
  });
  for (const chunk of file.chunks()) tokenizer.push(chunk);
  tokenizer.end();
  return records;
};

const gridRow = ({ line, fields }: CsvRow): GridRow => ({
  row: line,
  cells: fields.map((field) => (field.trim() === '' ? null : field)),
});

const refused = ({ line, fields, raw }: CsvRow, width: number): QuarantineEntry => {
  const reason = `${fields.length} ${fields.length === 1 ? 'cell' : 'cells'} where the other lines have ${width}`;
  return { line, column: null, positions: [], raw, reason, rows: 1 };
};

const tableOf = (
  table: GridTable,
  all: readonly GridTable[],
  declared: { missing: readonly string[] | undefined; marks: NumberMarks | undefined },
): FoundTable => {
  const { range, titles } = table;
  const title = titles.at(-1);
  const isOwn = title !== undefined && all.filter((other) => other.titles.at(-1) === title).length === 1;
  return gridTable({
    name: isOwn ? title : String(all.indexOf(table) + 1),
    ...(title !== undefined && { title }),
    place: `lines ${range.first_row} to ${range.last_row}, columns ${range.first_column} to ${range.last_column}`,
    ...{ table, ...declared },
  });
};

const withDialect = (table: FoundTable, dialect: Dialect, odd: readonly QuarantineEntry[]): FoundTable => ({
  ...table,
  async read(options, out) {
    const report = await table.read(options, out);
    for (const entry of odd) out.quarantine(entry);
    return { ...report, dialect: { ...dialect, uncertain: [] } };
  },
});
