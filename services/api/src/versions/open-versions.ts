import type { PublishedVersion } from '@granary/domain/dataset';
import type { ObjectReader } from '@granary/domain/ports/object-store';
import { type OpenTable, openTable } from '@granary/tabular/query/open-table';

/** Footers of versions that were read lately: they never change. */
const MOST = 20;

export type OpenVersions = (version: PublishedVersion) => Promise<OpenTable>;

export const makeOpenVersions = (objects: Pick<ObjectReader, 'getRange'>): OpenVersions => {
  const open = new Map<string, Promise<OpenTable>>();
  return ({ prefix, files }) => {
    const key = `${prefix}data.parquet`;
    const known = open.get(key);
    if (known) return known;
    const opened = openTable({
      byteLength: files['data.parquet'].bytes,
      read: (start, end) => objects.getRange(key, start, end),
    });
    open.set(key, opened);
    for (const oldest of open.keys()) {
      if (open.size <= MOST) break;
      open.delete(oldest);
    }
    opened.catch(() => open.delete(key));
    return opened;
  };
};
