/** Tells tables apart that stand in one file, one after the other. */
import { isMissing } from '../numbers.ts';
import { countOf } from './count-of.ts';
import { contrastOf, filledCells, hasFilled, isFigure, judgeHeader } from './header.ts';
import type { CsvRow } from './tokenizer.ts';

/** Lines of a table in its file, from 1; `last_line` is the one where its last record begins. */
export type TableRange = { header_line: number | null; first_line: number; last_line: number };

/** `possible`: lines that look like a header, with nothing else to say that a table begins there. */
export type FoundTables = { tables: TableRange[]; possible: number[] };

/** Rows that say what columns hold. */
const LOOK_AT = 100;
/** So many lines of several cells before a header are no titles. */
const MANY = 10;

const linesOf = (row: CsvRow): number => countOf(row.raw, '\n') + 1;
/** Titles, notes and blank lines have one cell at most. */
const isWide = (row: CsvRow): boolean => hasFilled(row.fields, 2);
const widthOf = (row: CsvRow): number => {
  let width = row.fields.length;
  while (width > 0 && row.fields[width - 1].trim() === '') width--;
  return width;
};

const isGap = (before: CsvRow, row: CsvRow): boolean => row.line > before.line + linesOf(before);

/** The rows from `from` on that are of one width, without a gap between them; those of a file that is all gaps too. */
const bodyFrom = (rows: readonly CsvRow[], from: number): CsvRow[] => {
  const body: CsvRow[] = [];
  for (let i = from; i < rows.length && body.length < LOOK_AT; i++) {
    if (!isWide(rows[i])) {
      if (body.length > 0) break;
    } else if (body.length > 0 && rows[i].fields.length !== body[0].fields.length) break;
    else if (body.length > 1 && isGap(body.at(-1)!, rows[i]) && !isGap(body[0], body[1])) break;
    else body.push(rows[i]);
  }
  return body;
};

/** A stray quote makes no title of a figure. */
const unquoted = (row: CsvRow): CsvRow => ({
  ...row,
  fields: row.fields.map((field) => (field.includes('"') ? field.replace(/^"|"$/g, '') : field)),
});

/** Whether a blank line, a line of one cell or another width stands between two rows. */
const areApart = (before: CsvRow | undefined, row: CsvRow): boolean =>
  before === undefined || !isWide(before) || isGap(before, row) || widthOf(row) !== widthOf(before);

/** Whether a row stands right below another of several cells. */
const followsRow = (before: CsvRow | undefined, row: CsvRow): boolean =>
  before !== undefined && isWide(before) && row.line === before.line + linesOf(before);

const hasStrayQuote = ({ raw }: CsvRow): boolean => raw.split('"').length % 2 === 0;

/** What the columns of the table at hand hold, as far as it was read. */
const createColumnKinds = () => {
  let figures: number[] = [];
  let values: number[] = [];
  return {
    begin() {
      figures = [];
      values = [];
    },
    add({ fields }: CsvRow) {
      for (const [index, field] of fields.entries()) {
        const cell = field.trim();
        if (isMissing(cell)) continue;
        values[index] = (values[index] ?? 0) + 1;
        if (isFigure(cell)) figures[index] = (figures[index] ?? 0) + 1;
      }
    },
    /** Whether a row has a word where the others have figures: worth a closer look. */
    isUnlike: ({ fields }: CsvRow): boolean =>
      fields.some((field, index) => {
        const typed = values[index] > 0 && (figures[index] ?? 0) >= values[index] * 0.7;
        return typed && !isMissing(field) && !isFigure(field.trim());
      }),
  };
};

/** Even lines of figures before the first header: a table without one. Lines of `key;value` are not even. */
const isTable = (rows: readonly CsvRow[]): boolean => {
  if (rows.length < 3 || rows.some((row) => row.fields.length !== rows[0].fields.length)) return false;
  return rows[0].fields.some((_, index) => {
    const cells = rows.map((row) => row.fields[index].trim()).filter((cell) => cell !== '');
    return cells.length >= 3 && cells.filter(isFigure).length >= cells.length * 0.7;
  });
};

type Beginning = 'yes' | 'perhaps' | 'no';

/** How a word is written: `SP`, `pais`, `Chile`, or otherwise. */
const styleOf = (cell: string): string => {
  if (!/\p{L}/u.test(cell)) return 'none';
  if (cell === cell.toUpperCase()) return 'upper';
  if (cell === cell.toLowerCase()) return 'lower';
  return /^\p{Lu}[^\p{Lu}]*$/u.test(cell) ? 'title' : 'mixed';
};

/** Whether a row has a word that is written unlike all those of its column. */
const isOfOtherStyle = (row: CsvRow, rows: readonly CsvRow[]): boolean =>
  row.fields.some((field, index) => {
    const cell = field.trim();
    if (isMissing(cell) || isFigure(cell)) return false;
    const values = rows.map((other) => (other.fields[index] ?? '').trim()).filter((value) => /\p{L}/u.test(value));
    const style = styleOf(cell);
    return (
      values.length >= 3 && values.length >= rows.length * 0.9 && values.every((value) => styleOf(value) !== style)
    );
  });

const shareOfFigures = (rows: readonly CsvRow[], index: number): number => {
  const cells = rows.map((row) => (row.fields[index] ?? '').trim()).filter((cell) => !isMissing(cell));
  return cells.length === 0 ? Number.NaN : cells.filter(isFigure).length / cells.length;
};

/** Whether a column holds figures in some rows and words in others. */
const changesType = (above: readonly CsvRow[], body: readonly CsvRow[]): boolean =>
  body[0].fields.some((_, index) => Math.abs(shareOfFigures(above, index) - shareOfFigures(body, index)) >= 0.9);

