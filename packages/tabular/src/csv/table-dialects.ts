/** The tables of a file that has several, one after the other: each with a dialect of its own. */
import type { Dialect } from '../table.ts';
import { sniffMarks } from './decimal-marks.ts';
import { sniffDialect } from './dialect.ts';
import { createTableFinder, type TableRange } from './find-tables.ts';
import { isNote } from './notes.ts';
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

/** A table of a file, by the dialect that it has. */
export type TableInFile = {
  dialect: Dialect;
  /** Lines of one cell above it, from the line behind the table before. */
  titles: readonly string[];
  /** Lines of one cell behind it that say something about it, such as where it is from. */
  notes: readonly { line: number; text: string }[];
  /** The names of its columns as they stand; empty when it has none. */
  header: readonly string[];
  range: TableRange;
};

/**
 * The tables that stand in a file one after the other, in their order: `readCsv` takes the dialect of each. A file of
 * one table gives the dialect that sniffDialect finds. `given`: what is declared of its dialect.
 */
export const findTables = (input: CsvInput, given: Partial<Dialect> = {}): TableInFile[] => {
  const usual = { ...sniffDialect(headOf(input, SNIFFED)), ...given };
  const ranges = tableRangesOf(input, usual);
  if (ranges.length < 2) {
    const { header_line, first_line = 1 } = usual;
    return [
      { dialect: usual, titles: [], notes: [], header: [], range: { header_line, first_line, last_line: first_line } },
    ];
  }
  const headers: (readonly string[])[] = ranges.map(() => []);
  const titles: string[][] = ranges.map(() => []);
  const notes: { line: number; text: string }[][] = ranges.map(() => []);
  const rows: CsvRow[][] = ranges.map(() => []);
  let table = 0;
  eachRow(input, usual, (row) => {
    while (table < ranges.length && row.line > ranges[table].last_line) table++;
    const isBetween = table === ranges.length || row.line < ranges[table].first_line;
    if (isBetween) {
      const [text, more] = row.fields.map((cell) => cell.trim()).filter((cell) => cell !== '');
      if (text === undefined || more !== undefined) return;
      if (table > 0 && (table === ranges.length || isNote(text, false)))
        notes[table - 1].push({ line: row.line, text });
      else titles[table].push(text);
    } else if (row.line === ranges[table].header_line) headers[table] = row.fields;
    else if (rows[table].length < LOOK_AT) rows[table].push(row);
  });
  const { uncertain = [], first_line: _, ...common } = usual;
  return ranges.map((range, index): TableInFile => {
    const width = Math.max(headers[index].length, rows[index][0]?.fields.length ?? 0);
    const { file, columns } = sniffMarks(rows[index], width);
    const marks = given.decimal === undefined ? file : { decimal: given.decimal, thousands: given.thousands ?? null };
    const kept = uncertain.filter(({ about }) => about === 'encoding' && given.encoding === undefined);
    const unsure = given.decimal === undefined ? undecidedFigures(columns, headers[index]) : [];
    return {
      dialect: { ...common, ...range, ...marks, uncertain: [...kept, ...unsure] },
      titles: titles[index],
      notes: notes[index],
      header: headers[index],
      range,
    };
  });
};
