/** How the dates and the figures of columns are written, beyond ISO 8601 and plain digits: orders, and units. */
import { isMissing, plainFigure, WIDE_MISSING_MARKERS } from '../numbers.ts';
import type { ColumnType, DeclaredField, Uncertainty } from '../table.ts';
import { type CellRules, declaredRules, KIND, orderOfKinds, undecidedDates } from '../typing.ts';
import { isInBrackets, splitUnit } from '../units.ts';
import { hasShortYear, writtenDate } from '../written-dates.ts';
import { type CsvLayout, linesBefore } from './csv-layout.ts';

/** What the cells at the beginning of a column are written with. `mixed`: figures of it have other units, or none. */
export type UnitOfColumn = { unit: string; mark: string; mixed: readonly string[] | null };

function* bodyCells({ rows, dialect }: CsvLayout, index: number, missing: ReadonlySet<string>): Generator<string> {
  const { last_line = Number.POSITIVE_INFINITY } = dialect;
  const begins = linesBefore(dialect);
  for (const { line, comment, fields } of rows) {
    const cell = fields[index] ?? '';
    if (line > begins && line <= last_line && !comment && !isMissing(cell, missing)) yield cell;
  }
}

const isPlain = (cell: string): boolean => /^[+-]?\d[\d.,' ]*$/.test(plainFigure(cell.trim()));

/** What the figures of some cells are written with; undefined where some are no figures, or none has a mark. */
export const unitOfCells = (cells: Iterable<string>): UnitOfColumn | undefined => {
  const marks = new Map<string, string>();
  let plain = 0;
  for (const cell of cells) {
    const found = splitUnit(cell);
    if (found) marks.set(found.unit, marks.get(found.unit) ?? found.mark);
    else if (isPlain(cell)) plain++;
    // Words, or what else is no figure: text.
    else return undefined;
    if (marks.size === 0 && plain > 100) return undefined;
  }
  const [first] = marks;
  if (!first) return undefined;
  const seen = [...marks.values(), ...(plain > 0 ? ['no mark'] : [])];
  return { unit: first[0], mark: first[1], mixed: seen.length > 1 ? seen : null };
};

/** The units of the columns of a file, by its beginning; a column of words is left after its first cell. */
export const unitsOfColumns = (
  layout: CsvLayout,
  missing: ReadonlySet<string> = WIDE_MISSING_MARKERS,
): (UnitOfColumn | undefined)[] => layout.names.map((_, index) => unitOfCells(bodyCells(layout, index, missing)));

/** The rules with the order of dates that the cells of each column show, or that is declared. */
export const withOrders = (
  rules: readonly CellRules[],
  kinds: Int32Array,
  names: readonly string[],
  contract: readonly DeclaredField[],
): CellRules[] =>
  rules.map((rule, index) => {
    const declared = contract.find(({ name }) => name === names[index]);
    if (declared?.format !== undefined) return declaredRules(rule, declared);
    const order = orderOfKinds(kinds[index]!);
    return order === rule.order ? rule : { ...rule, order };
  });

/** Whether more of the file has to be seen to know the order of dates. */
export const areDatesOpen = (kinds: Int32Array): boolean => kinds.some((kind) => undecidedDates(kind) === 'either');

const FORMATS = 'declare it in `columns`: { type: date, format: DMY }, or MDY (timestamp where there are times)';

const doubtOf = (
  cells: readonly string[],
  kinds: number,
  unit: UnitOfColumn | undefined,
): Omit<Uncertainty, 'line' | 'column'> | undefined => {
  const dates = undecidedDates(kinds);
  if (dates !== undefined) {
    const example =
      cells.find((cell) => writtenDate(plainFigure(cell.trim()))?.order === 'either')?.trim() ?? '01/02/2010';
    const [first, second] = example.split(/[./-]/);
    const either = [
      `${example} has the day first (month ${second})`,
      `${example} has the month first (month ${first})`,
    ];
    const mixed = ['some of its dates can only have the day first', 'some can only have the month first'];
    return {
      about: 'dates',
      readings: dates === 'mixed' ? mixed : either,
      decide: `The column is left as text; ${FORMATS}.`,
    };
  }
  if ((kinds & KIND.STRING) === 0) return undefined;
  if (cells.every((cell) => hasShortYear(plainFigure(cell.trim()))))
    return {
      about: 'dates',
      readings: [`${cells[0]!.trim()} has its year first or last`, 'its two digits are of this century or of another'],
      decide: `The column is left as text; ${FORMATS}, or YMD: 70 to 99 are then 1970 to 1999, and 00 to 69 are 2000 to 2069.`,
    };
  if (unit)
    return {
      about: 'units',
      readings: (unit.mixed ?? [unit.mark, 'no such mark, further below']).map((mark) => `figures with ${mark}`),
      decide: 'The column is left as text, so that no unit is lost.',
    };
  if (cells.some(isInBrackets) && cells.every((cell) => isInBrackets(cell) || isPlain(cell)))
    return {
      about: 'figures',
      readings: [`${cells.find(isInBrackets)!.trim()} is negative, as in bookkeeping`, 'it is a figure with a remark'],
      decide: 'The column is left as text; `type: double` puts the rows with brackets into quarantine.',
    };
  return undefined;
};

/** Of which columns nobody knows how they are meant, and what somebody who knows can declare. */
export const doubtfulColumns = (
  layout: CsvLayout,
  {
    kinds,
    units,
    types,
    missing = WIDE_MISSING_MARKERS,
  }: {
    kinds: Int32Array;
    units: readonly (UnitOfColumn | undefined)[];
    /** Of the columns that nothing is declared of; undefined for the others. */
    types: readonly (ColumnType | 'unknown' | undefined)[];
    missing?: ReadonlySet<string>;
  },
): Uncertainty[] =>
  layout.names.flatMap((_, index): Uncertainty[] => {
    if (types[index] !== 'string' || layout.marks[index]!.unsure !== null) return [];
    const kind = kinds[index]!;
    const [first] = bodyCells(layout, index, missing);
    // Most text is words.
    if (first === undefined || (undecidedDates(kind) === undefined && !/^\P{L}{0,4}\d|^[A-Z]{1,3}\W/u.test(first)))
      return [];
    const doubt = doubtOf([...bodyCells(layout, index, missing)], kind, units[index]);
    return doubt ? [{ ...doubt, line: null, column: index + 1 }] : [];
  });
