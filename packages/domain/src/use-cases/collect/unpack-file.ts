import { createReadStream, createWriteStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { type Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { promisify } from 'node:util';
import { createGunzip } from 'node:zlib';
import { type Entry, open, type ZipFile } from 'yauzl';
import { RefusedContent } from '../../errors.ts';
import { openResourceFile } from './resource-file.ts';

/** A file to read; of an archive, with its name in it. */
export type UnpackedFile = { path: string; name?: string };
/** `skipped`: names of members that hold no tables, by their endings. */
export type Unpacked = { files: readonly UnpackedFile[]; skipped: readonly string[] };

/** Members of one archive. */
const MOST_MEMBERS = 300;
/** Endings of what may hold tables. */
const TABLES = /\.(csv|tsv|tab|txt|xlsx|xlsm|xlsb|xls|ods|parquet|json|ndjson|geojson|html?)$/i;
const GZIP = [0x1f, 0x8b];
const ZIP = [0x50, 0x4b, 0x03, 0x04];

/**
 * What is inside a file: itself, unless it is gzip data or a ZIP archive (a workbook is none). What is unpacked lies in
 * `folder`, made when it is asked for, and has `max_bytes` at most, all members together. Throws RefusedContent for
 * what is damaged, encrypted, too large, or an archive inside an archive.
 */
export const unpackFile = async (path: string, folder: () => Promise<string>, max_bytes: number): Promise<Unpacked> => {
  if (beginsWith(path, GZIP)) {
    const target = join(await folder(), 'unpacked');
    await writeAtMost(createReadStream(path), target, max_bytes, 'gzip data', createGunzip());
    if (beginsWith(target, GZIP) || (await isArchive(target)))
      throw new RefusedContent(
        'The file is an archive inside gzip data. Only one layer is unpacked; name the inner file.',
      );
    return { files: [{ path: target }], skipped: [] };
  }
  if (!(await isArchive(path))) return { files: [{ path }], skipped: [] };
  return unzip(path, await folder(), max_bytes);
};

const beginsWith = (path: string, signature: readonly number[]): boolean => {
  const file = openResourceFile(path);
  try {
    const head = file.read(0, signature.length);
    return signature.every((byte, at) => head[at] === byte);
  } finally {
    file.close();
  }
};

/** Whether a file is a ZIP archive of files, and not one workbook. */
const isArchive = async (path: string): Promise<boolean> => {
  if (!beginsWith(path, ZIP)) return false;
  return withZip(path, async (zip) => {
    const entries = await entriesOf(zip);
    if (!entries.some(({ fileName }) => /^(\[Content_Types\]\.xml|mimetype)$/.test(fileName))) return true;
    await refuseBomb(zip, entries);
    return false;
  });
};

/** A workbook is inflated whole when it is read. Its sizes may lie, so its members are inflated here at first. */
const MOST_WORKBOOK_BYTES = 400_000_000;

const refuseBomb = async (zip: ZipFile, entries: readonly Entry[]): Promise<void> => {
  let bytes = 0;
  for (const entry of entries) {
    for await (const chunk of await streamOf(zip, entry)) {
      bytes += chunk.length;
      if (bytes > MOST_WORKBOOK_BYTES)
        throw new RefusedContent(
          `Unpacked, the workbook has more than ${MOST_WORKBOOK_BYTES} bytes. Publish its sheets as CSV.`,
        );
    }
  }
};

const streamOf = (zip: ZipFile, entry: Entry): Promise<Readable> =>
  promisify<Entry, Readable>(zip.openReadStream.bind(zip) as never)(entry);

const openZip = promisify<string, { lazyEntries: boolean; autoClose: boolean }, ZipFile>(open as never);

/** Opens an archive for as long as `use` takes. */
const withZip = async <T>(path: string, use: (zip: ZipFile) => Promise<T>): Promise<T> => {
  let zip: ZipFile | undefined;
  try {
    zip = await openZip(path, { lazyEntries: true, autoClose: false });
    return await use(zip);
  } catch (error) {
    if (error instanceof RefusedContent || 'code' in (error as object)) throw error;
    throw new RefusedContent(`The file is a damaged ZIP archive (${(error as Error).message}).`);
  } finally {
    zip?.close();
  }
};

const entriesOf = (zip: ZipFile): Promise<Entry[]> =>
  new Promise((resolve, reject) => {
    const entries: Entry[] = [];
    zip.on('error', reject);
    zip.on('end', () => resolve(entries));
    zip.on('entry', (entry: Entry) => {
      entries.push(entry);
      if (entries.length > MOST_MEMBERS * 100)
        reject(new RefusedContent(`The ZIP archive has ${zip.entryCount} members; at most ${MOST_MEMBERS} are read.`));
      else zip.readEntry();
    });
    zip.readEntry();
  });

const unzip = (path: string, folder: string, max_bytes: number): Promise<Unpacked> =>
  withZip(path, async (zip) => {
    const entries = (await entriesOf(zip)).filter(({ fileName }) => !/\/$|(^|\/)(\.|__MACOSX\/)/.test(fileName));
    const tables = entries.filter(({ fileName }) => TABLES.test(fileName));
    const names = entries.map(({ fileName }) => fileName);
    if (tables.length === 0) throw new RefusedContent(`The ZIP archive holds no table: ${listed(names)}.`);
    if (tables.length > MOST_MEMBERS)
      throw new RefusedContent(`The ZIP archive has ${tables.length} files; at most ${MOST_MEMBERS} are read.`);
    const locked = tables.find((entry) => (entry.generalPurposeBitFlag & 1) !== 0);
    if (locked)
      throw new RefusedContent(`'${locked.fileName}' in the ZIP archive is encrypted. Publish it without a password.`);
    const files: UnpackedFile[] = [];
    let left = max_bytes;
    for (const [index, entry] of tables.entries()) {
      const target = join(folder, `member-${index}`);
      left -= await writeAtMost(await streamOf(zip, entry), target, left, `'${entry.fileName}'`);
      if (beginsWith(target, GZIP) || (await isArchive(target)))
        throw new RefusedContent(`'${entry.fileName}' is an archive inside an archive. Only one layer is unpacked.`);
      files.push({ path: target, name: entry.fileName });
    }
    const common = files.length === 1 ? '' : commonFolder(tables.map(({ fileName }) => fileName));
    return {
      files: files.map(({ path: at, name }) => ({ path: at, name: name!.slice(common.length) })),
      skipped: names.filter((name) => !TABLES.test(name)),
    };
  });

/** `data/2020/` of `data/2020/a.csv` and `data/2020/b.csv`. */
const commonFolder = (names: readonly string[]): string => {
  const folders = names.map((name) => name.slice(0, name.length - basename(name).length));
  let common = folders[0] ?? '';
  while (!folders.every((folder) => folder.startsWith(common)))
    common = common.slice(0, common.lastIndexOf('/', common.length - 2) + 1);
  return common;
};

const listed = (names: readonly string[]): string =>
  names.length === 0 ? 'it is empty' : `${names.slice(0, 10).join(', ')}${names.length > 10 ? ', …' : ''}`;

/** Writes a stream to a file. Gives its bytes. Throws RefusedContent beyond the limit, and for damaged data. */
const writeAtMost = async (
  source: Readable,
  target: string,
  limit: number,
  what: string,
  ...through: Transform[]
): Promise<number> => {
  let bytes = 0;
  const counting = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      bytes += chunk.length;
      if (bytes > limit)
        done(
          new RefusedContent(
            `Unpacked, ${what} is larger than its source may send (max_bytes; ${limit} bytes are left).`,
          ),
        );
      else done(null, chunk);
    },
  });
  try {
    await pipeline([source, ...through, counting, createWriteStream(target)]);
    return bytes;
  } catch (error) {
    await rm(target, { force: true });
    const { code, message } = error as NodeJS.ErrnoException;
    if (
      error instanceof RefusedContent ||
      (code !== undefined && !code.startsWith('Z_') && code !== 'ERR_STREAM_PREMATURE_CLOSE')
    )
      throw error;
    throw new RefusedContent(`The file is damaged: ${what} cannot be unpacked (${message}).`);
  }
};
