/** Reads pieces of a file in few requests: neighbours together, several at once. */
import type { RangeReader } from './open-table.ts';

export type Range = { start: number; end: number };

/**
 * Bytes that are read in passing rather than asking once more: more than the 20 ms of a request are worth where sixteen
 * are on their way, and less than its price is (bench/README.md, "far").
 */
export const WIDEST_GAP = 256 * 1024;
const LONGEST_READ = 2 * 1024 * 1024;
const AT_ONCE = 16;
/** Bytes that may be on their way, or here and not used yet, while a table is read from end to end. */
const MOST_AHEAD = 8 * 1024 * 1024;

/** A range to read, and how many bytes of it somebody asked for. */
type Read = Range & { asked: number };

/** Joins ranges (in any order, none within another) that are near each other. */
const mergeRanges = (ranges: readonly Range[]): Read[] => {
  const merged: Read[] = [];
  for (const { start, end } of [...ranges].sort((a, b) => a.start - b.start)) {
    const last = merged.at(-1);
    if (last && start - last.end <= WIDEST_GAP && end - last.start <= LONGEST_READ) {
      last.asked += end - Math.max(start, last.end);
      last.end = Math.max(last.end, end);
    } else merged.push({ start, end, asked: end - start });
  }
  return merged;
};

const readOne = async (file: RangeReader, { start, end }: Range): Promise<Uint8Array> => {
  const bytes = await file.read(start, end);
  if (bytes.length !== end - start) throw new RangeError(`${end - start} bytes were asked for, ${bytes.length} came`);
  return bytes;
};

/** Index of the read that holds what begins at `start`. */
const indexOf = (reads: readonly Range[], start: number): number => {
  let [low, high] = [0, reads.length - 1];
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (reads[middle].start <= start) low = middle;
    else high = middle - 1;
  }
  return low;
};

/** Reads ranges and gives their bytes in the order asked for. */
export const readRanges = async (file: RangeReader, ranges: readonly Range[]): Promise<Uint8Array[]> => {
  const reads = mergeRanges(ranges);
  const parts: Uint8Array[] = [];
  let next = 0;
  const reader = async (): Promise<void> => {
    for (let index = next++; index < reads.length; index = next++) parts[index] = await readOne(file, reads[index]);
  };
  await Promise.all(Array.from({ length: Math.min(AT_ONCE, reads.length) }, reader));
  return ranges.map(({ start, end }) => {
    const index = indexOf(reads, start);
    const read = reads[index];
    const bytes = parts[index].subarray(start - read.start, end - read.start);
    // A copy where most of what was read is for nobody: a view would keep all of it.
    return read.asked * 2 < read.end - read.start ? bytes.slice() : bytes;
  });
};

/**
 * Gives the bytes of each group of ranges in turn, while those of later groups are on their way. Groups are in the
 * order of the file; the bytes are for use before the next group is asked for.
 */
export async function* readAhead(
  file: RangeReader,
  groups: readonly (readonly Range[])[],
): AsyncGenerator<Uint8Array[]> {
  const reads = mergeRanges(groups.flat());
  const loading = new Map<number, Promise<Uint8Array>>();
  let next = 0;
  let ahead = 0;
  /** Begins the reads up to `needed`, and as many after it as there is room for. */
  const begin = (needed: number): void => {
    while (next < reads.length) {
      const size = reads[next].end - reads[next].start;
      if (next > needed && (loading.size >= AT_ONCE || ahead + size > MOST_AHEAD)) return;
      const bytes = readOne(file, reads[next]);
      // Its failure is met when it is waited for.
      bytes.catch(() => undefined);
      loading.set(next++, bytes);
      ahead += size;
    }
  };
  for (const group of groups) {
    const indexes = group.map(({ start }) => indexOf(reads, start));
    const first = Math.min(...indexes);
    for (const index of loading.keys()) {
      if (index >= first) continue;
      loading.delete(index);
      ahead -= reads[index].end - reads[index].start;
    }
    begin(Math.max(...indexes));
    const parts: Uint8Array[] = [];
    for (const [i, { start, end }] of group.entries()) {
      const read = reads[indexes[i]];
      // Only where groups are in another order than the file is one asked for again.
      const bytes = await (loading.get(indexes[i]) ?? readOne(file, read));
      parts.push(bytes.subarray(start - read.start, end - read.start));
    }
    yield parts;
  }
}
