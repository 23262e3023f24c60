import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ObjectStore } from '@granary/domain/ports/object-store';
import { describe, expect, it } from '@jest/globals';

/** What every ObjectStore does. `make` gives an empty one. */
export const objectStoreContract = (name: string, make: () => Promise<ObjectStore>): void => {
  const text = (body: Uint8Array | undefined) => body && Buffer.from(body).toString();
  const bytes = (value: string) => new TextEncoder().encode(value);

  describe(`${name} as an ObjectStore`, () => {
    it('gives back what was put, with its size and metadata', async () => {
      const store = await make();
      await store.put('a/b.txt', bytes('grapes'), { content_type: 'text/plain', metadata: { version: '3' } });
      expect(text(await store.get('a/b.txt'))).toBe('grapes');
      expect(await store.head('a/b.txt')).toMatchObject({ bytes: 6, metadata: { version: '3' } });
    });

    it('says undefined of an object that is not there', async () => {
      const store = await make();
      expect(await store.get('none')).toBeUndefined();
      expect(await store.head('none')).toBeUndefined();
      await expect(store.getRange('none', 0, 1)).rejects.toThrow();
    });

    it('reads a range from its first byte up to but without its last', async () => {
      const store = await make();
      await store.put('digits', bytes('0123456789'));
      expect(text(await store.getRange('digits', 2, 5))).toBe('234');
      expect(text(await store.getRange('digits', 0, 10))).toBe('0123456789');
    });

    it('writes a new object once, and leaves the first as it is', async () => {
      const store = await make();
      expect(await store.putNew('page', bytes('first'), { metadata: { version: '1' } })).toBe(true);
      expect(await store.putNew('page', bytes('second'))).toBe(false);
      expect(text(await store.get('page'))).toBe('first');
      expect((await store.head('page'))!.metadata).toEqual({ version: '1' });
      const many = Array.from({ length: 8 }, (_, index) => store.putNew('race', bytes(String(index))));
      const winners = (await Promise.all(many)).flatMap((won, index) => (won ? [String(index)] : []));
      expect(winners).toEqual([text(await store.get('race'))]);
      await store.delete(['page']);
      expect(await store.putNew('page', bytes('third'))).toBe(true);
    });

    it('stores a file of 20 MiB unchanged', async () => {
      const store = await make();
      const body = Buffer.alloc(20 * 1024 * 1024 + 17);
      for (let at = 0; at < body.length; at += 4096) body.writeUInt32LE(at, at - (at % 4));
      const folder = await mkdtemp(join(tmpdir(), 'granary-test-'));
      try {
        await writeFile(join(folder, 'big'), body);
        await store.putFile('big', join(folder, 'big'), { metadata: { version: '1' } });
      } finally {
        await rm(folder, { recursive: true });
      }
      expect(Buffer.compare(Buffer.from((await store.get('big'))!), body)).toBe(0);
      expect(await store.head('big')).toMatchObject({ bytes: body.length, metadata: { version: '1' } });
    });

    it('copies bytes without the metadata of the original', async () => {
      const store = await make();
      await store.put('from/ü b.gz', bytes('grapes'), { metadata: { sha256: 'x' } });
      await store.copy('from/ü b.gz', 'to', { metadata: { version: '2' } });
      expect(text(await store.get('to'))).toBe('grapes');
      expect((await store.head('to'))!.metadata).toEqual({ version: '2' });
      await expect(store.copy('none', 'to')).rejects.toThrow();
      expect(text(await store.get('to'))).toBe('grapes');
    });

    it('lists every key below a prefix, more than a page of them, and deletes them', async () => {
      const store = await make();
      const keys = Array.from({ length: 1005 }, (_, index) => `many/${String(index).padStart(4, '0')}`);
      for (let at = 0; at < keys.length; at += 50) {
        await Promise.all(keys.slice(at, at + 50).map((key) => store.put(key, bytes('x'))));
      }
      await store.put('other', bytes('x'));
      expect(await store.list('many/')).toEqual(keys);
      await store.delete([...keys, 'never-there']);
      expect(await store.list('')).toEqual(['other']);
    });
  });
};
