import type { Dataset } from '@granary/domain/dataset';
import { readCursor, writeCursor } from '../paging/cursor.ts';
import { publicDataset } from './public-dataset.ts';

export type DatasetQuery = { q?: string; theme?: string; tag?: string; limit: number; cursor?: string };
export type FacetValue = { value: string; count: number };
export type DatasetPage = {
  items: readonly Dataset[];
  next: string | null;
  facets: { theme: readonly FacetValue[]; tag: readonly FacetValue[] };
};

/**
 * One page of the datasets (ordered by id) that a query means. A facet leaves its own filter out: it shows the other
 * choices.
 */
export const searchDatasets = (datasets: readonly Dataset[], query: DatasetQuery): DatasetPage => {
  const { q, theme, tag, limit, cursor } = query;
  const after = cursor === undefined ? '' : readCursor(cursor, isPlace).after;
  const words = plain(q ?? '')
    .split(/\s+/)
    .filter(Boolean);
  const found = words.length === 0 ? datasets : datasets.filter((dataset) => hasWords(dataset, words));
  const hasTheme = (dataset: Dataset) => theme === undefined || dataset.theme === theme;
  const hasTag = (dataset: Dataset) => tag === undefined || dataset.tags.includes(tag);

  const rest = found.filter((dataset) => hasTheme(dataset) && hasTag(dataset) && dataset.id > after);
  const items = rest.slice(0, limit);
  return {
    items: items.map(publicDataset),
    next: rest.length > limit ? writeCursor({ after: items[limit - 1].id }) : null,
    facets: {
      theme: count(found.filter(hasTag).map((dataset) => dataset.theme)),
      tag: count(found.filter(hasTheme).flatMap((dataset) => dataset.tags)),
    },
  };
};

const isPlace = (place: unknown): place is { after: string } =>
  typeof place === 'object' && place !== null && 'after' in place && typeof place.after === 'string';

const hasWords = ({ id, title, description, tags }: Dataset, words: readonly string[]): boolean => {
  const text = plain([id, title, description, ...tags].join(' '));
  return words.every((word) => text.includes(word));
};

/** Lower case without accents: `Produção` is found by `producao`. */
const plain = (text: string): string => text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase();

/** The most frequent first, alphabetical where they tie. */
const count = (values: readonly string[]): FacetValue[] => {
  const counts = new Map<string, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return [...counts]
    .map(([value, number]) => ({ value, count: number }))
    .sort((a, b) => b.count - a.count || (a.value < b.value ? -1 : 1));
};
