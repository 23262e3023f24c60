import { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { linesOf } from '@granary/tabular/lines-of';

/**
 * Lines [offset, offset + limit) of gzipped NDJSON, parsed; unpacks no further than it must to know whether there are
 * `more`.
 */
export const ndjsonPage = async (
  gzipped: Uint8Array,
  offset: number,
  limit: number,
): Promise<{ items: unknown[]; more: boolean }> => {
  const gunzip = Readable.from([gzipped]).pipe(createGunzip());
  const items: unknown[] = [];
  let line_number = 0;
  try {
    for await (const line of linesOf(gunzip)) {
      if (line === '') continue;
      if (line_number >= offset + limit) return { items, more: true };
      if (line_number >= offset) items.push(JSON.parse(line));
      line_number++;
    }
    return { items, more: false };
  } finally {
    gunzip.destroy();
  }
};
