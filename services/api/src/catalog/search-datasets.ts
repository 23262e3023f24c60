import type { CatalogReader } from '@granary/domain/ports/catalog';
import { readCursor, writeCursor } from '../paging/cursor.ts';
import { type Entry, viewCatalog } from './catalog-index.ts';
import type { FacetCounts, FacetFilters } from './facets-of.ts';
import { type PublicDataset, publicDataset } from './public-dataset.ts';

export const SORTS = [
  'relevance',
  'id',
  '-id',
  'title',
  '-title',
  'updated_at',
  '-updated_at',
  'rows',
  '-rows',
] as const;
export type Sort = (typeof SORTS)[number];

/** `covers`: a year, or the first and the last of some: `1990-1999`. */
export type DatasetQuery = FacetFilters & {
  q?: string;
  covers?: string;
  sort?: Sort;
  limit: number;
  cursor?: string;
};
export type DatasetPage = {
  items: readonly PublicDataset[];
  next: string | null;
  total: number;
  facets: FacetCounts;
};

export type SearchDeps = { catalog: Pick<CatalogReader, 'getDatasets' | 'listChanges'>; now?: () => number };

/**
 * One page of the datasets that a query means: the best match first, or by id where there are no words. Only the
 * datasets of the page are read.
 */
export const searchDatasets =
  ({ catalog, now = Date.now }: SearchDeps) =>
  async (query: DatasetQuery): Promise<DatasetPage> => {
    const { q = '', covers, limit, cursor, sort = q.trim() === '' ? 'id' : 'relevance', ...filters } = query;
    const view = await viewCatalog(catalog, now());
    const scores = q.trim() === '' ? undefined : view.score(q);
    let candidates = view.entries;
    if (scores) candidates = candidates.filter(({ document }) => scores[document]! > 0);
    if (covers !== undefined) candidates = candidates.filter(coversYears(covers));
    const { found, facets } = view.facets.count(candidates, filters, now());

    const sortedBy = sortValue(sort, scores);
    const compare = bySort(sort.startsWith('-') || sort === 'relevance' ? -1 : 1);
    const placed = found.map((entry) => ({ id: entry.id, value: sortedBy(entry) }));
    const after = cursor === undefined ? undefined : readPlace(cursor, sort);
    const rest = after === undefined ? placed : placed.filter((place) => compare(place, after) > 0);
    const page = rest.sort(compare).slice(0, limit);
    const datasets = new Map((await catalog.getDatasets(page.map(({ id }) => id))).map((one) => [one.id, one]));
    return {
      items: page.flatMap(({ id }) => datasets.get(id) ?? []).map(publicDataset),
      next: rest.length > limit ? writeCursor({ sort, ...page.at(-1)! }) : null,
      total: found.length,
      facets,
    };
  };

/** Characters of a title by which it is sorted: they stand in the cursor. */
const SORTED_BY = 100;

type Place = { id: string; value: string | number | null };

const sortValue = (sort: Sort, scores: Float64Array | undefined): ((entry: Entry) => Place['value']) => {
  if (sort === 'relevance') return ({ document }) => scores?.[document] ?? null;
  if (sort === 'id' || sort === '-id') return ({ id }) => id;
  if (sort === 'title' || sort === '-title') return ({ title }) => title.toLowerCase().slice(0, SORTED_BY);
  return sort === 'rows' || sort === '-rows' ? ({ rows }) => rows : ({ updated_at }) => updated_at;
};

/** What has no value comes last whichever way; ties are in order of id. */
const bySort =
  (sign: 1 | -1) =>
  (a: Place, b: Place): number => {
    if (a.value !== b.value) {
      if (a.value === null) return 1;
      if (b.value === null) return -1;
      return a.value < b.value ? -sign : sign;
    }
    return a.id < b.id ? -1 : Number(a.id > b.id);
  };

const readPlace = (cursor: string, sort: Sort): Place =>
  readCursor(
    cursor,
    (place: unknown): place is Place =>
      typeof place === 'object' &&
      place !== null &&
      'id' in place &&
      typeof place.id === 'string' &&
      'value' in place &&
      (place.value === null || typeof place.value === 'string' || typeof place.value === 'number') &&
      'sort' in place &&
      place.sort === sort,
  );

const coversYears = (covers: string) => {
  const [first, last = first] = covers.split('-').map(Number) as [number, number?];
  return ({ years }: Entry): boolean => years !== null && years.first <= last && first <= years.last;
};
