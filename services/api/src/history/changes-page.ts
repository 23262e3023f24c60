import type { Diff } from '@granary/tabular/diff/diff-tables';
import { MOST_SENT_BYTES } from '../exports/send-or-store.ts';
import { jsonText } from './json-text.ts';

/** Changes as JSON, and whether there are more after them. */
export type ChangesPage = { lines: string[]; more: boolean };

/**
 * Changes from the one after `offset` on, at most `limit` of them and never more than an answer holds (what stands
 * around them is little). With `to_end` the rest is read too, so that the counts of the diff are those of all.
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
    more = lines.length >= limit || (bytes > MOST_SENT_BYTES && lines.length > 0);
    if (!more) lines.push(line);
    else if (!to_end) break;
  }
  return { lines, more };
};
