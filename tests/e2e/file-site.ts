import { createHash } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import { utils, write } from '@e965/xlsx';
import { zipOf } from '@granary/tabular/xlsx/zip';

/** A site of files of every format that sources of kind `files` and `html-tables` read, with ETags. */
export type FileSite = { url: string; asked: { path: string; status: number }[]; close(): void };

const CSV = 'Station;Level\nFaro;1,5\nLagos;2\nSines;3,25\n';
const rowsOf = (names: [string, string], count: number) => [
  names,
  ...Array.from({ length: count }, (_, i) => [`x${i}`, i * 1.5]),
];

const bookOf = (sheets: Record<string, unknown[][]>, bookType: 'xlsx' | 'biff8' | 'ods'): Buffer => {
  const book = utils.book_new();
  for (const [name, rows] of Object.entries(sheets))
    utils.book_append_sheet(book, utils.aoa_to_sheet(rows as never), name);
  return write(book, { type: 'buffer', bookType });
};

const zipped = async (name: string, content: string): Promise<Buffer> => {
  const chunks: Uint8Array[] = [];
  for await (const chunk of zipOf([{ name, content: [content] }])) chunks.push(chunk);
  return Buffer.concat(chunks);
};

const filesOf = async (): Promise<Record<string, Uint8Array>> => ({
  'levels.csv.gz': gzipSync(CSV),
  'three.xlsx': bookOf(
    { One: rowsOf(['a', 'b'], 3), Two: [...rowsOf(['c', 'd'], 4), [], ...rowsOf(['e', 'f'], 5)] },
    'xlsx',
  ),
  'old.xls': bookOf({ Old: rowsOf(['g', 'h'], 6) }, 'biff8'),
  'open.ods': bookOf({ Open: rowsOf(['i', 'j'], 7) }, 'ods'),
  'packed.zip': await zipped('levels.csv', CSV),
  'page.html': Buffer.from(
    '<html><table><tr><th>Ship</th><th>Tons</th></tr><tr><td>Nau</td><td>1.234,5</td></tr><tr><td>Barca</td><td>20</td></tr></table></html>',
  ),
});

export const serveFiles = async (): Promise<FileSite> => {
  const files = await filesOf();
  const asked: FileSite['asked'] = [];
  const server: Server = createServer((request, answer) => {
    const path = (request.url ?? '/').slice(1);
    const bytes = files[path];
    const etag = bytes && `"${createHash('sha256').update(bytes).digest('hex')}"`;
    const status = !etag ? 404 : request.headers['if-none-match'] === etag ? 304 : 200;
    asked.push({ path, status });
    answer.writeHead(status, etag ? { etag } : {}).end(status === 200 ? bytes : undefined);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    asked,
    close: () => void server.close(),
  };
};

const about = (id: string, kind: string) => `id: ${id}
kind: ${kind}
title: Port of ${id}
publisher: The port
theme: environment
tags: [port]
licence: { name: CC0-1.0, title: Public domain }
schedule: rate(1 day)
base_url: https://${id}.example/
requests_per_minute: 600
max_bytes: 10000000
`;
const declared = (ids: readonly string[]): string =>
  `datasets:\n${ids.map((id) => `  - { id: ${id}, title: ${id}, description: What the port publishes. }\n`).join('')}`;

/** The two sources of it, by the names of their files. */
export const SITE_SOURCES: Readonly<Record<string, string>> = {
  'harbour.yml': `${about('harbour', 'files')}config:
  files:
    - { dataset: harbour_levels, url: levels.csv.gz }
    - { dataset: harbour_three, url: three.xlsx }
    - { dataset: harbour_old, url: old.xls }
    - { dataset: harbour_open, url: open.ods }
    - { dataset: harbour_packed, url: packed.zip }
${declared(['harbour_levels', 'harbour_three', 'harbour_old', 'harbour_open', 'harbour_packed'])}`,
  'quay.yml': `${about('quay', 'html-tables')}config:
  pages:
    - { dataset: quay_ships, url: page.html }
${declared(['quay_ships'])}`,
};

/** What is to come of it: rows of each dataset. */
export const SITE_DATASETS: Readonly<Record<string, number>> = {
  harbour_levels: 3,
  harbour_old: 6,
  harbour_open: 7,
  harbour_packed: 3,
  harbour_three_one: 3,
  harbour_three_two_1: 4,
  harbour_three_two_2: 5,
  quay_ships: 2,
};
