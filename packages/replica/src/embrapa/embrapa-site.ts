import { withContentFaults } from '../content-faults.ts';
import { isContentFault } from '../faults.ts';
import type { AskedDocument, Site, SiteDocument } from '../site.ts';
import { embrapaModified, embrapaTable } from './file.ts';
import { EMBRAPA_FILES } from './file-layouts.ts';
import { embrapaPage, fileOfPage } from './made-page.ts';

/** Path of the replica below which the Vitibrasil files lie, as on the real site. */
export const EMBRAPA_BASE = '/download/';

/** Files without content faults, by edition: they are asked for again and again. */
const createCache = (limit: number) => {
  const kept = new Map<string, Buffer>();
  return (key: string, make: () => Buffer): Buffer => {
    const known = kept.get(key);
    if (known) return known;
    if (kept.size >= limit) kept.clear();
    const made = make();
    kept.set(key, made);
    return made;
  };
};

/** Path of the pages, by `opcao`, `subopcao` and `ano`. */
export const EMBRAPA_PAGES = '/index.php';

const pageOf = ({ query, edition, faults }: AskedDocument): SiteDocument | undefined => {
  const name = fileOfPage(query);
  const year = query.get('ano');
  const differs = faults.some(({ kind, other }) => kind === 'page-differs' && (other ?? name) === name);
  const page = name && embrapaPage(name, edition, { ...(year !== null && { year: Number(year) }), differs });
  return page ? { content_type: 'text/html; charset=UTF-8', body: Buffer.from(page) } : undefined;
};

/** Embrapa Vitibrasil: 15 CSV files at `/download/<File>.csv`, and the pages of each year of them. */
export const createEmbrapaSite = (): Site => {
  const cached = createCache(64);
  return {
    paths: () => [...EMBRAPA_FILES.map(({ name }) => `${EMBRAPA_BASE}${name}.csv`), EMBRAPA_PAGES],
    document(asked: AskedDocument) {
      const { path, edition, faults } = asked;
      if (path === EMBRAPA_PAGES) return pageOf(asked);
      const name = /^\/download\/(\w+)\.csv$/.exec(path)?.[1];
      if (!name || !EMBRAPA_FILES.some((file) => file.name === name)) return undefined;
      const kinds = faults.map((fault) => fault.kind).filter(isContentFault);
      const shown = faults.find(({ kind }) => kind === 'other-file')?.other ?? name;
      const key = JSON.stringify([shown, edition.seed, edition.vintage, edition.revision, kinds]);
      return {
        content_type: 'text/csv',
        body: cached(key, () => withContentFaults(embrapaTable(shown, edition), kinds)),
        modified: embrapaModified(name, edition),
      };
    },
  };
};
