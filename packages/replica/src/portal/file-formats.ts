/** The same rows in every format that Granary reads. */
import { gzipSync } from 'node:zlib';
import { parquetWriteBuffer } from 'hyparquet-writer';
import { zipOf } from '../town/archives.ts';
import { bookOf } from '../town/workbooks.ts';
import { HEADER, type ProvinceRow } from './province-rows.ts';

type Rows = readonly ProvinceRow[];
export type MadeFormat = {
  extension: string;
  /** As a listing writes it. */
  written: string;
  content_type: string;
  body(rows: Rows): Buffer;
};

/** A semicolon between cells, a comma before decimals: as French offices have it. */
const csvOf = (rows: Rows): string =>
  `${[HEADER, ...rows]
    .map((row) => row.map((cell, at) => (at === 5 ? String(cell).replace('.', ',') : cell)).join(';'))
    .join('\n')}\n`;

const recordsOf = (rows: Rows) => rows.map((row) => Object.fromEntries(HEADER.map((name, at) => [name, row[at]])));

const featuresOf = (rows: Rows) => ({
  type: 'FeatureCollection',
  features: recordsOf(rows).map((properties, n) => ({
    type: 'Feature',
    properties,
    geometry: { type: 'Point', coordinates: [-9 + (n % 12) * 0.25, 30 + Math.floor(n / 12) * 0.5] },
  })),
});

const escaped = (value: unknown): string => String(value).replaceAll('&', '&amp;').replaceAll('<', '&lt;');
const pageOf = (rows: Rows): string =>
  `<!doctype html><html lang="fr"><head><title>Tableau</title></head><body><table><thead><tr>${HEADER.map(
    (name) => `<th>${name}</th>`,
  ).join('')}</tr></thead><tbody>${rows
    .map((row) => `<tr>${row.map((cell) => `<td>${escaped(cell)}</td>`).join('')}</tr>`)
    .join('')}</tbody></table></body></html>\n`;

const parquetOf = (rows: Rows): Buffer =>
  Buffer.from(
    parquetWriteBuffer({
      columnData: HEADER.map((name, at) => ({
        name,
        data: rows.map((row) => row[at]),
        type: at === 3 || at === 4 ? ('INT32' as const) : at === 5 ? ('DOUBLE' as const) : ('STRING' as const),
      })),
    }),
  );

const text = (made: (rows: Rows) => string) => (rows: Rows) => Buffer.from(made(rows));
const book = (type: Parameters<typeof bookOf>[1]) => (rows: Rows) => bookOf({ Feuil1: [HEADER, ...rows] }, type);

const format = (extension: string, written: string, content_type: string, body: MadeFormat['body']): MadeFormat => ({
  ...{ extension, written, content_type, body },
});

export const CSV = format('csv', 'CSV', 'text/csv; charset=utf-8', text(csvOf));
export const GZIP = format('csv.gz', 'CSV.GZ', 'application/gzip', (rows) => gzipSync(csvOf(rows)));
export const ZIP = format('zip', 'ZIP', 'application/zip', (rows) => zipOf({ 'donnees.csv': CSV.body(rows) }));
export const XLSX = format(
  'xlsx',
  'XLSX',
  'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
  book('xlsx'),
);
export const XLS = format('xls', 'XLS', 'application/vnd.ms-excel', book('biff8'));
export const ODS = format('ods', 'ODS', 'application/vnd.oasis.opendocument.spreadsheet', book('ods'));
export const JSON_LIST = format(
  'json',
  'JSON',
  'application/json',
  text((rows) => JSON.stringify(recordsOf(rows))),
);
const GEOJSON = format(
  'geojson',
  'GeoJSON',
  'application/geo+json',
  text((rows) => JSON.stringify(featuresOf(rows))),
);
export const PAGE = format('html', 'HTML', 'text/html; charset=utf-8', text(pageOf));
export const PARQUET = format('parquet', 'Parquet', 'application/vnd.apache.parquet', parquetOf);

export const FILE_FORMATS = [
  CSV,
  XLSX,
  CSV,
  XLS,
  CSV,
  ODS,
  JSON_LIST,
  ZIP,
  GEOJSON,
  GZIP,
  XLSX,
  PAGE,
  PARQUET,
] as const;
