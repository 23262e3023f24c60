/** Reads pieces of a file in few requests: neighbours together, several at once. */
import type { RangeReader } from './open-table.ts';

export type Range = { start: number; end: number };

/** A request costs about as much time as so many bytes. */
const WIDEST_GAP = 64 * 1024;
const LONGEST_READ = 8 * 1024 * 1024;
const AT_ONCE = 8;

/** Joins ranges (in any order) that are near each other. */
const mergeRanges = (ranges: readonly Range[]): Range[] => {
  const merged: Range[] = [];
  for (const { start, end } of [...ranges].sort((a, b) => a.start - b.start)) {
    const last = merged.at(-1);
    if (last && start - last.end <= WIDEST_GAP && end - last.start <= LONGEST_READ) last.end = Math.max(last.end, end);
    else merged.push({ start, end });
  }
  return merged;
};

/** Reads ranges and gives their bytes in the order asked for. */
export const readRanges = async (file: RangeReader, ranges: readonly Range[]): Promise<Uint8Array[]> => {
  const merged = mergeRanges(ranges);
  const parts: { start: number; bytes: Uint8Array }[] = [];
  let next = 0;
  const reader = async (): Promise<void> => {
    while (next < merged.length) {
      const { start, end } = merged[next++];
      const bytes = await file.read(start, end);
      if (bytes.length !== end - start)
        throw new RangeError(`${end - start} bytes were asked for, ${bytes.length} came`);
      parts.push({ start, bytes });
    }
  };
  await Promise.all(Array.from({ length: Math.min(AT_ONCE, merged.length) }, reader));
  parts.sort((a, b) => a.start - b.start);
  return ranges.map(({ start, end }) => {
    let [low, high] = [0, parts.length - 1];
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (parts[middle].start <= start) low = middle;
      else high = middle - 1;
    }
    const part = parts[low];
    return part.bytes.subarray(start - part.start, end - part.start);
  });
};
