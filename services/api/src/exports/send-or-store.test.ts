import { existsSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeMemoryObjectStore } from '@granary/stores/memory-object-store';
import { describe, expect, it } from '@jest/globals';
import { MOST_SENT_BYTES, makeSendOrStore } from './send-or-store.ts';

const MB = 2 ** 20;
const FILE = { content: 'x@1', filename: 'x_v1.csv', content_type: 'text/csv' };

const setUp = (most_bytes?: number) => {
  let time = Date.parse('2026-11-20T00:00:00Z');
  let made = 0;
  const now = () => time;
  const memory = makeMemoryObjectStore({ now });
  let puts = 0;
  const objects: typeof memory = {
    ...memory,
    putFile: (...all) => {
      puts++;
      return memory.putFile(...all);
    },
  };
  /** An answer of so many megabytes, a row each. */
  const of =
    (megabytes: number, failing = false) =>
    () => {
      made++;
      let rows = 0;
      const chunks = (async function* () {
        for (; rows < megabytes; rows++) yield Buffer.alloc(MB, 'a');
        if (failing) throw new Error('the rows could not be read');
      })();
      return { chunks, rows: () => rows };
    };
  const tooBig = (most: string) => new Error(`larger than ${most}`);
  const fresh = () => makeSendOrStore({ objects, folder: 'records', now, tooBig, most_bytes });
  return { of, fresh, objects, pass: (ms: number) => (time += ms), made: () => made, puts: () => puts };
};
const leftovers = () => readdirSync(tmpdir()).filter((name) => name.startsWith('granary-export-'));

describe('an answer', () => {
  it('is sent up to the bound, and stored beyond it', async () => {
    const { of, fresh, objects } = setUp();
    const sendOrStore = fresh();
    expect(await sendOrStore(of(MOST_SENT_BYTES / MB), FILE)).toMatchObject({ rows: 4 });
    expect(await objects.list('')).toEqual([]);
    const stored = await sendOrStore(of(9), FILE);
    expect(stored).toMatchObject({ rows: 9, bytes: 9 * MB, expires_at: '2026-11-20T00:15:00.000Z' });
    expect(await objects.list('')).toEqual([expect.stringMatching(/^exports\/records\/[0-9a-f]{64}\.csv$/)]);
  });

  it('is written once, by whichever function is asked, and anew before the bucket deletes it', async () => {
    const { of, fresh, made, puts, pass } = setUp();
    const [one, another] = [fresh(), fresh()];
    const first = await one(of(6), FILE);
    expect(await one(of(6), FILE)).toEqual(first);
    // This one knows that the answer is big, and makes nothing.
    expect(made()).toBe(1);
    expect(await another(of(6), FILE)).toEqual(first);
    expect(puts()).toBe(1);
    pass(21 * 3600_000);
    await one(of(6), FILE);
    expect(puts()).toBe(2);
    await one(of(6), { ...FILE, content: 'x@2' });
    expect(puts()).toBe(3);
  });

  it('that fails on the way, or is too big for the store, leaves nothing behind', async () => {
    const { of, fresh, objects } = setUp(8 * MB);
    const before = leftovers();
    await expect(fresh()(of(6, true), FILE)).rejects.toThrow('could not be read');
    await expect(fresh()(of(9), FILE)).rejects.toThrow('larger than 8 MiB');
    expect(await objects.list('')).toEqual([]);
    expect(leftovers()).toEqual(before);
  });

  it('finds room: files that a function left half written when its time was up are removed, others are not', async () => {
    const [left, written] = ['left', 'written'].map((name) =>
      join(tmpdir(), `granary-export-test-${process.pid}-${name}`),
    );
    for (const path of [left, written]) writeFileSync(path, 'x');
    utimesSync(left, new Date(), new Date(Date.now() - 600_000));
    await setUp().fresh()(setUp().of(6), FILE);
    expect([existsSync(left), existsSync(written)]).toEqual([false, true]);
    rmSync(written);
  });
});
