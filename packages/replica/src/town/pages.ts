/** The office's pages of HTML. */
import { DISTRICTS, HEADER, rowsOf } from './made-rows.ts';
import type { TownFile } from './town-file.ts';

const escaped = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
const cell = (value: string | number): string => `<td>${escaped(String(value))}</td>`;

const spending = rowsOf('page').map(
  ({ district, postcode, year, households, spending, opened }) =>
    `<tr>${[district, postcode, year, households, spending, opened].map(cell).join('')}</tr>`,
);

/** Years span two columns each, districts two rows: one of women, one of men. */
const schools = DISTRICTS.map((district, n) => {
  const figures = (by: number) => [0, 1, 2, 3].map((at) => cell(100 + n * 10 + at + by)).join('');
  return `<tr><th rowspan="2">${escaped(district)}</th><td>girls</td>${figures(0)}</tr><tr><td>boys</td>${figures(5)}</tr>`;
});

const page = (name: string, quirk: string, title: string, table: string, rows: readonly number[]): TownFile => ({
  ...{ name, quirk, content_type: 'text/html; charset=utf-8', holds: { rows } },
  body: () =>
    Buffer.from(
      `<!doctype html><html lang="en"><head><title>${title}</title></head><body><table><tr><td>Home</td><td>News</td></tr></table>` +
        `<h1>${title}</h1>${table}<p>Source: Office of Statistics</p></body></html>\n`,
    ),
});

export const PAGES: readonly TownFile[] = [
  page(
    'spending.html',
    'a table in a page, beside one that is a menu',
    'Spending by district',
    `<table class="figures"><thead><tr>${HEADER.map((name) => `<th>${name}</th>`).join('')}</tr></thead><tbody>${spending.join('')}</tbody></table>`,
    [48],
  ),
  page(
    'pupils.html',
    'cells over several rows and columns',
    'Pupils',
    '<table class="figures"><thead><tr><th rowspan="2">district</th><th rowspan="2">who</th><th colspan="2">2022</th><th colspan="2">2023</th></tr>' +
      `<tr><th>primary</th><th>secondary</th><th>primary</th><th>secondary</th></tr></thead><tbody>${schools.join('')}</tbody></table>`,
    [24],
  ),
];
