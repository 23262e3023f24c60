import type { CsvRow } from '@granary/tabular/csv/tokenizer';
import { isMissing } from '@granary/tabular/numbers';
import { HEADER_WITHIN } from './embrapa-header.ts';
import { columnsAYear, type Layout, type LayoutFacts, usualWidth } from './layout.ts';
import { movedFigures } from './moved-figures.ts';
import { looksLikeHeader, looksNumeric } from './year-cells.ts';
import { FIRST_YEAR, readYears } from './year-sequence.ts';

/** A file without a header is only believed with so many years: any other table could be mistaken for one. */
const LEAST_YEARS = 40;
/** How old its last year may be: figures come out a year or two late, and a file may lie for a while. */
const NEAR_YEARS = 4;

/** Leading columns of text, by what most of the rows have there. */
const isText = (rows: readonly CsvRow[], index: number): boolean => {
  const filled = rows.map((row) => row.fields[index]).filter((cell) => cell !== undefined && !isMissing(cell));
  return filled.length > 0 && filled.filter((cell) => /\p{L}/u.test(cell)).length > filled.length / 2;
};

/** Why years counted from `first` to `last` cannot be believed; null when they can. */
const unlikely = (last: number, years: number, { latest, known }: LayoutFacts): string | null => {
  const counted = `counted from ${known?.first ?? FIRST_YEAR} its ${years} years would`;
  if (last > latest) return `${counted} reach ${last}, which is still to come`;
  if (known && (last < known.last || last > known.last + 2))
    return `${counted} end in ${last}, and those of the version before end in ${known.last}`;
  if (!known && last < latest - NEAR_YEARS) return `${counted} end in ${last}, which is long ago`;
  return null;
};

/**
 * The layout of a file without a header: columns by what they hold, years counted from the first one of the version
 * before, or from 1970. Only believed if nothing in its first lines looks like a header, and if its last year is near
 * the present, or the version's before. The text answer is the reason why not.
 */
export const withoutHeader = (rows: readonly CsvRow[], facts: LayoutFacts & { delimiter: string }): Layout | string => {
  const no = 'The file has no header with years';
  const { kind, known, delimiter } = facts;
  const suspect = rows.slice(0, HEADER_WITHIN).find(({ fields }) => looksLikeHeader(fields));
  if (suspect) return `${no} that can be read, and line ${suspect.line} looks like one.`;
  const width = usualWidth(rows, 0);
  const usual = rows.filter(({ fields }) => fields.length === width);
  let first = 0;
  for (let i = 0; i < 4 && i < width; i++) if (isText(usual, i)) first = i + 1;
  const perYear = columnsAYear(kind);
  const years = (width - first) / perYear;
  const begin = known?.first ?? FIRST_YEAR;
  if (first === 0 || years < LEAST_YEARS) return `${no}, and its lines are no series since ${begin}.`;
  if (delimiter === ',' && usual.length < rows.length) return `${no}, and its commas may be those of decimals.`;
  const odd = rows[0].fields.slice(first).filter((cell) => !isMissing(cell) && !looksNumeric(cell));
  if (odd.length > (width - first) / 5) return `${no}, and its first line is not one of figures.`;
  if (!Number.isInteger(years))
    return `${no}, and its ${width - first} figures a line are no pairs of quantity and value.`;
  const last = begin + years - 1;
  const why = unlikely(last, years, facts);
  if (why) return `${no}; ${why}.`;
  const leading = Array.from({ length: first }, (_, i) => i);
  const texts = leading.filter((i) => isText(usual, i));
  if (texts.length > (kind === 'trade' ? 1 : 2)) return `${no}, and nothing tells which of its names are which.`;
  const control = kind === 'production' && texts.length > 1 ? texts[0] : null;
  const name = texts[texts.length - 1];
  const titles = leading.map((i) =>
    i === name
      ? kind === 'trade'
        ? 'pais'
        : 'produto'
      : i === control
        ? 'control'
        : i === 0
          ? 'id'
          : `column_${i + 1}`,
  );
  const header = [
    ...titles,
    ...Array.from({ length: width - first }, (_, i) => String(begin + Math.floor(i / perYear))),
  ];
  const columns = readYears(header, { wanted: perYear, latest: facts.latest });
  if (typeof columns === 'string') return columns;
  const moved = movedFigures(usual, { header, titled: width, width, years: columns, first_figure: first }, delimiter);
  if (moved) return moved;
  const placed = new Set([0, control, name]);
  return {
    header,
    header_line: null,
    control,
    name,
    id: name === 0 || control === 0 ? null : 0,
    first_figure: first,
    years: columns,
    others: leading.filter((i) => !placed.has(i)),
    titled: width,
    width,
    loose_ends: rows.some(({ fields }) => fields.length > width && fields.at(-1)!.trim() === ''),
    notes: [`The file has no header: columns were told by what they hold, years counted from ${begin} to ${last}.`],
  };
};
