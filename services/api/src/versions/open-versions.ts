import { BoundedMap } from '@granary/domain/bounded-map';
import type { PublishedVersion } from '@granary/domain/dataset';
import type { ObjectReader } from '@granary/domain/ports/object-store';
import type { OpenTable } from '@granary/tabular/query/open-table';
import { openVersion } from './version-table.ts';

/** Footers of versions that were read lately: they never change. */
const MOST = 20;

export type OpenVersions = (version: PublishedVersion) => Promise<OpenTable>;

export const makeOpenVersions = (objects: Pick<ObjectReader, 'getRange'>): OpenVersions =>
  keepOpen(MOST, (version) => openVersion(objects, version));

/** What is opened of a version is kept for the next who asks, of as many versions as `most`. */
export const keepOpen = (most: number, openVersion: OpenVersions): OpenVersions => {
  const open = new BoundedMap<string, Promise<OpenTable>>(most);
  return (version) => {
    const known = open.get(version.prefix);
    if (known) return known;
    const opened = openVersion(version);
    open.set(version.prefix, opened);
    opened.catch(() => open.delete(version.prefix));
    return opened;
  };
};
