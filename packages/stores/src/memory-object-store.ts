import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { ObjectStore, PutOptions } from '@granary/domain/ports/object-store';

type Stored = { body: Uint8Array; etag: string; last_modified: string; options: PutOptions };

/** For tests and small tools. `presign` gives `memory:` addresses that only say what they would read. */
export const makeMemoryObjectStore = ({ now = Date.now }: { now?: () => number } = {}): ObjectStore => {
  const objects = new Map<string, Stored>();
  const put = async (key: string, body: Uint8Array, options: PutOptions = {}): Promise<void> => {
    const copy = Uint8Array.from(body);
    const etag = `"${createHash('md5').update(copy).digest('hex')}"`;
    objects.set(key, { body: copy, etag, last_modified: new Date(now()).toISOString(), options });
  };
  const existing = (key: string): Stored => {
    const stored = objects.get(key);
    if (!stored) throw new Error(`There is no object '${key}'`);
    return stored;
  };
  return {
    put,
    async putNew(key, body, options) {
      if (objects.has(key)) return false;
      await put(key, body, options);
      return true;
    },
    putFile: async (key, path, options) => put(key, readFileSync(path), options),
    copy: async (from, to, options) => put(to, existing(from).body, options),
    get: async (key) => objects.get(key)?.body.slice(),
    getRange: async (key, start, end) => existing(key).body.slice(start, end),
    async head(key) {
      const stored = objects.get(key);
      if (!stored) return undefined;
      const { body, etag, last_modified, options } = stored;
      return { bytes: body.byteLength, etag, last_modified, metadata: { ...options.metadata } };
    },
    list: async (prefix) => [...objects.keys()].filter((key) => key.startsWith(prefix)).sort(),
    async delete(keys) {
      for (const key of keys) objects.delete(key);
    },
    presign: async (key, { expires_s }) => `memory:${encodeURI(key)}?expires=${expires_s}`,
  };
};
