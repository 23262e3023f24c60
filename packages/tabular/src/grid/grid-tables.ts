/** The tables that stand in a grid: one below the other, or side by side. */
import { tablesOfColumns } from '../csv/columns-apart.ts';
import { createTableFinder } from '../csv/find-tables.ts';
import { contrastOf, filledCells, isFigure, judgeHeader } from '../csv/header.ts';
import { countsColumns, joinedName } from '../csv/header-rows.ts';
import { isNote } from '../csv/notes.ts';
import type { CsvRow } from '../csv/tokenizer.ts';
import { type CellSpan, filled, type Grid, type GridCell, type GridRow, textOf } from './grid.ts';

/**
 * A table of a grid. `header`: the names of its columns, of several rows joined by ` / `; empty where it has none.
 * `rows`: those below it, with the cells of its columns only. `titles`: lines of one cell above it; `notes`: below it.
 */
export type GridTable = {
  header: readonly string[];
  rows: readonly GridRow[];
  titles: readonly string[];
  notes: readonly { line: number; text: string }[];
  /** Rows and columns that it takes, from 1. */
  range: { first_row: number; last_row: number; first_column: number; last_column: number };
};

/** Rows above which names of columns are looked for. */
const MOST_HEADER_ROWS = 4;
const LOOK_AT = 100;
const MAY_BEGIN = 'it may be the header of another table, and was taken for a row of this one';

const rowOf = ({ row, cells }: GridRow, width: number): CsvRow => ({
  line: row,
  fields: Array.from({ length: width }, (_, column) => {
    const cell = cells[column];
    return typeof cell === 'string' ? cell.replace(/\s+/g, ' ') : textOf(cell);
  }),
  raw: '',
});
const isEmpty = (cell: GridCell | undefined): boolean =>
  cell === null || cell === undefined || (typeof cell === 'string' && cell.trim() === '');
const countFilled = (cells: readonly GridCell[]): number => {
  let filledOnes = 0;
  for (let column = 0; column < cells.length; column++) if (!isEmpty(cells[column])) filledOnes++;
  return filledOnes;
};
const withCells = (rows: readonly GridRow[]): readonly GridRow[] => rows.filter(({ cells }) => !cells.every(isEmpty));
export const widthOf = (rows: readonly GridRow[]): number =>
  rows.reduce((most, { cells }) => Math.max(most, cells.length), 0);

/** Where a table begins and ends, by the rules that hold for lines of CSV; `header`: its row, if it has one. */
type Lines = { header: number | null; first: number; last: number; possible?: readonly number[] };

const countWords = (text: string): number => text.trim().split(/\s+/).length;

/**
 * Rows right below a table that have one cell are rows of it whose other cells are missing, where the table has two
 * columns, or has such rows elsewhere too. Below others they are notes; and so is what reads like one: a sentence does
 * where no text of its column is as long.
 */
const withLastRows = (rows: readonly GridRow[], lines: Lines, next: number): Lines => {
  const at = rows.findIndex(({ row }) => row === lines.last);
  const body = rows.filter(({ row }) => row > (lines.header ?? 0) && row >= lines.first && row <= lines.last);
  const columns = body.reduce((most, { cells }) => Math.max(most, countFilled(cells)), 0);
  let { last } = lines;
  if (columns > 2 && !body.some(({ cells }) => countFilled(cells) === 1)) return lines;
  for (const { row, cells } of rows.slice(at + 1)) {
    const column = cells.findIndex((cell) => !isEmpty(cell));
    const text = textOf(cells[column]);
    const known = body.map((one) => textOf(one.cells[column])).filter((cell) => cell.trim() !== '');
    const isLong = known.some((cell) => countWords(cell) >= countWords(text));
    if (row !== last + 1 || row >= next || countFilled(cells) > 1 || known.length === 0 || isNote(text, !isLong)) break;
    last = row;
  }
  return { ...lines, last };
};

const linesOfTables = (rows: readonly GridRow[], width: number): Lines[] => {
  const found = withOverlooked(rows, linesFound(rows, width), width);
  return found.map((lines, index) => withLastRows(rows, lines, found[index + 1]?.first ?? Number.POSITIVE_INFINITY));
};

/**
 * Rows that belong to no table, such as those below a line of the same width: where an empty row parts them from
 * others, and the first one is unlike those below it, they are one.
 */
