import { decoded } from '../../decoded.ts';

/** Formats as portals write them, and what of them is read. A file of one of these is fetched and looked into. */
const TABULAR: Readonly<Record<string, readonly string[]>> = {
  csv: ['csv', 'cvs', 'tsv', 'tab', 'txt', 'text', 'text/csv', 'text/plain', 'text/tab-separated-values'],
  xlsx: ['xlsx', 'xls', 'xlsm', 'xlsb', 'excel', 'ods', 'spreadsheet', 'application/vnd.ms-excel'],
  json: ['json', 'geojson', 'ndjson', 'jsonl', 'application/json', 'application/geo+json'],
  parquet: ['parquet', 'geoparquet'],
  zip: ['zip', 'gz', 'gzip', 'application/zip', 'application/x-zip-compressed', 'application/gzip'],
};

/** Formats that hold no table that is read here: what people call them. */
const OTHERS: readonly string[] = [
  ...['pdf', 'doc', 'docx', 'odt', 'rtf', 'ppt', 'pptx', 'odp', 'epub', 'html', 'htm', 'xhtml', 'php', 'aspx', 'xml'],
  ...[
    'rdf',
    'ttl',
    'owl',
    'n3',
    'sparql',
    'api',
    'rss',
    'atom',
    'wms',
    'wfs',
    'wmts',
    'wcs',
    'tms',
    'esri rest',
    'shp',
  ],
  ...['shapefile', 'kml', 'kmz', 'gml', 'gpkg', 'gdb', 'dxf', 'dwg', 'mbtiles', 'tif', 'tiff', 'geotiff', 'png', 'jpg'],
  ...[
    'jpeg',
    'gif',
    'svg',
    'webp',
    'bmp',
    'mp3',
    'mp4',
    'avi',
    'mov',
    'wav',
    'exe',
    'rar',
    '7z',
    'tar',
    'netcdf',
    'nc',
  ],
  ...['link', 'url', 'web page', 'website', 'text/html', 'application/pdf', 'application/msword', 'application/xml'],
];

const OFFICE: Readonly<Record<string, string>> = {
  'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet': 'xlsx',
  'application/vnd.oasis.opendocument.spreadsheet': 'ods',
  'application/vnd.openxmlformats-officedocument.wordprocessingml.document': 'docx',
};

/** `.CSV`, `CSV.` and ` csv ` are `csv`; of a media type its parameters go. */
const plain = (format: string): string => {
  const text = format
    .toLowerCase()
    .replace(/;.*$/, '')
    .trim()
    .replace(/^[.*]+|\.+$/g, '')
    .trim();
  return OFFICE[text] ?? text;
};

const familyOf = (format: string): string | undefined =>
  Object.entries(TABULAR).find(([, written]) => written.includes(format))?.[0];

/** Names that a format is shown by; what else means the same is shown as its family: `cvs` as `csv`. */
const SHOWN: ReadonlySet<string> = new Set(
  'csv tsv txt xlsx xls xlsm xlsb ods json geojson ndjson jsonl parquet'.split(' '),
);

/** What a portal's word for a format is shown as; undefined where it names none that holds tables. */
export const shownFormat = (format: string): string | undefined => {
  const written = wordsOf(format);
  return written.find((word) => SHOWN.has(word)) ?? written.map(familyOf).find((one) => one !== undefined);
};

/** `zip+csv`, `CSV/ZIP`: each of its words counts. */
const wordsOf = (format: string): string[] => {
  const written = plain(format);
  return [written, ...written.split(/[+/,\s]+/)].filter((word) => word !== '');
};

/** The ending of the name of the file that an address is of. */
const endingOf = (url: string): string => {
  const name = URL.canParse(url) ? decoded(new URL(url).pathname.split('/').at(-1)!) : '';
  return /\.([a-z0-9]{1,8})$/i.exec(name)?.[1]?.toLowerCase() ?? '';
};

/** What may come of a resource by what is written of its format: undefined where it is to be fetched. */
export const leftOutBy = (
  format: string,
  url: string,
  wanted: readonly string[] | undefined,
): { state: 'refused' | 'excluded'; reason: string } | undefined => {
  const written = plain(format);
  const words = wordsOf(format);
  const ending = endingOf(url);
  const family = words.map(familyOf).find((one) => one !== undefined) ?? familyOf(ending);
  const says = written === '' || written === 'application/octet-stream' ? ending : written;
  if (family === undefined && OTHERS.includes(says)) {
    const by = says === ending && says !== written ? 'The name of its file ends in' : 'Its format is';
    return { state: 'refused', reason: `${by} ${says.toUpperCase()}, of which no tables are read.` };
  }
  const taken = wanted?.map(plain);
  if (!taken || [...words, ending, family].some((one) => one !== undefined && taken.includes(one))) return undefined;
  const what = says === '' ? 'It has no format' : `Its format is ${says.toUpperCase()}`;
  return { state: 'excluded', reason: `${what}; of this source only ${wanted!.join(', ')} is taken.` };
};
