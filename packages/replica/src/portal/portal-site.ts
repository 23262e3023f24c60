import type { AskedDocument, Site, SiteDocument } from '../site.ts';
import { type ActionAnswer, answerAction } from './actions.ts';
import { THEMES } from './dataset-spec.ts';
import { addressKey, catalogOf, type ListedResource, type PortalCatalog } from './portal-catalog.ts';
import { datasetPage, groupsPage, listingPage, loginPage, missingPage } from './portal-pages.ts';
import { PORTAL_ROOT, type PortalState } from './portal-state.ts';

/** Datasets on a page: few, so that a theme has several pages. */
const PER_PAGE = 5;
/** CKAN's own number, of a portal of generated datasets. */
const MANY_PER_PAGE = 20;
const KEPT_FILES = 200;

const html = (body: string, status = 200): SiteDocument => ({
  ...{ content_type: 'text/html; charset=utf-8', body: Buffer.from(body), status },
});
const json = ({ status, body }: ActionAnswer): SiteDocument => ({
  ...{ content_type: 'application/json;charset=utf-8', body: Buffer.from(JSON.stringify(body)), status },
});

/** CKAN's error with status 200, as a gateway before a portal was seen to give it. */
const ERROR_200 = {
  status: 200,
  body: { success: false, error: { message: 'Solr is not available', __type: 'Search Error' } },
};

const struckBy = (faults: AskedDocument['faults'], kind: string) => faults.some((fault) => fault.kind === kind);

/** Files as they are served: asked for again and again, and made but once. */
const createFiles = () => {
  const kept = new Map<string, SiteDocument>();
  return ({ id, spec, address, modified, revision }: ListedResource, keep: boolean): SiteDocument | undefined => {
    const key = `${id} ${address} ${revision}`;
    const known = kept.get(key);
    if (known) return known;
    const answer = spec.answer?.(revision);
    if (!answer) return undefined;
    const { content_type, body, location, unmarked } = answer;
    const document: SiteDocument = {
      ...{ content_type, body },
      ...(location ? { status: 302, location } : !unmarked && { modified }),
    };
    if (kept.size >= KEPT_FILES) kept.clear();
    if (keep) kept.set(key, document);
    return document;
  };
};

const listing = (asked: AskedDocument, catalog: PortalCatalog, group?: (typeof THEMES)[number]): SiteDocument => {
  const { path, query, faults, nth, portal } = asked;
  const all = [...catalog.numbers(group?.[0])];
  const shift = struckBy(faults, 'listing-changes') && all.length > 0 ? nth % all.length : 0;
  const page = /^[1-9]\d{0,6}$/.test(query.get('page') ?? '') ? Number(query.get('page')) : 1;
  return html(
    listingPage({
      ...{ title: group?.[1] ?? 'Jeux de données', path, catalog, page, loops: struckBy(faults, 'page-loop') },
      per_page: portal.size === null ? PER_PAGE : MANY_PER_PAGE,
      numbers: [...all.slice(shift), ...all.slice(0, shift)],
    }),
  );
};

/** The page at a path below the portal's root, without a slash at its end; undefined: none. */
const pageAt = (name: string, asked: AskedDocument, catalog: PortalCatalog): SiteDocument | undefined => {
  if (name === '' || name === 'dataset') return listing(asked, catalog);
  if (name === 'group') return html(groupsPage(catalog));
  if (name === 'user/login') return html(loginPage());
  const [kind, id, more] = name.split('/') as [string, string?, string?];
  if (!id || more !== undefined) return undefined;
  const theme = kind === 'group' ? THEMES.find((each) => each[0] === id) : undefined;
  if (theme) return listing(asked, catalog, theme);
  const dataset = kind === 'dataset' ? catalog.find(id) : undefined;
  return dataset && html(datasetPage(dataset, asked.host));
};

/**
 * A CKAN portal below `/data/fr/`: its pages, its Action API, its files and its robots.txt. PortalState is what can be
 * changed while it runs.
 */
export const createPortalSite = (): Site => {
  let known: { state: PortalState; catalog: PortalCatalog } | undefined;
  const catalogFor = (state: PortalState): PortalCatalog => {
    if (known?.state !== state) known = { state, catalog: catalogOf(state) };
    return known.catalog;
  };
  const fileOf = createFiles();

  return {
    paths: () => [PORTAL_ROOT, ...['group', 'dataset'].map((name) => PORTAL_ROOT + name), '/robots.txt'],
    document(asked) {
      const { path, query, portal, host, nth, faults } = asked;
      if (path === '/robots.txt')
        return portal.robots === null
          ? undefined
          : { content_type: 'text/plain; charset=utf-8', body: Buffer.from(portal.robots) };
      const { api } = portal;
      const isAction = api !== null && path.startsWith(api);
      if (!isAction && !path.startsWith(PORTAL_ROOT)) return undefined;
      const catalog = catalogFor(portal);
      if (isAction) {
        if (struckBy(faults, 'error-200')) return json(ERROR_200);
        const shift = struckBy(faults, 'listing-changes') ? nth : 0;
        const loops = struckBy(faults, 'page-loop');
        return json(answerAction(path.slice(api.length), api, { catalog, query, host, shift, loops }));
      }
      const resource = catalog.resourceAt(addressKey(path, query));
      if (resource) return fileOf(resource, portal.size === null) ?? html(missingPage(), 404);
      return pageAt(path.slice(PORTAL_ROOT.length).replace(/\/$/, ''), asked, catalog) ?? html(missingPage(), 404);
    },
  };
};
