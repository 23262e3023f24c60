/** Tables of a page of HTML as grids. */
import type { CheerioAPI } from 'cheerio/slim';
import { decodeSample } from '../csv/encoding.ts';
import { sniffEncoding } from '../csv/sniff-encoding.ts';
import type { CellSpan, Grid, GridRow } from './grid.ts';

export type { CheerioAPI } from 'cheerio/slim';

export type HtmlTable = {
  /** Its caption, or else the heading or paragraph right above it. */
  title?: string;
  grid: Grid;
  /** Rows of its foot, such as totals. */
  foot: readonly { line: number; text: string }[];
};

/** Cells that an attribute may span: more is no table for people. */
const MOST_SPAN = 1000;
const MOST_CELLS = 5_000_000;

/** It cannot be read; the message says why. */
export class UnreadableHtml extends Error {
  override name = 'UnreadableHtml';
}

/**
 * The tables of a page that hold no other table, in their order. `selector`: only those that it selects, or that lie in
 * what it selects. Throws UnreadableHtml for a selector that is none, and for more cells than are held.
 */
export const readHtml = async (bytes: Uint8Array, selector?: string): Promise<readonly HtmlTable[]> => {
  const $ = await loadPage(bytes);
  const all = $('table').filter((_, table) => $(table).find('table').length === 0);
  const wanted = selector === undefined ? all : all.filter((_, table) => isIn($, table, selector));
  return wanted.toArray().map((table) => tableOf($, table));
};

/** A page in the encoding that it says, or shows. */
export const loadPage = async (bytes: Uint8Array): Promise<CheerioAPI> => {
  const { load } = await import('cheerio/slim');
  return load(textOfPage(bytes));
};

type Node = Parameters<CheerioAPI>[0];

const isIn = ($: CheerioAPI, table: Node, selector: string): boolean => {
  try {
    return $(table).closest(selector).length > 0;
  } catch (error) {
    throw new UnreadableHtml(`'${selector}' is no CSS selector (${(error as Error).message})`);
  }
};

/** By what the page says of itself, else by looking. */
const textOfPage = (bytes: Uint8Array): string => {
  const head = Buffer.from(bytes.subarray(0, 4096)).toString('latin1');
  const declared = /<meta[^>]+charset\s*=\s*["']?([\w-]+)/i.exec(head)?.[1]?.toLowerCase();
  const found = sniffEncoding(bytes.subarray(0, 1 << 16));
  const isLatin = declared !== undefined && /^(iso-8859-1|latin1|windows-1252)$/.test(declared);
  const encoding = isLatin && found.encoding !== 'utf-8' ? ('windows-1252' as const) : found.encoding;
  return decodeSample(bytes, { encoding, mojibake: found.mojibake });
};

/** Without line breaks and double blanks. */
export const plainText = (text: string): string => text.replace(/[\s\u00a0]+/g, ' ').trim();
const spanOf = (value: string | undefined): number =>
  Math.min(Math.max(Number.parseInt(value ?? '1', 10) || 1, 1), MOST_SPAN);

const tableOf = ($: CheerioAPI, table: Node): HtmlTable => {
  const rows: GridRow[] = [];
  const foot: { line: number; text: string }[] = [];
  const spans: CellSpan[] = [];
  /** Columns that a cell above still covers, with the last row that it does. */
  const covered = new Map<number, number>();
  const heads: number[] = [];
  let cells = 0;
  for (const [index, tr] of $(table).find('tr').toArray().entries()) {
    const row = index + 1;
    const own: (string | null)[] = [];
    let column = 0;
    const found = $(tr).children('td, th').toArray();
    for (const cell of found) {
      while ((covered.get(column) ?? 0) >= row) column++;
      const [columns, down] = [spanOf($(cell).attr('colspan')), spanOf($(cell).attr('rowspan'))];
      $(cell).find('br').replaceWith(' ');
      while (own.length < column + columns) own.push(null);
      own[column] = plainText($(cell).text()) || null;
      if (columns > 1 || down > 1) spans.push({ row, rows: down, column, columns });
      if (down > 1) for (let at = column; at < column + columns; at++) covered.set(at, row + down - 1);
      column += columns;
      cells += columns;
    }
    if (cells > MOST_CELLS) throw new UnreadableHtml(`a table has more than ${MOST_CELLS} cells`);
    if ($(tr).closest('tfoot').length > 0)
      foot.push({ line: row, text: own.filter((cell) => cell !== null).join('; ') });
    else rows.push({ row, cells: own });
    const isHead = $(tr).closest('thead').length > 0 || found.every((cell) => $(cell).is('th'));
    if (isHead && found.length > 0 && heads.length === index) heads.push(row);
  }
  const title = titleOf($, table);
  return { ...(title && { title }), grid: { rows, spans, ...(heads.length > 0 && { heads }) }, foot };
};

const titleOf = ($: CheerioAPI, table: Node): string => {
  const caption = plainText($(table).children('caption').text());
  if (caption) return caption;
  const above = $(table).prevAll('h1, h2, h3, h4, h5, h6, p').first();
  return above.next().is($(table) as never) ? plainText(above.text()).slice(0, 200) : '';
};
