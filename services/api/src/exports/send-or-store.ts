import { hash, randomUUID } from 'node:crypto';
import { readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BoundedMap } from '@granary/domain/bounded-map';
import type { ObjectStore } from '@granary/domain/ports/object-store';
import { fileSink } from '@granary/tabular/sink';

/** Lambda takes answers of 6 MB, and bytes travel as base64: 4 MiB are 5.6 MB then. */
export const MOST_SENT_BYTES = 4 * 2 ** 20;
/** What fits a function's /tmp besides others. */
const MOST_STORED_BYTES = 400 * 2 ** 20;
const EXPIRES_S = 900;
const MOST_KNOWN = 1000;
/** Objects of this age are written anew: the bucket deletes them when they are a day old. */
const FRESH_MS = 20 * 3600_000;

const FILE = 'granary-export-';
/** Longer than anything is written or sent. */
const ABANDONED_MS = 5 * 60_000;

/** Bytes that are made as they are asked for; `rows()` says how many rows are in those that have been. */
export type Encoded = { chunks: AsyncIterable<Uint8Array>; rows(): number };

export type Stored = { location: string; rows: number; bytes: number; sha256: string; expires_at: string };
export type Sent = { body: Uint8Array; rows: number };

export type ExportFile = {
  /** Names the contents: equal names, equal bytes. */
  content: string;
  filename: string;
  content_type: string;
  /** It is stored however small it is. */
  always?: boolean;
};

export type SendOrStore = {
  (make: () => Encoded, file: ExportFile & { always: true }): Promise<Stored>;
  (make: () => Encoded, file: ExportFile): Promise<Sent | Stored>;
};

/**
 * Gathers an answer; one that is too big to be sent is written to the store instead, once, where it can be had for a
 * quarter of an hour and is deleted after a day. Memory does not grow with it: it goes through a file.
 */
export const makeSendOrStore = ({
  objects,
  folder,
  now,
  tooBig,
  most_bytes = MOST_STORED_BYTES,
}: {
  objects: Pick<ObjectStore, 'head' | 'presign' | 'putFile'>;
  /** Below `exports/`: each function may read and write its own only (config/grants.ts). */
  folder: 'records' | 'diffs';
  now: () => number;
  /** What is thrown for an answer that is larger than `most`, such as `400 MiB`. */
  tooBig: (most: string) => Error;
  most_bytes?: number;
}): SendOrStore => {
  /** Contents that were too big lately: what is stored of them is then looked for before anything is made. */
  const big = new BoundedMap<string, true>(MOST_KNOWN);

  const existing = async (key: string, file: ExportFile): Promise<Stored | undefined> => {
    const head = await objects.head(key);
    if (!head || now() - Date.parse(head.last_modified) > FRESH_MS) return undefined;
    const { rows, sha256 } = head.metadata;
    return { rows: Number(rows), bytes: head.bytes, sha256, ...(await signed(key, file)) };
  };
  const signed = async (key: string, { filename, content_type }: ExportFile) => ({
    location: await objects.presign(key, { expires_s: EXPIRES_S, filename, content_type }),
    expires_at: new Date(now() + EXPIRES_S * 1000).toISOString(),
  });

  const sendOrStore = async (make: () => Encoded, file: ExportFile): Promise<Sent | Stored> => {
    const key = `exports/${folder}/${hash('sha256', file.content, 'hex')}${/\.\w+$/.exec(file.filename)?.[0] ?? ''}`;
    if (file.always || big.has(key)) {
      const stored = await existing(key, file);
      if (stored) return stored;
    }
    const { chunks, rows } = make();
    const gathered: Uint8Array[] = [];
    let bytes = 0;
    const rest = chunks[Symbol.asyncIterator]();
    const next = async (): Promise<Uint8Array | undefined> => {
      const { done, value } = await rest.next();
      return done ? undefined : value;
    };
    for (let chunk = await next(); chunk; chunk = await next()) {
      gathered.push(chunk);
      bytes += chunk.length;
      if (bytes <= MOST_SENT_BYTES) continue;
      if (file.always) break;
      const known = big.has(key) ? undefined : await existing(key, file);
      big.set(key, true);
      if (!known) return { ...(await store(key, gathered, next, rows)), ...(await signed(key, file)) };
      await rest.return?.();
      return known;
    }
    if (file.always) return { ...(await store(key, gathered, next, rows)), ...(await signed(key, file)) };
    return { body: Buffer.concat(gathered), rows: rows() };
  };
  return sendOrStore as SendOrStore;

  async function store(
    key: string,
    gathered: readonly Uint8Array[],
    next: () => Promise<Uint8Array | undefined>,
    rows: () => number,
  ): Promise<{ rows: number; bytes: number; sha256: string }> {
    await forgetAbandoned();
    const path = join(tmpdir(), `${FILE}${randomUUID()}`);
    const sink = fileSink(path);
    try {
      let bytes = 0;
      const write = (chunk: Uint8Array): void => {
        bytes += chunk.length;
        if (bytes > most_bytes) throw tooBig(`${Math.floor(most_bytes / 2 ** 20)} MiB`);
        sink.write(chunk);
      };
      for (const chunk of gathered) write(chunk);
      for (let chunk = await next(); chunk; chunk = await next()) write(chunk);
      const written = sink.end();
      await objects.putFile(key, path, { metadata: { rows: String(rows()), sha256: written.sha256 } });
      return { rows: rows(), ...written };
    } finally {
      sink.abandon();
      await rm(path, { force: true });
    }
  }
};

/**
 * A function that ran out of time is started anew with its /tmp as it was: what was half written there would leave no
 * room for the next.
 */
const forgetAbandoned = async (): Promise<void> => {
  for (const name of await readdir(tmpdir())) {
    if (!name.startsWith(FILE)) continue;
    const path = join(tmpdir(), name);
    // Another's may be gone by now.
    const written = await stat(path).catch(() => undefined);
    if (written && Date.now() - written.mtimeMs > ABANDONED_MS) await rm(path, { force: true });
  }
};
