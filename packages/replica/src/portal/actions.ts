/** CKAN's Action API, version 3: the actions that read datasets. */
import { ORGANIZATIONS, THEMES } from './dataset-spec.ts';
import { groupJson, organizationJson, packageJson } from './package-json.ts';
import type { ListedDataset, PortalCatalog } from './portal-catalog.ts';
import { PORTAL_ROOT } from './portal-state.ts';

/** CKAN gives no more of a search than this (`ckan.search.rows_max`). */
const MOST_ROWS = 1000;

export type Asked = {
  catalog: PortalCatalog;
  query: URLSearchParams;
  /** `127.0.0.1:4010` */
  host: string;
  /** Places that a listing has moved on since the portal was started; 0 unless it changes while it is read. */
  shift: number;
  /** Whether each page of a listing is its first. */
  loops: boolean;
};

/** An error in CKAN's words: `__type` and what it is of. */
class ActionError extends Error {
  readonly status: number;
  readonly error: object;
  constructor(status: number, error: object) {
    super(JSON.stringify(error));
    this.status = status;
    this.error = error;
  }
}

const notFound = () => new ActionError(404, { message: 'Introuvable', __type: 'Not Found Error' });
const searchError = (message: string) => new ActionError(400, { message, __type: 'Search Query Error' });
const invalid = (member: string, message: string) =>
  new ActionError(409, { [member]: [message], __type: 'Validation Error' });

const numberOf = (query: URLSearchParams, name: string, otherwise: number): number => {
  const text = query.get(name);
  if (text === null) return otherwise;
  if (!/^\d+$/.test(text)) throw invalid(name, `Valeur entière invalide : ${text}`);
  return Number(text);
};

const isTrue = (query: URLSearchParams, name: string): boolean => /^(true|1|yes)$/i.test(query.get(name) ?? '');

