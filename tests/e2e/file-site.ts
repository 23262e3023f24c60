import { createHash } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import { utils, write } from '@e965/xlsx';
import { pagedApi } from '@granary/sources/kinds/json-api/testing/paged-api';
import { zipOf } from '@granary/tabular/xlsx/zip';
import { parquetWriteBuffer } from 'hyparquet-writer';

/**
 * A site of files of every format that sources of kind `files`, `html-tables` and `json-api` read, and an API that
 * gives five records in three pages, with ETags.
 */
export type FileSite = {
  url: string;
  asked: { path: string; status: number }[];
  /** From now on the files of the wharf have a column more. */
  widen(): void;
  close(): void;
};

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

const pageOfShips = (names: readonly string[], next: string | null): Uint8Array =>
  Buffer.from(JSON.stringify({ next, ships: names.map((name, at) => ({ name, tons: 10 * (at + 1) })) }));

/** Three files of the same content, whose contracts differ. */
const WHARF = ['evolves', 'freezes', 'discards'];
const wharfFiles = (lines: readonly string[]): Record<string, Uint8Array> =>
  Object.fromEntries(WHARF.map((name) => [`${name}.csv`, Buffer.from(`${lines.join('\n')}\n`)]));
const NARROW = ['berth,depth', 'A,4', 'B,5', 'C,6'];
const WIDE = ['berth,depth,length', 'A,4,120', 'B,5,90', 'C,6,200'];

const filesOf = async (): Promise<Record<string, Uint8Array>> => ({
  ...wharfFiles(NARROW),
  'rescued.csv': Buffer.from('berth,depth\nA,4\nB,unknown depth\nC,6\n'),
  'plain.csv': Buffer.from(CSV),
  // Its delimiter of two characters is read by csv-parse.
  'bars.csv': Buffer.from('Station||Level||Since\nFaro||1.5||2001\nLagos||2.25||2002\nSines||3.5||2003\n'),
  ships: pageOfShips(['Nau', 'Barca'], 'ships?page=2'),
  'ships?page=2': pageOfShips(['Caravela'], null),
  'levels.csv.gz': gzipSync(CSV),
  'three.xlsx': bookOf(
    { One: rowsOf(['a', 'b'], 3), Two: [...rowsOf(['c', 'd'], 4), [], ...rowsOf(['e', 'f'], 5)] },
    'xlsx',
  ),
  'old.xls': bookOf({ Old: rowsOf(['g', 'h'], 6) }, 'biff8'),
  'open.ods': bookOf({ Open: rowsOf(['i', 'j'], 7) }, 'ods'),
  'packed.zip': await zipped('levels.csv', CSV),
  'log.ndjson.gz': gzipSync(
    '{"at":"2026-01-01T10:00:00Z","by":{"ship":"Nau"}}\n{"at":"2026-01-02T11:00:00Z","by":{"ship":"Barca"}}\n',
  ),
  'places.geojson': Buffer.from(
    JSON.stringify({
      type: 'FeatureCollection',
      features: [
        [-7.93, 37.02],
        [-8.67, 37.1],
      ].map((coordinates, id) => ({
        ...{ type: 'Feature', id, properties: { name: `Pier ${id}` }, geometry: { type: 'Point', coordinates } },
      })),
    }),
  ),
  'index.html': Buffer.from(
    '<html><a href="berths.0123abcd.parquet?v=1">Berths</a> <a href="about.pdf">About</a></html>',
  ),
  'berths.0123abcd.parquet?v=1': new Uint8Array(
    parquetWriteBuffer({
      columnData: [
        { name: 'Berth', data: ['A', 'B', 'C'], type: 'STRING' },
        { name: 'Depth', data: [1.5, null, 3], type: 'DOUBLE' },
      ],
    }),
  ),
  'rain-2019.csv': Buffer.from(CSV),
  'page.html': Buffer.from(
    '<html><table><tr><th>Ship</th><th>Tons</th></tr><tr><td>Nau</td><td>1.234,5</td></tr><tr><td>Barca</td><td>20</td></tr></table></html>',
  ),
});

const SHIPS = ['Nau', 'Barca', 'Lugre', 'Cutter', 'Brigue'].map((name, id) => ({ id, hull: { name } }));

