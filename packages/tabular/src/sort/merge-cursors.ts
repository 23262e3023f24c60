/** Merges sorted rows of several cursors. */
import type { KeptBatch } from '../kept-batch.ts';
import type { CompareRows } from './compare-rows.ts';
import type { RowCursor } from './row-cursor.ts';

/**
 * Gives every row to `take`, in order; of equal rows those of an earlier cursor first. `take` may keep the batch. It
 * says whether the event loop should get its turn.
 */
export const mergeCursors = async (
  cursors: readonly RowCursor[],
  compare: CompareRows,
  take: (batch: KeptBatch, row: number) => boolean,
): Promise<void> => {
  const ranks = new Map(cursors.map((cursor, rank) => [cursor, rank]));
  const isBefore = (a: RowCursor, b: RowCursor): boolean => {
    const difference = compare(a.batch, a.row, b.batch, b.row);
    return difference !== 0 ? difference < 0 : ranks.get(a)! < ranks.get(b)!;
  };
  // A heap: each cursor comes before those at twice its place and one behind.
  const heap: RowCursor[] = [];
  const sink = (from: number): void => {
    for (let at = from; ; ) {
      let first = at * 2 + 1;
      if (first + 1 < heap.length && isBefore(heap[first + 1], heap[first])) first++;
      if (first >= heap.length || !isBefore(heap[first], heap[at])) return;
      [heap[at], heap[first]] = [heap[first], heap[at]];
      at = first;
    }
  };
  for (const cursor of cursors) if (await cursor.load()) heap.push(cursor);
  for (let at = heap.length >> 1; at >= 0; at--) sink(at);
  while (heap.length > 0) {
    const first = heap[0];
    if (take(first.batch, first.row)) await new Promise((resolve) => setImmediate(resolve));
    if (!first.step() && !(await first.load())) {
      const last = heap.pop()!;
      if (last === first) continue;
      heap[0] = last;
    }
    if (heap.length > 1) sink(0);
  }
};
