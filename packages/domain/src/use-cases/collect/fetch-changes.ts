import { createHash, randomUUID } from 'node:crypto';
import { closeSync, createReadStream, openSync, writeSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { linesOf } from '@granary/tabular/lines-of';
import { type Incremental, type KnownRecord, RECORD_MARK, type RecordProgress } from '../../changed-records.ts';
import type { RawObject } from '../../dataset.ts';
import { NotReadBack, RefusedContent } from '../../errors.ts';
import type { Fetched } from '../../ports/collecting.ts';
import type { ObjectReader } from '../../ports/object-store.ts';
import { openResourceFile } from './resource-file.ts';
import { unpackRaw } from './stored-resource.ts';

export type FetchChangesDeps = { objects: Pick<ObjectReader, 'head' | 'getRange'>; tmpdir: string };

export type ChangesQuestion = {
  incremental: Incremental;
  /** All records are asked for, and those that do not come are left out: the API has deleted them. */
  whole: boolean;
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
 * record that is the same, or is further there, stays where it is, one that has changed replaces the one of its key,
 * new ones come last. Where nothing has changed, the bytes are those of before. Without an earlier version whose
 * records can be known again, everything is asked for.
 */
export const fetchChanges =
  ({ objects, tmpdir }: FetchChangesDeps) =>
  async ({ incremental, whole, url, max_bytes, previous, fetch }: ChangesQuestion): Promise<Fetched> => {
    const path = join(tmpdir, `granary-before-${randomUUID()}`);
    const target = join(tmpdir, `granary-changes-${randomUUID()}`);
    let fetched: Fetched | undefined;
    try {
      const before = previous && (await readPrevious(objects, incremental, previous, path));
      fetched = await fetch(before && !whole ? incremental.addressSince(url, before.progress) : url);
      if (fetched.status === 'not-modified') throw new Error('It was not modified, and nobody had asked whether');
      const changed = await changedRecords(incremental, fetched.path);
      const merged = await merge(before, changed, { whole, target, max_bytes });
      return { ...fetched, ...merged, path: target, etag: null, last_modified: null };
    } catch (error) {
      await rm(target, { force: true });
      throw error;
    } finally {
      await rm(path, { force: true });
      if (fetched?.status === 'fetched') await rm(fetched.path, { force: true });
    }
  };

type Previous = {
  /** Of the record that is furthest. */
  progress: RecordProgress;
  records(): AsyncGenerator<KnownRecord>;
};

/**
 * The records before, which are written to a file. Undefined where all have to be asked for: they are of another form,
 * cannot be known again (the names of their key may have changed), or are no longer kept as they were fetched.
 */
const readPrevious = async (
  objects: FetchChangesDeps['objects'],
  incremental: Incremental,
  raw: RawObject,
  path: string,
): Promise<Previous | undefined> => {
  const fetched_at = BigInt(Date.parse(raw.fetched_at));
  const records = async function* (): AsyncGenerator<KnownRecord> {
    for await (const line of linesOf(createReadStream(path))) {
      if (!line.startsWith(RECORD_MARK)) throw new RefusedContent('The file before is no list of records.');
      const record = incremental.known(line.slice(1));
      yield isAhead(record.progress, fetched_at) ? { ...record, progress: null } : record;
    }
  };
  try {
    await unpackRaw(objects, raw, path);
    let most: RecordProgress | null = null;
    for await (const { progress } of records()) most = later(most, progress);
    return most ? { progress: most, records } : undefined;
  } catch (error) {
    if (error instanceof RefusedContent || error instanceof NotReadBack) return undefined;
    throw error;
  }
};

/**
 * Later than when it was fetched: a slip of whoever wrote it. If changes were asked for since then, there would be none
 * for years.
 */
const isAhead = (progress: RecordProgress | null, fetched_at: bigint): boolean =>
  progress?.of === 'moments' && progress.value > fetched_at;

const later = (most: RecordProgress | null, one: RecordProgress | null): RecordProgress | null => {
  if (most && one && most.of !== one.of)
    throw new RefusedContent(`What grows when a record changes is a number in some of them, and a moment in others.`);
  return isFurther(one, most) ? one : most;
};

/** Both must say how far they are, and in the same way; anything is further than nothing. */
const isFurther = (one: RecordProgress | null, than: RecordProgress | null): boolean =>
  one !== null && (than === null || (one.of === than.of && one.value > than.value));

/** By key; of a record that comes twice, the one that is further. */
const changedRecords = async (incremental: Incremental, path: string): Promise<Map<string, KnownRecord>> => {
  const changed = new Map<string, KnownRecord>();
  let most: RecordProgress | null = null;
  let bytes = 0;
  const file = openResourceFile(path);
  try {
    await incremental.eachRecord(file, (text) => {
      const record = incremental.known(text);
      most = later(most, record.progress);
      const known = changed.get(record.key);
      if (known && record.progress && isFurther(known.progress, record.progress)) return;
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
  before: Previous | undefined,
  changed: Map<string, KnownRecord>,
  { whole, target, max_bytes }: { whole: boolean; target: string; max_bytes: number },
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
    if (before) {
      for await (const { key, line, progress } of before.records()) {
        const record = changed.get(key);
        if (whole && !record) continue;
        const isOlder = record?.progress && isFurther(progress, record.progress);
        if (record && record.line !== line && !isOlder) continue;
        write(line);
        changed.delete(key);
      }
    }
    for (const { line } of changed.values()) write(line);
    return { bytes, sha256: hash.digest('hex') };
  } finally {
    closeSync(file);
  }
};
