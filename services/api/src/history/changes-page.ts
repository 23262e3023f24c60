import type { Diff } from '@granary/tabular/diff/diff-tables';
import { jsonText } from './json-text.ts';

/** An answer of Lambda may have 6 MB; what stands around the changes is little. */
const MOST_BYTES = 4.5 * 2 ** 20;

/** Changes as JSON, and whether there are more after them. */
export type ChangesPage = { lines: string[]; more: boolean };

/**
 * Changes from the one after `offset` on, at most `limit` of them and never more than an answer holds. With `to_end` the rest is read too,
 * so that the counts of the diff are those of all.
 */
export const changesPage = async (
  { changes }: Pick<Diff, 'changes'>,
  { offset, limit, to_end }: { offset: number; limit: number; to_end: boolean },
): Promise<ChangesPage> => {
  const lines: string[] = [];
  let seen = 0;
  let bytes = 0;
  let more = false;
  for await (const change of changes) {
    if (seen++ < offset || more) continue;
    const line = jsonText(change);
    bytes += Buffer.byteLength(line) + 1;
    more = lines.length >= limit || (bytes > MOST_BYTES && lines.length > 0);
    if (!more) lines.push(line);
    else if (!to_end) break;
  }
  return { lines, more };
};
