import type { CsvRow } from '@granary/tabular/csv/tokenizer';
import { columnsAYear, type Layout, type LayoutFacts, leadingColumns, usualWidth } from './layout.ts';
import { movedFigures } from './moved-figures.ts';
import { isYearHeader, looksLikeHeader, looksNumeric, readTitle, yearOf } from './year-cells.ts';
import { readYears } from './year-sequence.ts';

/** Lines at the top among which the header is looked for. */
export const HEADER_WITHIN = 25;

/**
 * Share of the lines that are equally long in a file with commas; a country's name may have one that is not in quotes.
 */
const EVEN_SHARE = 0.7;

const countYears = ({ fields }: CsvRow): number => fields.filter((cell) => yearOf(cell) !== null).length;

/** The line with the most years among the first ones: a title above it may name a year too. */
export const findHeader = (filled: readonly CsvRow[]): CsvRow | undefined =>
  filled
    .slice(0, HEADER_WITHIN)
    .filter((row) => isYearHeader(row.fields))
    .reduce<CsvRow | undefined>((best, row) => (best && countYears(best) >= countYears(row) ? best : row), undefined);

const VALUE = /us\s?\$|usd|d[o\u00f3]lar|valor|value/i;
const QUANTITY = /\bkg\b|quil|kilo|quant|peso|litro|^l$/i;

/** Units in the lines around the header of a trade file: the value before the quantity would turn every pair round. */
const turnedRound = (rows: readonly CsvRow[], header: CsvRow, first: number): boolean => {
  const at = rows.indexOf(header);
  return rows.slice(Math.max(0, at - 3), at + 4).some(({ fields }) => {
    const value = fields.slice(first).findIndex((cell) => VALUE.test(cell) && !looksNumeric(cell));
    const quantity = fields.slice(first).findIndex((cell) => QUANTITY.test(cell) && !looksNumeric(cell));
    return value >= 0 && quantity >= 0 && value < quantity;
  });
};

/**
 * Whether a leading column without a place in the normal form tells lines apart: it has words of its own in most of
 * them.
 */
const tellsApart = (rows: readonly CsvRow[], index: number): boolean => {
  const words = rows.map(({ fields }) => fields[index]?.trim() ?? '').filter((cell) => /\p{L}{2}/u.test(cell));
  // Of one line or two nothing can be told.
  return words.length > rows.length / 2 && (new Set(words).size > 1 || rows.length < 3);
};

/** The layout that a header tells; the text answer is the reason why the file cannot be believed. */
export const fromHeader = (
  header: CsvRow,
  filled: readonly CsvRow[],
  { kind, latest, delimiter }: LayoutFacts & { delimiter: string },
): Layout | string => {
  const cells = header.fields;
  const first = cells.findIndex((cell) => readTitle(cell).kind !== 'word');
  const { names, control, name } = leadingColumns(cells.slice(0, first), kind);
  if (name < 0) return `The header "${cells.slice(0, first).join(' ')}" names no column of products or countries.`;
  const years = readYears(cells, { wanted: columnsAYear(kind), latest });
  if (typeof years === 'string') return years;
  if (kind === 'trade' && turnedRound(filled, header, first))
    return 'The lines beside the header name the value before the quantity.';

  const over = filled.filter((row) => row.line < header.line);
  const other = over.find(({ fields }) => looksLikeHeader(fields));
  if (other)
    return `Line ${other.line} looks like a header too, and stands above line ${header.line}: nothing tells which of them holds.`;
  const above = over.find(({ fields }) => fields.filter((cell) => readTitle(cell).kind !== 'word').length >= 3);
  if (above) return `Line ${above.line} has figures and stands above the header: nothing tells whether it is theirs.`;
  const body = filled.filter((row) => row.line > header.line);
  const titled = cells.findLastIndex((cell) => cell.trim() !== '') + 1;
  const width = usualWidth(body, titled);
  const unsure = years.filter(({ trouble }) => trouble !== null);
  if (width < titled)
    return `The header has ${titled} titles and most lines have ${width} cells: nothing tells which of them are missing.`;
  const lines = body.filter(({ fields }) => fields.length === width);
  if (delimiter === ',' && lines.length < body.length * EVEN_SHARE)
    return 'The lines are of many lengths, and their commas may be those of decimals.';
  const moved = movedFigures(lines, { header: cells, titled, width, years, first_figure: first }, delimiter);
  if (moved) return moved;

  const placed = new Set([control, name, names.indexOf('id'), ...years.flatMap((year) => year.cells)]);
  const others = cells.slice(0, titled).flatMap((_, index) => (placed.has(index) ? [] : [index]));
  const apart = others.find((index) => index < first && tellsApart(lines, index));
  if (apart !== undefined)
    return `The column "${cells[apart].trim()}" tells lines of one ${kind === 'trade' ? 'country' : 'product'} apart, and the table has no place for it.`;
  return {
    header: cells,
    header_line: header.line,
    control: control < 0 ? null : control,
    name,
    id: names.indexOf('id') < 0 ? null : names.indexOf('id'),
    first_figure: first,
    years,
    others,
    titled,
    width,
    loose_ends:
      cells.length > titled || body.some(({ fields }) => fields.length > width && fields.at(-1)!.trim() === ''),
    notes: [
      ...unsure.map(({ trouble }) => `In the header ${trouble}; its figures are in quarantine.`),
      ...others
        .filter((index) => cells[index].trim() !== '')
        .map(
          (index) =>
            `Column ${index + 1} ("${cells[index].trim()}") is not part of the series; what it holds is in quarantine.`,
        ),
      ...(width > titled ? ['The lines end in delimiters that stand for no column.'] : []),
    ],
  };
};
