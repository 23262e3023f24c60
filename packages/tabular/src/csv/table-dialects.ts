/** The tables of a file that has several, one after the other: each with a dialect of its own. */
import type { Dialect } from '../table.ts';
import { sniffMarks } from './decimal-marks.ts';
import { sniffDialect } from './dialect.ts';
import { createTableFinder, type TableRange } from './find-tables.ts';
import { type CsvRow, createTokenizer } from './tokenizer.ts';
import { undecidedFigures } from './undecided-figures.ts';
import { type CsvInput, headOf } from './utf8-chunks.ts';

const SNIFFED = 1 << 16;
/** Rows of each table whose figures are looked at. */
const LOOK_AT = 1000;

const eachRow = (input: CsvInput, dialect: Dialect, onRow: (row: CsvRow) => void): void => {
  const tokenizer = createTokenizer(dialect, onRow);
  for (const chunk of input.chunks()) tokenizer.push(chunk);
  tokenizer.end();
};

/** Where the tables of a file stand, by all of its lines; one or none when it is an ordinary file. */
export const tableRangesOf = (input: CsvInput, dialect: Dialect): TableRange[] => {
  const finder = createTableFinder();
  eachRow(input, dialect, finder.add);
  return finder.end().tables;
};

/**
 * The dialects of the tables that stand in a file one after the other, in their order: `readCsv` takes each of them. A
 * file of one table gives the dialect that sniffDialect finds.
 */
export const findTables = (input: CsvInput): Dialect[] => {
  const usual = sniffDialect(headOf(input, SNIFFED));
  const ranges = tableRangesOf(input, usual);
  if (ranges.length < 2) return [usual];
  const headers: (readonly string[])[] = ranges.map(() => []);
  const rows: CsvRow[][] = ranges.map(() => []);
  let table = 0;
  eachRow(input, usual, (row) => {
    while (table < ranges.length && row.line > ranges[table].last_line) table++;
    if (table === ranges.length || row.line < ranges[table].first_line) return;
    if (row.line === ranges[table].header_line) headers[table] = row.fields;
    else if (rows[table].length < LOOK_AT) rows[table].push(row);
  });
  const { uncertain = [], first_line: _, ...common } = usual;
  return ranges.map((range, index): Dialect => {
    const width = Math.max(headers[index].length, rows[index][0]?.fields.length ?? 0);
    const { file, columns } = sniffMarks(rows[index], width);
    const kept = uncertain.filter(({ about }) => about === 'encoding');
    return { ...common, ...range, ...file, uncertain: [...kept, ...undecidedFigures(columns, headers[index])] };
  });
};
