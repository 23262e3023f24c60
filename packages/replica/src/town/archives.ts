/** The office's archives: gzip data and ZIP archives. */
import { gzipSync } from 'node:zlib';
import { csvOf, DISTRICTS, quotedFor, rowsOf } from './made-rows.ts';
import { fileOf, type TownFile } from './town-file.ts';
import { compoundFiles } from './workbooks.ts';

export const zipOf = (members: Readonly<Record<string, Buffer>>): Buffer => {
  const files = compoundFiles();
  const archive = files.utils.cfb_new();
  for (const [name, content] of Object.entries(members)) files.utils.cfb_add(archive, `/${name}`, content);
  return Buffer.from(files.write(archive, { type: 'buffer', fileType: 'zip', compression: true }) as Uint8Array);
};

const spending = (key: string): Buffer => Buffer.from(csvOf(rowsOf(key)));
const staff = (): Buffer =>
  Buffer.from(`name,posts\n${DISTRICTS.map((district, n) => `${quotedFor(',')(district)},${12 + n}`).join('\n')}\n`);

const gzipped = fileOf('application/gzip');
const zipped = fileOf('application/zip');

/** More than a source takes, in a thousandth of it. */
const BOMB_BYTES = 2 ** 26;

export const ARCHIVES: readonly TownFile[] = [
  gzipped('spending.csv.gz', 'gzip data', () => gzipSync(spending('gz')), { rows: [48] }),
  zipped(
    'spending-and-staff.zip',
    'a ZIP archive of two files and a page about them',
    () =>
      zipOf({ 'spending.csv': spending('zip'), 'staff.csv': staff(), 'about.pdf': Buffer.from('%PDF-1.4 nothing') }),
    { rows: [12, 48] },
  ),
  zipped(
    'nested.zip',
    'a ZIP archive in a ZIP archive',
    () => zipOf({ 'inner.zip': zipOf({ 'spending.csv': spending('nested') }) }),
    { refused: /^The ZIP archive holds no table/ },
  ),
  gzipped('bomb.csv.gz', '64 MiB of blanks as gzip data', () => gzipSync(Buffer.alloc(BOMB_BYTES, ' '), { level: 9 }), {
    refused: /longer than|larger than/,
  }),
];