/** `groups:sante +organization:"office-de-l-eau"` as pairs. */
const filtersOf = (fq: string): readonly (readonly [string, string])[] => {
  const found = [...fq.matchAll(/\+?([a-z_]+):(?:"([^"]*)"|(\S+))/g)];
  const rest = fq.replaceAll(/\+?([a-z_]+):(?:"([^"]*)"|(\S+))/g, '').replaceAll(/\bAND\b|\s|[()]/g, '');
  if (rest !== '') throw searchError(`Invalid search query: ${fq}`);
  return found.map(([, field, quoted, bare]) => [field!, quoted ?? bare!] as const);
};

const FIELDS: Readonly<Record<string, (dataset: ListedDataset, value: string) => boolean>> = {
  organization: ({ organization }, value) => organization[0] === value,
  tags: ({ spec }, value) => spec.tags.includes(value),
  name: ({ spec }, value) => spec.name === value,
  id: ({ id }, value) => id === value,
  license_id: ({ licence }, value) => licence[0] === value,
  res_format: ({ spec }, value) => spec.resources.some(({ format }) => format === value),
};

const ORDERS: Readonly<Record<string, (a: ListedDataset, b: ListedDataset) => number>> = {
  'metadata_modified desc': (a, b) => b.modified.getTime() - a.modified.getTime(),
  'metadata_modified asc': (a, b) => a.modified.getTime() - b.modified.getTime(),
  'name asc': (a, b) => (a.spec.name < b.spec.name ? -1 : 1),
};

/** Numbers of the datasets that a search finds. Those of a theme, in the portal's order, cost no dataset to be made. */
const found = ({ catalog, query }: Asked): readonly number[] => {
  const filters = filtersOf(query.get('fq') ?? '');
  const [group, ...groups] = filters.flatMap(([field, value]) => (field === 'groups' ? [value] : []));
  const others = filters.filter(([field]) => field !== 'groups');
  const unknown = others.find(([field]) => !Object.hasOwn(FIELDS, field));
  if (unknown) throw searchError(`undefined field ${unknown[0]}`);
  const words = query
    .get('q')
    ?.replace(/^\*(:\*)?$/, '')
    .toLowerCase();
  let numbers = [...catalog.numbers(group)];
  if (others.length + groups.length > 0 || words)
    numbers = numbers.filter((number) => {
      const dataset = catalog.dataset(number);
      return (
        groups.every((name) => dataset.spec.groups.includes(name)) &&
        others.every(([field, value]) => FIELDS[field]!(dataset, value)) &&
        (!words || `${dataset.title} ${dataset.spec.notes}`.toLowerCase().includes(words))
      );
    });
  const sort = query.get('sort');
  if (!sort || /score/.test(sort)) return numbers;
  const order = ORDERS[sort.trim()];
  if (!order) throw searchError(`Cannot sort by ${sort}; try ${Object.keys(ORDERS).join(', ')}`);
  const made = new Map(numbers.map((number) => [number, catalog.dataset(number)]));
  return numbers.toSorted((a, b) => order(made.get(a)!, made.get(b)!));
};

const turned = <T>(list: readonly T[], by: number): readonly T[] => {
  const at = list.length === 0 ? 0 : by % list.length;
  return [...list.slice(at), ...list.slice(0, at)];
};

const packageSearch = (asked: Asked) => {
  const { catalog, query, host, shift, loops } = asked;
  const rows = Math.min(numberOf(query, 'rows', 10), MOST_ROWS);
  const start = loops ? 0 : numberOf(query, 'start', 0);
  const numbers = turned(found(asked), shift);
  return {
    count: numbers.length,
    facets: {},
    results: numbers.slice(start, start + rows).map((number) => packageJson(catalog.dataset(number), host)),
    sort: query.get('sort') ?? 'score desc, metadata_modified desc',
    search_facets: {},
  };
};

const idOf = (query: URLSearchParams): string => {
  const id = query.get('id');
  if (!id) throw invalid('id', 'Valeur manquante');
  return id;
};

const themeOf = (query: URLSearchParams) => {
  const id = idOf(query);
  const theme = THEMES.find((each) => each[0] === id || groupJson(each).id === id);
  if (!theme) throw notFound();
  return theme;
};

const countOf = (catalog: PortalCatalog, group: string): number => [...catalog.numbers(group)].length;

const ACTIONS: Readonly<Record<string, (asked: Asked) => unknown>> = {
  status_show: ({ host }) => ({
    ckan_version: '2.9.7',
    site_url: `http://${host}${PORTAL_ROOT}`,
    site_description: 'Données ouvertes d’une région inventée',
    site_title: 'Données ouvertes',
    error_emails_to: null,
    locale_default: 'fr',
    extensions: ['stats', 'text_view'],
  }),
  group_list: ({ catalog, query }) =>
    isTrue(query, 'all_fields')
      ? THEMES.map((theme) => ({ ...groupJson(theme), package_count: countOf(catalog, theme[0]) }))
      : THEMES.map(([name]) => name),
  group_show: ({ catalog, query, host }) => {
    const theme = themeOf(query);
    const numbers = [...catalog.numbers(theme[0])];
    const packages = isTrue(query, 'include_datasets')
      ? { packages: numbers.slice(0, MOST_ROWS).map((number) => packageJson(catalog.dataset(number), host)) }
      : {};
    return { ...groupJson(theme), type: 'group', state: 'active', package_count: numbers.length, ...packages };
  },
  organization_list: ({ query }) =>
    isTrue(query, 'all_fields') ? ORGANIZATIONS.map(organizationJson) : ORGANIZATIONS.map(([name]) => name),
  package_list: ({ catalog, query }) => {
    const offset = numberOf(query, 'offset', 0);
    const numbers = [...catalog.numbers()].slice(offset, offset + numberOf(query, 'limit', Number.MAX_SAFE_INTEGER));
    return numbers.map((number) => catalog.dataset(number).spec.name);
  },
  package_show: ({ catalog, query, host }) => {
    const dataset = catalog.find(idOf(query));
    if (!dataset) throw notFound();
    return packageJson(dataset, host);
  },
  package_search: packageSearch,
};

export type ActionAnswer = { status: number; body: unknown };

/** Answers `<api>/<name>`, errors as CKAN writes them. */
export const answerAction = (name: string, api: string, asked: Asked): ActionAnswer => {
  const action = Object.hasOwn(ACTIONS, name) ? ACTIONS[name] : undefined;
  if (!action) return { status: 400, body: `Bad request - Action name not known: ${name}` };
  const help = `http://${asked.host}${api}help_show?name=${name}`;
  try {
    return { status: 200, body: { help, success: true, result: action(asked) } };
  } catch (error) {
    if (!(error instanceof ActionError)) throw error;
    return { status: error.status, body: { help, success: false, error: error.error } };
  }
};
