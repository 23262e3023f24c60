import type { CsvRow } from '@granary/tabular/csv/tokenizer';
import { createFigureReader, type FigureReader } from './figures.ts';
import type { EmbrapaFile } from './files.ts';
import type { Judged } from './judged.ts';
import { columnsAYear, type Layout } from './layout.ts';
import { isTotal, spoiltName } from './names.ts';
import { refuseRepeats } from './repeats.ts';
import type { PageLine, YearPage } from './year-page.ts';

/** Figures of pages are written with points between the thousands. */
export const pageFigures = (): FigureReader => {
  const figures = createFigureReader();
  figures.observe('1.000.000');
  return figures;
};

/** A page as if it were a file of one year: a name, and its figures. */
export const layoutOfPage = ({ year, titles }: YearPage, { kind }: EmbrapaFile): Layout => {
  const width = 1 + columnsAYear(kind);
  const cells = Array.from({ length: width - 1 }, (_, index) => index + 1);
  return {
    ...{ header: titles, header_line: 1, control: null, name: 0, id: null, first_figure: 1 },
    ...{ years: [{ year, cells, trouble: null }], others: [], titled: width, width, loose_ends: false, notes: [] },
  };
};

const wrongIn = (cells: readonly string[], width: number): string | null => {
  const [name = ''] = cells;
  if (cells.length !== width) return `the line has ${cells.length} cells, and ${width} are wanted`;
  if (!/\p{L}/u.test(name)) return 'the line has no name';
  const spoilt = spoiltName(name);
  if (spoilt) return `"${name}" ${spoilt}`;
  return isTotal(name) ? `"${name}" is a total of other lines` : null;
};

/** What becomes of each line of a page, by the rules of the files: nothing whose section or cells are not sure. */
export const judgePage = (page: YearPage, file: EmbrapaFile, layout: Layout): readonly Judged[] => {
  const sectioned = file.kind === 'production' && file.sections.length > 0;
  let section: string | null = null;
  let unknown = sectioned ? 'the line stands before the first section' : null;
  const judge = ({ line, role, cells }: PageLine): Judged => {
    const row: CsvRow = { line, fields: [...cells], raw: cells.join('\t') };
    const wrong = wrongIn(cells, layout.width);
    const [name = ''] = cells;
    if (sectioned && (role === 'none' || (role === 'section' && wrong))) {
      unknown = 'nothing tells which section the line belongs to';
      return { row, verdict: 'refused', reason: wrong ?? unknown };
    }
    if (wrong) return { row, verdict: 'refused', reason: wrong };
    const opens = sectioned && role === 'section';
    if (opens) [section, unknown] = [name, null];
    if (unknown) return { row, verdict: 'refused', reason: unknown };
    return { row, verdict: 'read', section, name, is_total: opens };
  };
  return refuseRepeats(page.lines.map(judge), layout);
};
