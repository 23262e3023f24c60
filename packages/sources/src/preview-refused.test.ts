import { gzipSync } from 'node:zlib';
import { CFB } from '@e965/xlsx';
import { SourceRefused, SourceThrottled } from '@granary/domain/errors';
import { makeWorld } from '@granary/domain/use-cases/testing/world';
import { describe, expect, it } from '@jest/globals';
import { preview, tablesOf, URL_OF_IT, zipped } from './testing/preview-in-world.ts';

/** The container of a workbook with a password: what is in it nobody can read. */
const encrypted = (): Buffer => {
  const container = CFB.utils.cfb_new();
  CFB.utils.cfb_add(container, '/EncryptionInfo', Buffer.alloc(200, 4));
  CFB.utils.cfb_add(container, '/EncryptedPackage', Buffer.alloc(4096, 7));
  return CFB.write(container, { type: 'buffer' }) as Buffer;
};

describe('A preview of what is no table', () => {
  it.each<[string, () => Promise<Uint8Array> | Uint8Array | string, RegExp]>([
    ['nothing', () => '', /The file is empty/],
    ['a page of a login', () => '<!DOCTYPE html><html><form>Sign in</form></html>', /holds no table/],
    ['JSON of an error', () => '{"error": "no such file"}', /^The file is JSON that cannot be read/],
    ['an encrypted workbook', encrypted, /encrypted/],
    ['a bomb of gzip', () => gzipSync(Buffer.alloc(120_000_000)), /gzip data is larger than its source may send/],
    [
      'a bomb of ZIP',
      () => zipped({ 'a.csv': '0'.repeat(120_000_000) }),
      /'a\.csv' is larger than its source may send/,
    ],
    ['one line of 100 MB', () => Buffer.alloc(100_000_000, 'x'), /Its first line is longer than the 16000000 bytes/],
    [
      'a page that takes too long',
      () => Buffer.from(`<table>${'<tr><td>1<td>2'.repeat(1_000_000)}`),
      /of a workbook or a page of HTML a preview reads 12000000 at most/,
    ],
    ['NUL bytes', () => Buffer.alloc(100_000), /binary/],
    ['a picture', () => Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex'), /binary|no table/],
  ])('says why: %s', async (_, bytes, reason) => {
    const found = await preview(await bytes());
    const reasons = found.resources.flatMap(({ refused, tables }) => [
      refused,
      ...tables.map((table) => table.refused),
    ]);
    expect(reasons.filter((one) => one !== null)).toEqual([expect.stringMatching(reason)]);
  });

  it('leaves the neighbours of a table that is refused as they are', async () => {
    const found = await preview(await zipped({ 'a.csv': 'a;b\n1;2\n', 'b.csv': '<html>' }));
    expect(tablesOf(found).map(({ name, refused }) => [name, refused === null])).toEqual([
      ['a', true],
      ['b', false],
    ]);
  });

  it('says why nothing was fetched', async () => {
    const failing = (failure: unknown) => {
      const world = makeWorld();
      world.source.failures.push(failure);
      return world;
    };
    await expect(
      preview('', undefined, failing(new SourceRefused('10.0.0.1 is not fetched: 10.0.0.1 is no public address'))),
    ).rejects.toMatchObject({ status: 400, fields: [{ field: 'url', message: /no public address/ }] });
    await expect(
      preview(
        '',
        undefined,
        failing(new SourceRefused(`${URL_OF_IT} answered 404`, { answer: { host: 'x', status: 404, content: null } })),
      ),
    ).rejects.toMatchObject({ status: 400, message: `${URL_OF_IT} answered 404` });
    await expect(
      preview('', undefined, failing(new SourceThrottled('asks to wait', Date.now()))),
    ).rejects.toMatchObject({ status: 429 });
  });
});
