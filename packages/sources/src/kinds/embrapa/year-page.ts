import { RefusedContent } from '@granary/domain/errors';
import { type CheerioAPI, loadPage } from '@granary/tabular/grid/html';
import { normalised } from './sections.ts';

/** A line of a page. `cells`: its name, and its figures as they stand there. */
export type PageLine = { line: number; role: 'section' | 'product' | 'none'; cells: readonly string[] };

/** The figures of one year. */
export type YearPage = {
  year: number;
  /** Years that the page offers; null where it does not say. */
  offered: { first: number; last: number } | null;
  titles: readonly string[];
  lines: readonly PageLine[];
  /** Its foot: the total. */
  foot: readonly string[];
};

type Node = Parameters<CheerioAPI>[0];

const textOf = ($: CheerioAPI, node: Node): string => normalised($(node).text());

/** `td.tb_item` opens a section, `td.tb_subitem` belongs to it; tables of trade have neither. */
const roleOf = ($: CheerioAPI, row: Node): PageLine['role'] => {
  const name = $(row).children('td').first();
  return name.hasClass('tb_item') ? 'section' : name.hasClass('tb_subitem') ? 'product' : 'none';
};

const readTable = ($: CheerioAPI, table: Node): YearPage => {
  const title = textOf($, $(table).prevAll('p').first()[0]!);
  const year = /\[(\d{4})\]/.exec(title)?.[1];
  if (year === undefined)
    throw new RefusedContent(`The page does not say the year of its table: "${title.slice(0, 100)}" is above it.`);
  const span = /\[(\d{4})-(\d{4})\]/.exec($('label').text());
  const rows = $(table).find('tr').toArray();
  const cellsOf = (row: Node) =>
    $(row)
      .children('td, th')
      .toArray()
      .map((cell) => textOf($, cell));
  const isFoot = (row: Node) => $(row).closest('tfoot').length > 0;
  const isHead = (row: Node) => $(row).children('td').length === 0;
  return {
    year: Number(year),
    offered: span && { first: Number(span[1]), last: Number(span[2]) },
    titles: rows.filter((row) => isHead(row) && !isFoot(row)).flatMap(cellsOf),
    lines: rows.flatMap((row, i) =>
      isHead(row) || isFoot(row) ? [] : [{ line: i + 1, role: roleOf($, row), cells: cellsOf(row) }],
    ),
    foot: rows.filter(isFoot).map((row) => cellsOf(row).join(' ')),
  };
};

/**
 * The tables of a page, or of several that were put behind each other. Throws RefusedContent for what is no page of
 * figures of a year.
 */
export const readYearPages = async (bytes: Uint8Array): Promise<readonly YearPage[]> => {
  const $ = await loadPage(bytes);
  const tables = $('table.tb_dados').toArray();
  if (tables.length === 0) throw new RefusedContent('The page holds no table of figures (table.tb_dados).');
  return tables.map((table) => readTable($, table));
};
