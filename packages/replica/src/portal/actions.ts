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

/** One of these is what a field has to be. */
type Filter = { field: string; values: readonly string[] };
const FILTER = /\+?([a-z_]+):(?:\(([^)]*)\)|"([^"]*)"|([^\s()]+))/g;

/** `groups:sante +organization:"office-de-l-eau" AND tags:("eau" OR "mer")`. */
const filtersOf = (fq: string): readonly Filter[] => {
  if (fq.replaceAll(FILTER, '').replaceAll(/\bAND\b|\s/g, '') !== '') throw searchError(`Invalid search query: ${fq}`);
  return [...fq.matchAll(FILTER)].map(([, field, some, quoted, bare]) => ({
    field: field!,
    values:
      some === undefined ? [quoted ?? bare!] : some.split(/\s+OR\s+/).map((one) => one.replaceAll('"', '').trim()),
  }));
};

const FIELDS: Readonly<Record<string, (dataset: ListedDataset, value: string) => boolean>> = {
  groups: ({ spec }, value) => spec.groups.includes(value),
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
};

/** Numbers of the datasets that a search finds. Those of a theme, or by name, cost no dataset to be made. */
const found = ({ catalog, query }: Asked): readonly number[] => {
  const filters = filtersOf(query.get('fq') ?? '');
  const unknown = filters.find(({ field }) => !Object.hasOwn(FIELDS, field));
  if (unknown) throw searchError(`undefined field ${unknown.field}`);
  const theme = filters.find(({ field, values }) => field === 'groups' && values.length === 1);
  const others = filters.filter((filter) => filter !== theme);
  const words = query
    .get('q')
    ?.replace(/^\*(:\*)?$/, '')
    .toLowerCase();
  let numbers = [...catalog.numbers(theme?.values[0])];
  if (others.length > 0 || words)
    numbers = numbers.filter((number) => {
      const dataset = catalog.dataset(number);
      return (
        others.every(({ field, values }) => values.some((value) => FIELDS[field]!(dataset, value))) &&
        (!words || `${dataset.title} ${dataset.spec.notes}`.toLowerCase().includes(words))
      );
    });
  const sort = query.get('sort')?.trim();
  if (!sort || /score/.test(sort)) return numbers;
  if (sort === 'name asc') return numbers.sort((a, b) => (catalog.name(a) < catalog.name(b) ? -1 : 1));
  const order = ORDERS[sort];
  if (!order) throw searchError(`Cannot sort by ${sort}; try name asc, ${Object.keys(ORDERS).join(', ')}`);
  const made = new Map(numbers.map((number) => [number, catalog.dataset(number)]));
  return numbers.sort((a, b) => order(made.get(a)!, made.get(b)!));
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
