import { constants, gunzipSync, gzipSync, zstdCompressSync } from 'node:zlib';
import { makeMemoryVault } from '@granary/stores/memory-vault';
import { describe, expect, it } from '@jest/globals';
import { type KeptPage, openPage, sealPage } from './kept-page.ts';

const PLACE = { run: 'run-1', part: 7 };
const FETCHED_AT = '2026-11-30T12:00:00.000Z';
const user = { id: 1, last_name: 'Zwingli', email: 'u@zwingli.example' };
const PAGE: KeptPage = { read: 1, users: [{ user, sealed: null }], misfits: [], merged: 0, unknown: [] };

const FAST = { [constants.ZSTD_c_compressionLevel]: 1 };

describe('A page of users', () => {
  it('is kept with its bytes as they were sealed, and says only whose it is', async () => {
    const vault = makeMemoryVault();
    const key = await vault.current();
    const bytes = gunzipSync(sealPage(key, PLACE, PAGE, FETCHED_AT));
    const [head] = bytes.toString('latin1').split('\n', 1);
    expect(JSON.parse(head!)).toEqual({ v: 3, run: 'run-1', page: 7, fetched_at: FETCHED_AT, key: key.name });
    expect(bytes.includes('Zwingli')).toBe(false);
    const sealed = key.seal(
      zstdCompressSync(JSON.stringify(PAGE), { params: FAST }),
      JSON.stringify(['page', 'run-1', 7]),
    );
    expect(bytes).toHaveLength(head!.length + 1 + sealed.length);
    expect(await openPage(vault, PLACE, gzipSync(bytes))).toEqual(PAGE);
  });

  it('that an earlier release kept as base64 in JSON is read as before', async () => {
    const vault = makeMemoryVault();
    const key = await vault.current();
    const sealed = key.seal(
      zstdCompressSync(JSON.stringify(PAGE), { params: FAST }),
      JSON.stringify(['page', 'run-1', 7]),
    );
    const data = Buffer.from(sealed).toString('base64');
    const earlier = { v: 2, run: 'run-1', page: 7, fetched_at: FETCHED_AT, key: key.name, data };
    expect(await openPage(vault, PLACE, gzipSync(JSON.stringify(earlier)))).toEqual(PAGE);
  });

  it('is not opened as another page, or when it is no page', async () => {
    const vault = makeMemoryVault();
    const bytes = sealPage(await vault.current(), PLACE, PAGE, FETCHED_AT);
    for (const open of [openPage(vault, { ...PLACE, part: 8 }, bytes), openPage(vault, PLACE, gzipSync('{"v":3}'))])
      await expect(open).rejects.toMatchObject({ code: 'kept-page-unreadable' });
  });
});
