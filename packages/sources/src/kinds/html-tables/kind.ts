import { DATASET_ID } from '@granary/domain/dataset';
import { RefusedContent } from '@granary/domain/errors';
import { defineKind } from '@granary/domain/kind';
import type { Paging } from '@granary/domain/paging';
import type { FoundTable, ResourceFile } from '@granary/domain/reading';
import type { Resource, Source } from '@granary/domain/source';
import type { GridRow } from '@granary/tabular/grid/grid';
import { type GridTable, gridTables, widthOf } from '@granary/tabular/grid/grid-tables';
import { type HtmlTable, readHtml, UnreadableHtml } from '@granary/tabular/grid/html';
import { readLinks } from '@granary/tabular/grid/html-links';
import * as z from 'zod/mini';
import { ColumnsConfig, withColumns } from '../../column-overrides.ts';
import { beginsWithMarkup } from '../../csv/content-check.ts';
import { folderOf } from '../../folder-of.ts';
import { gridTable } from '../../grid-table.ts';

const HtmlTablesConfig = z.strictObject({
  pages: z
    .array(
      z.strictObject({
        /** The dataset that its table becomes; of several tables, what their datasets' ids begin with. */
        dataset: z.string().check(z.regex(DATASET_ID)),
        /** Relative to the source's base address, or an address of its own. */
        url: z.string().check(z.minLength(1)),
        /** A CSS selector of the tables, or of what they lie in. */
        selector: z.optional(z.string().check(z.minLength(1))),
        /** Text that a table holds, in its names or its cells. */
        holds: z.optional(z.string().check(z.minLength(1))),
        /** A CSS selector of the link to the next page. The tables of all pages that have the same names are one. */
        next: z.optional(z.string().check(z.minLength(1))),
        /** With `next`: beyond this, they are refused. */
        most_pages: z._default(z.int().check(z.minimum(1), z.maximum(10_000)), 1000),
        /** Markers of values that are not available, such as `s/d`. */
        missing: z.optional(z.array(z.string())),
        columns: z.optional(ColumnsConfig),
      }),
    )
    .check(z.minLength(1)),
});
type HtmlTablesConfig = z.infer<typeof HtmlTablesConfig>;
type Page = HtmlTablesConfig['pages'][number];

/** A table, and what stands around it. */
type Found = { html: HtmlTable; table: GridTable };

/** A page is held in memory while it is read, many times its size. */
const MOST_BYTES = 20_000_000;

/**
 * Pages of HTML, of which each table of two columns and two rows or more becomes a dataset: those that a selector
 * selects, or that hold a text, where the page has others that are none (menus, forms).
 */
export const kind = defineKind<HtmlTablesConfig>({
  kind: 'html-tables',
  config: HtmlTablesConfig,
  parser_version: 2,
  accept: 'text/html, application/xhtml+xml;q=0.9, */*;q=0.5',
  infers: true,
  discover: ({ config }, base_url) =>
    config.pages.map(({ dataset, url }) => ({
      dataset,
      url: new URL(url, folderOf(base_url)).href,
      hints: {},
    })),
  guess: (file, { dataset, url }) => (isHtml(file) ? { config: { pages: [{ dataset, url }] } } : undefined),
  paging(source, resource) {
    const page = pageOf(source, resource);
    return page.next === undefined ? undefined : followedPages(page, page.next);
  },
  async tables(source, resource, file) {
    const page = pageOf(source, resource);
    return withColumns(await tablesOfPage(page, file), page.columns);
  },
});

const pageOf = ({ id, config }: Source<HtmlTablesConfig>, resource: Resource): Page => {
  const page = config.pages.find(({ dataset }) => dataset === resource.dataset);
  if (!page) throw new RangeError(`The source '${id}' has no page of '${resource.dataset}'`);
  return page;
};