export const serveFiles = async (): Promise<FileSite> => {
  const files = await filesOf();
  const asked: FileSite['asked'] = [];
  const server: Server = createServer((request, answer) => {
    const path = (request.url ?? '/').slice(1);
    const api = files[path] ? undefined : pagedApi(SHIPS, new URL(path, `http://${request.headers.host}`).href);
    const bytes = files[path] ?? (api?.status === 200 ? Buffer.from(api.body) : undefined);
    const etag = bytes && `"${createHash('sha256').update(bytes).digest('hex')}"`;
    const status = !etag ? 404 : request.headers['if-none-match'] === etag ? 304 : 200;
    asked.push({ path, status });
    answer.writeHead(status, { ...api?.headers, ...(etag && { etag }) }).end(status === 200 ? bytes : undefined);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    asked,
    widen: () => void Object.assign(files, wharfFiles(WIDE)),
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

/** The sources of it, by the names of their files. */
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
  'pier.yml': `${about('pier', 'json-api')}config:
  resources:
    - { dataset: pier_page, url: page, records: '$.items[*]', paging: { by: page, parameter: page } }
    - { dataset: pier_offset, url: 'offset?limit=2', records: '$.data.rows[*]', paging: { by: offset, parameter: offset } }
    - { dataset: pier_cursor, url: cursor, records: '$.items[*]', paging: { by: cursor, parameter: after, path: $.meta.next } }
    - { dataset: pier_link, url: link, records: '$[*]', paging: { by: link, etag_covers_all: true } }
    - { dataset: pier_places, url: places.geojson }
    - { dataset: pier_log, url: log.ndjson.gz }
${declared(['pier_page', 'pier_offset', 'pier_cursor', 'pier_link', 'pier_places', 'pier_log'])}`,
  'basin.yml': `${about('basin', 'files')}config:
  files:
    - { dataset: basin_rain, url: 'rain-{year}.csv', years: { from: 2019, to: 2020 } }
  links:
    - { dataset: basin_list, page: index.html, matching: '*.parquet' }
${declared(['basin_rain'])}`,
  'wharf.yml': `${about('wharf', 'files')}config:
  files:
${WHARF.map((name) => `    - { dataset: wharf_${name}, url: ${name}.csv }`).join('\n')}
    - { dataset: wharf_rescued, url: rescued.csv }
datasets:
  - { id: wharf_evolves, title: Evolves, description: New columns come. }
  - { id: wharf_freezes, title: Freezes, description: New columns are held., contract: { new_columns: freeze } }
  - { id: wharf_discards, title: Discards, description: New columns are left out., contract: { new_columns: discard } }
  - id: wharf_rescued
    title: Rescued
    description: Depths by berth.
    fields: [{ name: depth, type: int32, nullable: true }]
`,
};

/** The files that are not asked for again once they were read; the first page of the API stands for all by `link`. */
export const isUnchanged = (path: string): boolean =>
  !/^(index\.html|rain-2020\.csv|page\?|offset\?|cursor|ships)/.test(path);

/** What is to come of it: rows of each dataset. */
export const SITE_DATASETS: Readonly<Record<string, number>> = {
  harbour_levels: 3,
  wharf_evolves: 3,
  wharf_freezes: 3,
  wharf_discards: 3,
  wharf_rescued: 2,
  harbour_old: 6,
  harbour_open: 7,
  harbour_packed: 3,
  harbour_three_one: 3,
  harbour_three_two_1: 4,
  harbour_three_two_2: 5,
  quay_ships: 2,
  pier_page: 5,
  pier_offset: 5,
  pier_cursor: 5,
  pier_link: 5,
  pier_places: 2,
  pier_log: 2,
  basin_rain_2019: 3,
  basin_list_berths: 3,
};

/** What becomes of an address of it alone, with `granary add`: rows of each dataset. */
export const SITE_ADDRESSES: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  'plain.csv': { plain_data: 3 },
  'bars.csv': { bars_data: 3 },
  'levels.csv.gz': { levels_data: 3 },
  'three.xlsx': { three_data_one: 3, three_data_two_1: 4, three_data_two_2: 5 },
  'old.xls': { old_data: 6 },
  'open.ods': { open_data: 7 },
  'packed.zip': { packed_data: 3 },
  'page.html': { page_data: 2 },
  ships: { ships_data: 3 },
};
