import { RefusedContent } from '@granary/domain/errors';
import type { Paging } from '@granary/domain/paging';
import type { ReadOptions, ReadReport, TableSink } from '@granary/domain/reading';
import type { Dialect } from '@granary/tabular/table';
import { createTableBuilder } from '@granary/tabular/table-builder';
import type { EmbrapaFile } from './files.ts';
import { columnsAYear } from './layout.ts';
import { createLineWriter } from './lines.ts';
import { judgePage, layoutOfPage, pageFigures } from './page-lines.ts';
import { readYearPages, type YearPage } from './year-page.ts';

const DIALECT: Dialect = {
  encoding: 'utf-8',
  bom: false,
  mojibake: false,
  delimiter: '\t',
  quote: null,
  sure_quotes: true,
  newline: '\n',
  header_line: 1,
  decimal: ',',
  thousands: '.',
};

/** The address of another year's page. */
const addressOf = (url: string, year: number): string => {
  const other = new URL(url);
  other.searchParams.set('ano', String(year));
  return other.href;
};

/** From the newest year back to the first one that the pages offer. */
export const pagesOfYears: Paging = {
  most_pages: 150,
  first_tells_all: true,
  async read({ url, body, number }) {
    const pages = await readYearPages(body);
    const [{ year, offered, lines }] = pages as [YearPage];
    if (pages.length > 1) throw new RefusedContent(`A page of a year holds ${pages.length} tables of figures.`);
    const asked = new URL(url).searchParams.get('ano');
    if (number > 1 && asked !== String(year))
      throw new RefusedContent(`The page of ${asked} was asked for, and that of ${year} came.`);
    if (!offered) throw new RefusedContent('The page does not say which years there are.');
    if (number === 1 && year !== offered.last)
      throw new RefusedContent(`The page of ${year} came first, and there are years until ${offered.last}.`);
    const next = year > offered.first ? addressOf(url, year - 1) : null;
    // Years without any figure look alike.
    return { records: lines.length, fingerprint: JSON.stringify([year, lines]), next };
  },
};

/**
 * Reads the pages of all years, one behind the other, into the normal form of the file in whose place they stand. They
 * have no codes of products, and nought looks the same as a missing figure: both are `-`, and null here.
 */
export const readEmbrapaPages = async (
  file: EmbrapaFile,
  bytes: Uint8Array,
  { processing_date }: ReadOptions,
  out: TableSink,
): Promise<ReadReport> => {
  const pages = [...(await readYearPages(bytes))].sort((a, b) => a.year - b.year);
  const years = pages.map(({ year }) => year);
  if (new Set(years).size < years.length) throw new RefusedContent('A year stands on several pages.');
  const { fields, key } = file.dataset;
  out.begin(fields);
  const builder = createTableBuilder({ fields, key }, { emit: out.rows });
  for (const page of pages) {
    const layout = layoutOfPage(page, file);
    const write = createLineWriter(
      { file, layout, figures: pageFigures(), delimiter: '\t', processing_date, cut_lines: new Set() },
      { row: builder.append, quarantine: out.quarantine },
    );
    for (const line of judgePage(page, file, layout)) write(line);
  }
  builder.end();
  const feet = pages.filter(({ foot }) => foot.length > 0).length;
  const notes = [
    `It was read from the ${pages.length} pages of ${years[0]} to ${years.at(-1)}, since its file could not be: product codes are missing, and a nought looks like a missing figure there (-).`,
    ...(feet > 0 ? [`${feet} pages end in totals of their lines, which were left out.`] : []),
  ];
  const name = pages[0]!.titles[0] ?? '';
  const header = [name, ...years.flatMap((year) => Array<string>(columnsAYear(file.kind)).fill(String(year)))];
  return { dialect: DIALECT, header, notes };
};
