/** Which characters a file, and each of its columns, uses for decimals and for thousands, by the figures in it. */
import { type NumberMarks, plainFigure } from '../numbers.ts';
import { splitUnit } from '../units.ts';
import { beginsAsWord } from './header.ts';

type Point = '.' | ',';
type Group = Point | ' ' | "'";

/** What the figures of some cells show. `lone`: one mark before three digits, which alone says nothing. */
export type FigureEvidence = {
  decimal: Record<Point, number>;
  thousands: Record<Group, number>;
  lone: Record<Point, number>;
  /** Of `lone`, those that end in a nought. */
  round: Record<Point, number>;
  /** Whole figures without marks: below a thousand, and above (years apart). */
  short: number;
  long: number;
};

export const noEvidence = (): FigureEvidence => ({
  decimal: { '.': 0, ',': 0 },
  thousands: { '.': 0, ',': 0, ' ': 0, "'": 0 },
  lone: { '.': 0, ',': 0 },
  round: { '.': 0, ',': 0 },
  short: 0,
  long: 0,
});

const isYear = /^(1[89]|20)\d\d$/;
const groups = /^[1-9]\d{0,2}(?:([ ']|[.,](?=\d{3}[.,]))\d{3})(?:\1\d{3})*(?:(?!\1)([.,])\d+)?$/;

/** A figure in brackets, or behind the mark of its unit. */
const MARKED = /^[($%]|^(?:[A-Z]{3}|R\$|US\$) ?[\d(+-]/;

/** Takes note of what one cell shows. */
export const observeFigure = (evidence: FigureEvidence, cell: string): void => {
  const trimmed = cell.trim();
  if (beginsAsWord(trimmed) && !MARKED.test(trimmed)) return;
  const text = plainFigure(trimmed).replace(/^[+-]|-$/, '');
  if (text === '') return;
  if (!/^\d[\d.,\s']*$/.test(text)) {
    const figure = /[%\u2030)\p{Sc}]|\b[A-Z]{3}\b/u.test(text) ? splitUnit(text)?.figure : undefined;
    if (figure !== undefined) observeFigure(evidence, figure);
    return;
  }
  if (/^\d+$/.test(text)) {
    if (/^[1-9]\d{3,}$/.test(text)) evidence.long += isYear.test(text) ? 0 : 1;
    else if (text !== '0') evidence.short++;
    return;
  }
  if (/^[1-9]\d{0,2}[.,]\d{3}$/.test(text)) {
    evidence.lone[text.at(-4) as Point]++;
    if (text.endsWith('0')) evidence.round[text.at(-4) as Point]++;
    return;
  }
  const grouped = groups.exec(text);
  if (grouped) {
    evidence.thousands[grouped[1] as Group]++;
    if (grouped[2]) evidence.decimal[grouped[2] as Point]++;
    return;
  }
  const decimals = /^\d+([.,])\d+$/.exec(text);
  if (decimals) evidence.decimal[decimals[1] as Point]++;
};

const POINTS: readonly Point[] = ['.', ','];
const otherThan = (mark: Point): Point => (mark === '.' ? ',' : '.');

const added = (all: readonly FigureEvidence[]): FigureEvidence => {
  const sum = noEvidence();
  for (const { decimal, thousands, lone, round, short, long } of all) {
    for (const mark of POINTS) {
      sum.decimal[mark] += decimal[mark];
      sum.lone[mark] += lone[mark];
      sum.round[mark] += round[mark];
    }
    for (const mark of Object.keys(sum.thousands) as Group[]) sum.thousands[mark] += thousands[mark];
    sum.short += short;
    sum.long += long;
  }
  return sum;
};

/**
 * The marks of a file by votes: `1,5` says decimal comma, `1.234.567` says thousands point, `1.234,5` says both;
 * `1.234` alone is taken for thousands when the file writes no integer of four digits and more plainly. What a column
 * of such figures means is not decided by it.
 */
const marksOfFile = (file: FigureEvidence): NumberMarks => {
  const decimal = { ...file.decimal };
  const thousands = { ...file.thousands };
  for (const mark of POINTS) {
    const saysDecimal = decimal[mark] > thousands[mark] || (thousands[mark] === 0 && file.long > 0);
    if (saysDecimal) decimal[mark] += file.lone[mark];
    else thousands[mark] += file.lone[mark];
  }
  const chosen = decimal[','] + thousands['.'] > decimal['.'] + thousands[','] ? ',' : '.';
  const grouping = otherThan(chosen);
  if (thousands[grouping] > decimal[grouping]) return { decimal: chosen, thousands: grouping };
  return { decimal: chosen, thousands: thousands[' '] > 0 ? ' ' : thousands["'"] > 0 ? "'" : null };
};

/** So many figures with one group, and none of four digits written plainly, are a habit. */
const HABIT = 10;

/** What a mark before three digits means in a column; null when it may be either. */
const loneReading = (mark: Point, column: FigureEvidence, file: FigureEvidence): 'decimal' | 'thousands' | null => {
  const other = otherThan(mark);
  if (column.decimal[mark] > 0) return column.thousands[mark] > 0 || column.decimal[other] > 0 ? null : 'decimal';
  if (column.thousands[mark] > 0) return 'thousands';
  // Small figures without a mark beside larger ones with it: thousands, unless the file says otherwise elsewhere.
  // Decimals that are written without the noughts at their end look the same, but never end in one.
  const grouped = column.short > 0 && column.long === 0 && file.decimal[mark] === 0;
  if (grouped && (file.thousands[mark] > 0 || (column.lone[mark] >= HABIT && column.round[mark] > 0)))
    return 'thousands';
  const plain = column.short === 0 || column.lone[mark] === 0;
  const decimals = file.decimal[mark] > 0 && file.thousands[mark] === 0 && column.decimal[other] === 0;
  return decimals && plain ? 'decimal' : null;
};

/**
 * The marks of one column. `lone`: those that are believed before three digits; `unsure`: one that stands so in the
 * column, and may mean either.
 */
export type ColumnMarks = NumberMarks & { lone: string; unsure: Point | null };

const marksOfColumn = (column: FigureEvidence, file: FigureEvidence, usual: NumberMarks): ColumnMarks => {
  const readings = new Map(POINTS.map((mark) => [mark, loneReading(mark, column, file)]));
  const shown = POINTS.filter((mark) => column.decimal[mark] > 0);
  const byReading = POINTS.find((mark) => column.lone[mark] > 0 && readings.get(mark) === 'decimal');
  const isGroup = (mark: Point): boolean =>
    column.thousands[mark] > 0 || (column.lone[mark] > 0 && readings.get(mark) === 'thousands');
  // One mark is not both, whatever the other columns use it for.
  const byGroups = POINTS.find((mark) => isGroup(mark) && column.decimal[mark] === 0);
  const decimal =
    shown.length === 1 ? shown[0] : (byReading ?? (byGroups === undefined ? usual.decimal : otherThan(byGroups)));
  const candidates: (Group | null)[] = [
    ...(Object.keys(column.thousands) as Group[]).filter((mark) => column.thousands[mark] > 0),
    ...POINTS.filter((mark) => column.lone[mark] > 0 && readings.get(mark) === 'thousands'),
    usual.thousands,
  ];
  return {
    decimal,
    thousands: candidates.find((mark) => mark !== decimal) ?? null,
    lone: POINTS.filter((mark) => readings.get(mark) !== null).join(''),
    unsure: POINTS.find((mark) => column.lone[mark] > 0 && readings.get(mark) === null) ?? null,
  };
};

/** The marks of a file and of its columns (`width` of them), by the cells of its rows. */
export const sniffMarks = (
  rows: readonly { fields: readonly string[] }[],
  width: number,
): { file: NumberMarks; columns: ColumnMarks[] } => {
  const evidence = Array.from({ length: width }, noEvidence);
  for (const { fields } of rows)
    for (let index = 0; index < width && index < fields.length; index++) observeFigure(evidence[index], fields[index]);
  const all = added(evidence);
  const file = marksOfFile(all);
  return { file, columns: evidence.map((column) => marksOfColumn(column, all, file)) };
};
