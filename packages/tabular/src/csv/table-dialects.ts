/** The tables of a file that has several, one after the other: each with a dialect of its own. */
import type { Dialect } from '../table.ts';
import { sniffMarks } from './decimal-marks.ts';
import { sniffDialect } from './dialect.ts';
import { createTableFinder, type TableRange } from './find-tables.ts';
import { headerRowsOf, joinedHeader } from './header-rows.ts';
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

/** The header of a table, the lines that it takes, and the rows below it. */
const headerOf = ({ header_line }: TableRange, above: readonly CsvRow[], rows: readonly CsvRow[]) => {
  const header = rows.find(({ line }) => line === header_line);
  if (header === undefined) return { header: [], lines: {}, body: rows };
  const all = [...above, ...rows];
  const { first, last, counting } = headerRowsOf(all, header);
  const end = counting?.line ?? last.line;
  return {
    header: joinedHeader(all.slice(all.indexOf(first), all.indexOf(last) + 1)),
    lines: {
      header_line: last.line,
      ...(first !== last && { header_first_line: first.line }),
      ...(counting && { first_line: end + 1 }),
    },
    body: rows.filter(({ line }) => line > end),
  };
};

/**
 * The tables that stand in a file one after the other, in their order: `readCsv` takes the dialect of each. A file of
 * one table gives the dialect that sniffDialect finds. `given`: what is declared of its dialect.
 */
export const findTables = (input: CsvInput, given: Partial<Dialect> = {}): TableInFile[] => {
  const usual = { ...sniffDialect(headOf(input, SNIFFED), given), ...given };
  const ranges = tableRangesOf(input, usual);
  if (ranges.length < 2) {
    const { header_line, first_line = 1 } = usual;
    return [
      { dialect: usual, titles: [], notes: [], header: [], range: { header_line, first_line, last_line: first_line } },
    ];
  }
  const titles: string[][] = ranges.map(() => []);
  const notes: { line: number; text: string }[][] = ranges.map(() => []);
  const rows: CsvRow[][] = ranges.map(() => []);
  /** Rows of several cells above each, which may be part of its header. */
  const above: CsvRow[][] = ranges.map(() => []);
  let table = 0;
  eachRow(input, usual, (row) => {
    while (table < ranges.length && row.line > ranges[table].last_line) table++;
    const isBetween = table === ranges.length || row.line < ranges[table].first_line;
    if (isBetween) {
      const [text, more] = row.fields.map((cell) => cell.trim()).filter((cell) => cell !== '');
      if (more !== undefined && table < ranges.length) above[table].push(row);
      if (text === undefined || more !== undefined) return;
      if (table > 0 && (table === ranges.length || isNote(text, false)))
        notes[table - 1].push({ line: row.line, text });
      else titles[table].push(text);
    } else if (rows[table].length < LOOK_AT) rows[table].push(row);
  });
  const { uncertain = [], first_line: _, header_first_line: __, ...common } = usual;
  return ranges.map((range, index): TableInFile => {
    const { header, lines, body } = headerOf(range, above[index], rows[index]);
    const width = Math.max(header.length, body[0]?.fields.length ?? 0);
    const { file, columns } = sniffMarks(body, width);
    const marks = given.decimal === undefined ? file : { decimal: given.decimal, thousands: given.thousands ?? null };
    const kept = uncertain.filter(({ about }) => about === 'encoding' && given.encoding === undefined);
    const unsure = given.decimal === undefined ? undecidedFigures(columns, header) : [];
    return {
      dialect: { ...common, ...range, ...lines, ...marks, uncertain: [...kept, ...unsure] },
      titles: titles[index],
      notes: notes[index],
      header,
      range,
    };
  });
};