const withOverlooked = (rows: readonly GridRow[], found: readonly Lines[], width: number): Lines[] => {
  const isTaken = (row: number): boolean => found.some(({ first, last }) => row >= first && row <= last);
  const blocks: GridRow[][] = [];
  for (const row of rows) {
    if (isTaken(row.row) || countFilled(row.cells) < 2) continue;
    const block = blocks.at(-1);
    if (block && block.at(-1)!.row === row.row - 1) block.push(row);
    else blocks.push([row]);
  }
  const more = blocks.flatMap((block): Lines[] => {
    const [first, ...body] = block.map((row) => rowOf(row, width));
    if (!first || body.length === 0 || contrastOf(first.fields, body).contrasts === 0) return [];
    if (!judgeHeader(first.fields, body).header) return [];
    return [{ header: first.line, first: first.line, last: body.at(-1)!.line }];
  });
  return [...found, ...more].sort((a, b) => a.first - b.first);
};

const linesFound = (rows: readonly GridRow[], width: number): Lines[] => {
  const finder = createTableFinder();
  for (const [index, row] of rows.entries()) {
    // A gap ends the rows that are alike, which their width does not where all rows are as wide as the grid.
    const before = rows[index - 1]?.row ?? row.row - 1;
    if (row.row > before + 1) finder.add(rowOf({ row: before + 1, cells: [] }, width));
    finder.add(rowOf(row, width));
  }
  const { tables, possible } = finder.end();
  if (tables.length > 0)
    return tables.map(({ header_line, first_line, last_line }) => ({
      header: header_line,
      first: first_line,
      last: last_line,
      possible: possible.filter((line) => line > (header_line ?? 0) && line > first_line && line <= last_line),
    }));
  const wide = rows.filter(({ cells }) => countFilled(cells) >= (width > 1 ? 2 : 1));
  if (wide.length < 2 && !(wide.length === 1 && width > 1)) return [];
  const first = wide[0]!;
  const body = wide.slice(1, LOOK_AT).map((row) => rowOf(row, width));
  const { header } = judgeHeader(rowOf(first, width).fields, body);
  return [{ header: header ? first.row : null, first: first.row, last: wide.at(-1)!.row }];
};

/** Where the file says which rows name the columns. */
const linesSaid = (rows: readonly GridRow[], heads: readonly number[]): Lines[] => {
  const last = rows.at(-1)?.row ?? 0;
  const named = rows.filter(({ row }) => heads.includes(row));
  return named.length === 0 || last <= named.at(-1)!.row
    ? []
    : [{ header: named.at(-1)!.row, first: named[0]!.row, last }];
};

/** A cell that may be part of a name: text, or a year. */
const mayBeName = (cell: GridCell | undefined): boolean => {
  if (typeof cell === 'string') return !isFigure(cell.trim()) || /^(1[5-9]|2[01])\d\d$/.test(cell.trim());
  return typeof cell === 'number' && Number.isInteger(cell) && cell >= 1500 && cell < 2200;
};
const areNames = (cells: readonly GridCell[]): boolean =>
  cells.every((cell) => isEmpty(cell) || mayBeName(cell)) && countFilled(cells) >= 1;

/**
 * The rows of a header that has several: those above the one that was found and below the table `before` it, as long
 * as they are names and none is a title over all columns; and those below it, where it says what several columns have
 * in common.
 */
const headerRows = (
  rows: readonly GridRow[],
  { header, last }: Lines,
  before: number,
  spans: readonly CellSpan[],
  said: readonly number[] | undefined,
): number[] => {
  if (said) return rows.flatMap(({ row }, index) => (said.includes(row) ? [index] : []));
  const at = rows.findIndex(({ row }) => row === header);
  const found = [at];
  const isWide = ({ cells }: GridRow): boolean => countFilled(cells) >= 2;
  for (let above = at - 1; above >= 0 && found.length < MOST_HEADER_ROWS; above--) {
    const one = rows[above]!;
    if (one.row <= before || one.row !== rows[above + 1]!.row - 1 || !isWide(one) || !areNames(one.cells)) break;
    found.unshift(above);
  }
  const covers = (row: number): boolean =>
    spans.some((span) => span.row <= row && row < span.row + span.rows && (span.columns > 1 || span.rows > 1));
  for (let below = at + 1; below < rows.length && found.length < MOST_HEADER_ROWS; below++) {
    const one = rows[below]!;
    if (one.row > last || one.row !== rows[below - 1]!.row + 1 || !covers(rows[below - 1]!.row)) break;
    const body = rows.slice(below + 1, below + 1 + LOOK_AT);
    const width = widthOf([one, ...body]);
    if (!areNames(one.cells) || body.length === 0) break;
    if (
      !judgeHeader(
        rowOf(one, width).fields,
        body.map((row) => rowOf(row, width)),
      ).header
    )
      break;
    found.push(below);
  }
  return found;
};

/**
 * The rows in which tables are looked for. In one that has a cell over several columns, one that goes down is a name:
 * in the row below it would look like a word that a column has twice.
 */
