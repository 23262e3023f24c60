import type { AskedDocument, Site } from '../site.ts';
import { ARCHIVES } from './archives.ts';
import { PAGES } from './pages.ts';
import { TEXT_FILES } from './text-files.ts';
import type { TownFile } from './town-file.ts';
import { WORKBOOKS } from './workbooks.ts';

/** Path of the replica below which the files of the town's office lie. */
export const TOWN_BASE = '/porto-claro/';

/** All its files that a source of kind `files` reads, in the order in which they are listed. */
export const TOWN_FILES: readonly TownFile[] = [...TEXT_FILES, ...WORKBOOKS, ...ARCHIVES];
/** Pages of HTML that hold tables. */
export const TOWN_PAGES: readonly TownFile[] = PAGES;

const MODIFIED = new Date(Date.UTC(2026, 0, 1));

/** The statistics office of Porto Claro, a made-up town whose every file is odd in another way. */
export const createTownSite = (): Site => {
  const files = new Map([...TOWN_FILES, ...TOWN_PAGES].map((file) => [TOWN_BASE + file.name, file]));
  const made = new Map<string, Buffer>();
  const bodyOf = (path: string, file: TownFile): Buffer => {
    const known = made.get(path);
    if (known) return known;
    const body = file.body();
    made.set(path, body);
    return body;
  };
  return {
    paths: () => [...files.keys()],
    document({ path }: AskedDocument) {
      const file = files.get(path);
      return file && { content_type: file.content_type, body: bodyOf(path, file), modified: MODIFIED };
    },
  };
};