/** Pages that lead from one to the next; each holds a table. */
const followedPages = (page: Page, next: string): Paging => ({
  most_pages: page.most_pages,
  first_tells_all: false,
  async read({ url, number, body }) {
    try {
      const rows = (await readHtml(body, page.selector)).flatMap(({ grid }) => grid.rows.map(({ cells }) => cells));
      if (rows.length === 0) throw new RefusedContent(`Page ${number} holds no table.`);
      const [link] = await readLinks(body, url, next);
      return { records: rows.length, fingerprint: JSON.stringify(rows), next: link?.href ?? null };
    } catch (error) {
      throw error instanceof UnreadableHtml
        ? new RefusedContent(`Page ${number} cannot be read: ${error.message}.`)
        : error;
    }
  },
});

/**
 * Tables of several pages, one behind the other in a file: those of the same names become one; without names, those of
 * the same width.
 */
const joined = (tables: readonly Found[]): Found[] => {
  const all = new Map<string, { found: Found; rows: GridRow[] }>();
  for (const { html, table } of tables) {
    // Without names, only the width tells tables apart.
    const width = table.header.length > 0 ? 0 : widthOf(table.rows);
    const key = JSON.stringify([table.header, width]);
    const first = all.get(key);
    if (!first) all.set(key, { found: { html, table }, rows: [...table.rows] });
    else for (const { cells } of table.rows) first.rows.push({ row: first.rows.at(-1)!.row + 1, cells });
  }
  return [...all.values()].map(({ found: { html, table }, rows }) => ({ html, table: { ...table, rows } }));
};

const tablesOfPage = async (page: Page, file: ResourceFile): Promise<readonly FoundTable[]> => {
  if (file.bytes > MOST_BYTES)
    throw new RefusedContent(`The page has ${file.bytes} bytes; at most ${MOST_BYTES} are read.`);
  const all = await opened(page, file);
  const each = all.flatMap((html) =>
    gridTables(html.grid)
      .filter(({ rows, header }) => rows.length > 0 && Math.max(header.length, rows[0]!.cells.length) > 1)
      .map((table): Found => ({ html, table })),
  );
  const found = page.next === undefined ? each : joined(each);
  const wanted = found.filter(({ html, table }) => page.holds === undefined || holds(html, table, page.holds));
  if (wanted.length === 0) {
    const asked = [page.selector && `the selector '${page.selector}'`, page.holds && `the text '${page.holds}'`];
    const by = asked.filter((one) => one).join(' and ');
    throw new RefusedContent(`The page holds no table${by && ` by ${by}`}; it has ${all.length} in all.`);
  }
  const titles = wanted.map(({ html }) => html.title);
  return wanted.map(({ html, table }, index) => {
    const { title } = html;
    const isOwn = title !== undefined && titles.indexOf(title) === titles.lastIndexOf(title);
    const name = isOwn && wanted.length > 1 ? title : String(index + 1);
    const foot = html.foot.map(({ line, text }) => ({ line, text: `the foot of the table: ${text}` }));
    return gridTable({
      ...{ name, ...(title !== undefined && { title }) },
      table: { ...table, notes: [...table.notes, ...foot] },
      place: `table ${all.indexOf(html) + 1} of the page`,
      missing: page.missing,
    });
  });
};

const isHtml = (file: ResourceFile): boolean => {
  const begin = Buffer.from(file.read(0, 65_536)).toString('latin1');
  return beginsWithMarkup(file) && /<(!doctype html|html|head|body|table|div)\b/i.test(begin);
};

const opened = async ({ selector }: Page, file: ResourceFile): Promise<readonly HtmlTable[]> => {
  const bytes = file.read(0, file.bytes);
  if (!/<(!doctype|html|head|body|table|div)\b/i.test(Buffer.from(bytes.subarray(0, 65_536)).toString('latin1')))
    throw new RefusedContent('The file is no page of HTML.');
  try {
    return await readHtml(bytes, selector);
  } catch (error) {
    throw error instanceof UnreadableHtml ? new RefusedContent(`The page cannot be read: ${error.message}.`) : error;
  }
};

const holds = ({ title = '' }: HtmlTable, { header, rows }: GridTable, text: string): boolean =>
  [title, ...header].some((name) => name.includes(text)) ||
  rows.some(({ cells }) => cells.some((cell) => typeof cell === 'string' && cell.includes(text)));