const linesToSearch = ({ rows, spans = [] }: Grid): readonly GridRow[] => {
  const isName = ({ row, rows: down }: CellSpan): boolean =>
    down > 1 && spans.some((other) => other.row === row && other.columns > 1);
  const others = { rows, spans: spans.filter((span) => !isName(span)) };
  return withCells(filled(others, () => false));
};

/** Whether each of so many columns holds something: of nearly all tables the first rows say it. */
const areAllUsed = (rows: readonly GridRow[], width: number): boolean => {
  const unused = new Set(Array.from({ length: width }, (_, column) => column));
  for (const { cells } of rows) {
    if (unused.size === 0) return true;
    for (const column of unused) if (!isEmpty(cells[column])) unused.delete(column);
  }
  return unused.size === 0;
};

/** Whether the first row only counts the columns. */
const numbersColumns = (rows: readonly GridRow[]): boolean => {
  const [first] = rows;
  // Whatever stands below it, it has to look so.
  if (!first || !countsColumns([first.cells.map(textOf), ['word']])) return false;
  return countsColumns(rows.map(({ cells }) => cells.map(textOf)));
};

/** Tables one below the other, in the order of their rows; of those side by side, in the order of their columns. */
export const gridTables = (grid: Grid): GridTable[] => {
  const spans = grid.spans ?? [];
  // A title over the whole table is one cell; what is over some of its columns is part of their names.
  const narrow = withCells(filled(grid, () => false));
  const width = widthOf(narrow);
  const lines = grid.heads
    ? linesSaid(narrow, grid.heads)
    : linesOfTables(spans.length === 0 ? narrow : linesToSearch(grid), width);
  return lines
    .flatMap((one, index) => {
      const before = lines[index - 1]?.last ?? 0;
      const after = lines[index + 1]?.first ?? Number.POSITIVE_INFINITY;
      const ownWidth = widthOf(narrow.filter(({ row }) => row >= one.first && row <= one.last));
      const wide = spans.length === 0 ? narrow : withCells(filled(grid, (span) => span.columns < ownWidth));
      const heads = one.header === null ? [] : headerRows(wide, one, before, spans, grid.heads).map((at) => wide[at]!);
      const top = heads[0]?.row ?? one.first;
      const under = heads.at(-1)?.row ?? one.first - 1;
      const body = narrow.filter(({ row }) => row > under && row <= one.last);
      const between = (from: number, to: number) =>
        narrow
          .filter(({ row }) => row > from && row < to)
          .map(({ row, cells }) => ({ line: row, cells: filledCells(cells.map(textOf)) }))
          .map(({ line, cells }) => ({ line, text: cells.join('; '), isOne: cells.length === 1 }));
      const isLast = index === lines.length - 1;
      const above = between(before, top).filter(({ text }) => index === 0 || !isNote(text, false));
      const below = between(one.last, after).filter(({ text }) => isLast || isNote(text, false));
      const titles = above.filter(({ isOne }) => isOne);
      // Rows that are no table's are told all the same.
      const rest = [...above.filter(({ isOne }) => !isOne), ...below].map(({ line, text }) => ({ line, text }));
      const unsure = (one.possible ?? []).slice(0, 3).map((line) => ({ line, text: MAY_BEGIN }));
      const notes = [...rest, ...unsure];
      const texts = (row: readonly GridRow[]): string[][] => row.map(({ cells }) => cells.map(textOf));
      const runs =
        widthOf(heads) <= ownWidth && areAllUsed(body, ownWidth)
          ? [{ first: 0, last: ownWidth - 1 }]
          : tablesOfColumns(texts(body), texts(heads));
      return runs.map(({ first, last }): GridTable => {
        const cut = ({ cells }: GridRow): GridCell[] =>
          Array.from({ length: last - first + 1 }, (_, column) => cells[first + column] ?? null);
        const header =
          heads.length === 0
            ? []
            : cut({ row: 0, cells: [] }).map((_, i) => joinedName(heads.map(({ cells }) => textOf(cells[first + i]))));
        const isWhole = ({ cells }: GridRow): boolean => first === 0 && cells.length === last + 1;
        const all = withCells(body.map((row) => (isWhole(row) ? row : { row: row.row, cells: cut(row) })));
        const counting = header.length > 0 && numbersColumns(all) ? all[0]!.row : undefined;
        const rows = counting === undefined ? all : all.slice(1);
        return {
          header,
          rows,
          titles: titles.map(({ text }) => text),
          notes: counting === undefined ? notes : [{ line: counting, text: 'it numbers the columns' }, ...notes],
          range: { first_row: top, last_row: one.last, first_column: first + 1, last_column: last + 1 },
        };
      });
    })
    .filter(({ rows }) => rows.length > 0);
};
