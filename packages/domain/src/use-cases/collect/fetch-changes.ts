import { createHash, randomUUID } from 'node:crypto';
import { closeSync, createReadStream, createWriteStream, openSync, writeSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { type Incremental, type KnownRecord, RECORD_MARK, type RecordProgress } from '../../changed-records.ts';
import type { RawObject } from '../../dataset.ts';
import { RefusedContent } from '../../errors.ts';
import type { Fetched } from '../../ports/collecting.ts';
import type { ObjectStore } from '../../ports/object-store.ts';
import { openResourceFile } from './resource-file.ts';

export type FetchChangesDeps = { objects: Pick<ObjectStore, 'get'>; tmpdir: string };

export type ChangesQuestion = {
  incremental: Incremental;
  url: string;
  max_bytes: number;
  /** What the latest version was made of, by the same parser and from the same address. */
  previous: RawObject | undefined;
  /** Fetches what an address answers, with all of its pages. */
  fetch(url: string): Promise<Fetched>;
};

/** Records that have changed are held in memory. */
const MOST_CHANGED_BYTES = 200_000_000;

/**
 * Asks for the records that have changed since the latest version, and puts them into the file that it was made of: a
 * record that is the same stays where it is, one that has changed replaces the one of its key, new ones come last.
 * Where nothing has changed, the bytes are those of before. Without an earlier version, everything is asked for.
 */
export const fetchChanges =
  ({ objects, tmpdir }: FetchChangesDeps) =>
  async ({ incremental, url, max_bytes, previous, fetch }: ChangesQuestion): Promise<Fetched> => {
    const before = join(tmpdir, `granary-before-${randomUUID()}`);
    const target = join(tmpdir, `granary-changes-${randomUUID()}`);
    let fetched: Fetched | undefined;
    try {
      const progress = previous && (await readPrevious(objects, incremental, previous, before));
      fetched = await fetch(progress ? incremental.addressSince(url, progress) : url);
      if (fetched.status === 'not-modified') throw new Error('It was not modified, and nobody had asked whether');
      const changed = await changedRecords(incremental, fetched.path);
      const merged = await merge(incremental, progress ? before : undefined, changed, { target, max_bytes });
      return { ...fetched, ...merged, path: target, etag: null, last_modified: null };
    } catch (error) {
      await rm(target, { force: true });
      throw error;
    } finally {
      await rm(before, { force: true });
      if (fetched?.status === 'fetched') await rm(fetched.path, { force: true });
    }
  };

/** The records before, written to a file, and how far they are; undefined where they are of another form. */
const readPrevious = async (
  objects: FetchChangesDeps['objects'],
  incremental: Incremental,
  { key }: RawObject,
  path: string,
): Promise<RecordProgress | undefined> => {
  const packed = await objects.get(key);
  if (!packed) return undefined;
  await pipeline(Readable.from([packed]), createGunzip(), createWriteStream(path));
  let most: RecordProgress | undefined;
  for await (const line of linesOf(path)) {
    if (!line.startsWith(RECORD_MARK)) return undefined;
    most = later(most, incremental.known(line.slice(1)).progress);
  }
  return most;
};

/** Node's own reader of lines also ends them at U+2028, which stands in texts. */
async function* linesOf(path: string): AsyncGenerator<string> {
  let held: Buffer[] = [];
  for await (const chunk of createReadStream(path) as AsyncIterable<Buffer>) {
    let from = 0;
    for (let end = chunk.indexOf(0x0a); end >= 0; end = chunk.indexOf(0x0a, from)) {
      yield Buffer.concat([...held, chunk.subarray(from, end)]).toString();
      held = [];
      from = end + 1;
    }
    if (from < chunk.length) held.push(chunk.subarray(from));
  }
}

const later = (most: RecordProgress | undefined, one: RecordProgress | null): RecordProgress | undefined => {
  if (!one) return most;
  if (most && most.of !== one.of)
    throw new RefusedContent(`What grows when a record changes is a number in some of them, and a moment in others.`);
  return !most || one.value > most.value ? one : most;
};

/** By key; of a record that comes twice, the one that is further. */
const changedRecords = async (incremental: Incremental, path: string): Promise<Map<string, KnownRecord>> => {
  const changed = new Map<string, KnownRecord>();
  let bytes = 0;
  const file = openResourceFile(path);
  try {
    await incremental.eachRecord(file, (text) => {
      const record = incremental.known(text);
      const known = changed.get(record.key);
      if (known?.progress && record.progress && known.progress.value > record.progress.value) return;
      changed.set(record.key, record);
      bytes += record.line.length;
      if (bytes > MOST_CHANGED_BYTES)
        throw new RefusedContent(
          `More than ${MOST_CHANGED_BYTES} characters of records have changed, and they are held in memory.`,
        );
    });
    return changed;
  } finally {
    file.close();
  }
};

const merge = async (
  incremental: Incremental,
  before: string | undefined,
  changed: Map<string, KnownRecord>,
  { target, max_bytes }: { target: string; max_bytes: number },
): Promise<{ bytes: number; sha256: string }> => {
  const hash = createHash('sha256');
  const file = openSync(target, 'w');
  let bytes = 0;
  const write = (line: string): void => {
    const text = Buffer.from(`${RECORD_MARK}${line}\n`);
    bytes += text.length;
    if (bytes > max_bytes)
      throw new RefusedContent(`All records together have more than ${max_bytes} bytes (max_bytes).`);
    hash.update(text);
    writeSync(file, text);
  };
  try {
    if (before !== undefined) {
      for await (const marked of linesOf(before)) {
        const line = marked.slice(1);
        const record = changed.get(incremental.known(line).key);
        if (record && record.line !== line) continue;
        write(line);
        if (record) changed.delete(record.key);
      }
    }
    for (const { line } of changed.values()) write(line);
    return { bytes, sha256: hash.digest('hex') };
  } finally {
    closeSync(file);
  }
};
