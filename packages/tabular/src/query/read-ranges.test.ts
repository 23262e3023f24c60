import { describe, expect, it } from '@jest/globals';
import type { RangeReader } from './open-table.ts';
import { type Range, readAhead, readRanges } from './read-ranges.ts';

const KIB = 1024;
const MIB = 1024 * KIB;

const PERIOD = Buffer.from(Array.from({ length: 2 * 251 }, (_, i) => i % 251));
/** What the file has from `start` on. */
const bytesAt = (start: number, size: number): Uint8Array =>
  Buffer.alloc(size, PERIOD.subarray(start % 251, (start % 251) + 251));

/** A file whose byte at `n` is `n % 251`; what is read of it, and how much at most was read at one time. */
const fileOf = (byteLength: number) => {
  const reads: Range[] = [];
  const most = { requests: 0, bytes: 0 };
  let [requests, bytes] = [0, 0];
  const file: RangeReader = {
    byteLength,
    async read(start, end) {
      reads.push({ start, end });
      most.requests = Math.max(most.requests, ++requests);
      bytes += end - start;
      most.bytes = Math.max(most.bytes, bytes);
      await new Promise((resolve) => setImmediate(resolve));
      requests--;
      bytes -= end - start;
      return bytesAt(start, end - start);
    },
  };
  return { file, reads, most };
};
const isOf = (bytes: Uint8Array, { start, end }: Range): boolean =>
  Buffer.compare(bytes, bytesAt(start, end - start)) === 0;
/** So many ranges, one every so many bytes. */
const every = (count: number, step: number, size: number): Range[] =>
  Array.from({ length: count }, (_, i) => ({ start: i * step, end: i * step + size }));

/** The bytes of each group, looked at while they may be. */
const readAll = async (file: RangeReader, groups: readonly (readonly Range[])[]): Promise<boolean[]> => {
  const fits: boolean[] = [];
  for await (const parts of readAhead(file, groups)) {
    const group = groups[fits.length];
    fits.push(parts.length === group.length && parts.every((bytes, i) => isOf(bytes, group[i])));
  }
  return fits;
};

describe('readRanges', () => {
  it('joins ranges that are less than 256 KiB from each other, up to 2 MiB, and gives each its bytes', async () => {
    const { file, reads } = fileOf(40 * MIB);
    const ranges = every(20, 300 * KIB, 50 * KIB).reverse();
    const found = await readRanges(file, ranges);
    expect(found.map((bytes, i) => isOf(bytes, ranges[i]))).toEqual(ranges.map(() => true));
    // Of 20 ranges, seven fit into 2 MiB.
    expect(reads).toHaveLength(3);
    reads.length = 0;
    await readRanges(file, every(4, 400 * KIB, 50 * KIB));
    expect(reads).toEqual(every(4, 400 * KIB, 50 * KIB));
  });

  it('keeps nothing of what it read in passing', async () => {
    const { file } = fileOf(4 * MIB);
    const ranges = every(5, 300 * KIB, 10 * KIB);
    for (const bytes of await readRanges(file, ranges)) expect(bytes.buffer.byteLength).toBe(10 * KIB);
  });
});

describe('readAhead', () => {
  it('gives groups in turn and reads later ones meanwhile: 16 requests at a time', async () => {
    const { file, reads, most } = fileOf(100 * MIB);
    const groups = every(100, MIB, 10 * KIB).map((range) => [
      range,
      { start: range.start + 20 * KIB, end: range.start + 21 * KIB },
    ]);
    expect(await readAll(file, groups)).toEqual(groups.map(() => true));
    expect(reads).toHaveLength(100);
    expect(most.requests).toBe(16);
  });

  it('has at most 8 MiB on their way, and more only for one group', async () => {
    const { file, most } = fileOf(64 * MIB);
    const groups = every(64, MIB, MIB).map((range) => [range]);
    expect(await readAll(file, groups)).toEqual(groups.map(() => true));
    expect(most.bytes).toBeLessThanOrEqual(8 * MIB);
    expect(most.bytes).toBeGreaterThan(4 * MIB);
    const wide = fileOf(32 * MIB);
    expect(await readAll(wide.file, [every(10, 3 * MIB, 2 * MIB), [{ start: 31 * MIB, end: 32 * MIB }]])).toEqual([
      true,
      true,
    ]);
    expect(wide.most.requests).toBe(10);
    expect(wide.reads).toHaveLength(11);
  });

  it('reads on where groups have no ranges or are not in the order of the file', async () => {
    const { file } = fileOf(64 * MIB);
    const groups = every(40, MIB, KIB).map((range) => [range]);
    expect(await readAll(file, [[], groups[30], [], groups[2], groups[39], groups[0]])).toEqual(Array(6).fill(true));
  });

  it('throws what a read throws when it is its turn, and says where a file is cut off', async () => {
    const { file } = fileOf(8 * MIB);
    const broken: RangeReader = {
      byteLength: 8 * MIB,
      async read(start, end) {
        if (start > 3 * MIB) throw new Error('S3 is away');
        return file.read(start, end);
      },
    };
    const groups = every(8, MIB, KIB).map((range) => [range]);
    let seen = 0;
    const count = async (reader: RangeReader) => {
      for await (const _ of readAhead(reader, groups)) seen++;
    };
    await expect(count(broken)).rejects.toThrow('S3 is away');
    expect(seen).toBe(4);
    const cut: RangeReader = { byteLength: 8 * MIB, read: async () => new Uint8Array(3) };
    await expect(count(cut)).rejects.toThrow('1024 bytes were asked for, 3 came');
  });
});
