import type { Change } from '@granary/tabular/diff/diff-tables';
import { describe, expect, it } from '@jest/globals';
import { changesPage } from './changes-page.ts';

const counted = (count: number, length: number) => {
  const read = { count: 0 };
  async function* changes(): AsyncGenerator<Change> {
    for (let id = 0; id < count; id++) {
      read.count++;
      yield {
        op: 'add',
        key: { id },
        row: { id, big: 2n ** 63n - 1n, text: 'x'.repeat(length) },
        at: { to: `id:${id}` },
      };
    }
  }
  return { read, changes: changes() };
};

describe('a page of changes', () => {
  it('ends before it is more than an answer may hold, reads no further, and the next begins where it ended', async () => {
    const first = counted(10, 2 ** 20);
    const page = await changesPage(first, { offset: 0, limit: Number.POSITIVE_INFINITY, to_end: false });
    expect([page.lines.length, page.more, first.read.count]).toEqual([3, true, 4]);
    const rest = await changesPage(counted(10, 2 ** 20), { offset: 8, limit: 5, to_end: false });
    expect(rest.lines.map((line) => JSON.parse(line).key.id)).toEqual([8, 9]);
    expect(rest.more).toBe(false);
  });

  it('holds one change however long that is, and reads all when the counts of all are needed', async () => {
    const one = counted(3, 6 * 2 ** 20);
    const page = await changesPage(one, { offset: 0, limit: 10, to_end: true });
    expect([page.lines.length, page.more, one.read.count]).toEqual([1, true, 3]);
  });

  it('writes 64-bit integers with all their digits', async () => {
    const { lines } = await changesPage(counted(1, 1), { offset: 0, limit: 1, to_end: false });
    expect(lines[0]).toContain('"big":9223372036854775807,');
  });
});