/** Whether two runs of rows are of different width, each of them even. */
const changesWidth = (above: readonly CsvRow[], row: CsvRow, body: readonly CsvRow[]): boolean => {
  const last = above.slice(-3);
  const width = widthOf(row);
  return (
    body.length >= 3 &&
    last.length === 3 &&
    new Set(last.map((one) => one.fields.length)).size === 1 &&
    last.every((one) => widthOf(one) !== width) &&
    body[0].fields.length !== last[0].fields.length
  );
};

/**
 * Whether the table above goes on behind a row of another width, with figures in the same columns: a line that a stray
 * quote or line end broke off from a row is no header.
 */
const isBrokenOff = (row: CsvRow, body: readonly CsvRow[], above: readonly CsvRow[]): boolean => {
  const width = body[0].fields.length;
  const near = above.slice(-LOOK_AT / 4);
  const last = near.filter(({ fields }) => fields.length === width);
  if (row.fields.length >= width || last.length < near.length / 2) return false;
  const shares = body[0].fields.map((_, index) => [shareOfFigures(last, index), shareOfFigures(body, index)]);
  const known = shares.filter(([before, after]) => !Number.isNaN(before) && !Number.isNaN(after));
  return known.every(([before, after]) => Math.abs(before - after) < 0.5) && known.some(([before]) => before >= 0.7);
};

/**
 * Whether a table begins at a row: it is unlike those below it and those above it, in one column where it stands apart;
 * where it does not, in two, or in the way that its words are written, or another type begins below it.
 */
const beginsTable = (
  row: CsvRow,
  body: readonly CsvRow[],
  above: readonly CsvRow[],
  { apart, follows }: { apart: boolean; follows: boolean },
): Beginning => {
  if (body.length === 0) return 'no';
  const below = contrastOf(row.fields, body);
  if (below.alike > 0 || below.repeats > 0 || !judgeHeader(row.fields, body, below).header) return 'no';
  if (above.length === 0) return below.contrasts > 0 ? 'yes' : 'no';
  if ((follows || hasStrayQuote(row)) && isBrokenOff(row, body, above)) return 'no';
  if (changesWidth(above, row, body)) return 'yes';
  const against = contrastOf(row.fields, above);
  const unlike = against.alike === 0 && against.contrasts > 0;
  if (below.contrasts === 0) return apart && against.alike === 0 && against.repeats === 0 ? 'perhaps' : 'no';
  if (apart && (unlike || widthOf(row) !== widthOf(above[above.length - 1]))) return 'yes';
  if (!unlike) return 'no';
  const sure =
    Math.min(against.contrasts, below.contrasts) >= 2 ||
    changesType(above, body) ||
    (isOfOtherStyle(row, above) && isOfOtherStyle(row, body));
  return sure ? 'yes' : 'perhaps';
};

export type TableFinder = { add(row: CsvRow): void; end(): FoundTables };

/** Looks at the rows of a file as they come; holds some hundred of them. */
export const createTableFinder = (): TableFinder => {
  const kinds = createColumnKinds();
  const tables: TableRange[] = [];
  const possible: number[] = [];
  let pending: CsvRow[] = [];
  let next = 0;
  let before: CsvRow | undefined;
  /** The last rows of the table at hand; before the first header, its first ones. */
  let above: CsvRow[] = [];
  let leading = 0;

  const begin = (row: CsvRow): void => {
    if (tables.length === 0 && (leading >= MANY || isTable(above))) {
      const [first, ...rest] = above;
      const header_line = judgeHeader(first.fields, rest.slice(0, LOOK_AT / 4)).header ? first.line : null;
      tables.push({ header_line, first_line: first.line, last_line: above[above.length - 1].line });
    }
    tables.push({ header_line: row.line, first_line: row.line, last_line: row.line });
    above = [];
    kinds.begin();
  };

  const judge = (row: CsvRow, following: number): void => {
    if (!isWide(row)) return;
    const apart = areApart(before, row);
    const begins =
      (above.length === 0 || apart || kinds.isUnlike(row)) && filledCells(row.fields).some((cell) => !isFigure(cell))
        ? beginsTable(row, bodyFrom(pending, following), above, { apart, follows: followsRow(before, row) })
        : 'no';
    if (begins === 'yes') {
      begin(row);
      return;
    }
    if (begins === 'perhaps') possible.push(row.line);
    kinds.add(row);
    above.push(row);
    const table = tables.at(-1);
    if (table) table.last_line = row.line;
    else leading++;
    if (above.length > LOOK_AT) above.splice(table ? 0 : LOOK_AT / 2, 1);
  };

  const drain = (least: number): void => {
    for (; pending.length - next > least; next++) {
      judge(pending[next], next + 1);
      before = pending[next];
    }
    pending = pending.slice(next);
    next = 0;
  };

  return {
    add(row) {
      if (row.comment) {
        // As if it were not there: the record before it takes its line.
        const last = pending.at(-1);
        if (last) pending[pending.length - 1] = { ...last, raw: `${last.raw}\n` };
        return;
      }
      pending.push(row.raw.includes('"') ? unquoted(row) : row);
      if (pending.length >= LOOK_AT * 10) drain(LOOK_AT * 2);
    },
    end() {
      drain(0);
      const whole = tables.filter(({ header_line, last_line }) => header_line === null || last_line > header_line);
      return { tables: whole, possible };
    },
  };
};

export const tablesIn = (rows: readonly CsvRow[]): FoundTables => {
  const finder = createTableFinder();
  for (const row of rows) finder.add(row);
  return finder.end();
};
