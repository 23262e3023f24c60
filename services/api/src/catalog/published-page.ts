import type { CatalogReader } from '@granary/domain/ports/catalog';
import type { CatalogPage } from '../docs/dcat.ts';
import { readCursor, writeCursor } from '../paging/cursor.ts';
import { viewCatalog } from './catalog-index.ts';

/** A page of the published datasets, by id; only those of the page are read. */
export const publishedPage = async (
  catalog: Pick<CatalogReader, 'getDatasets' | 'listChanges'>,
  { limit, cursor }: { limit: number; cursor?: string },
): Promise<CatalogPage> => {
  const after = cursor === undefined ? '' : readCursor(cursor, isPlace).after;
  const published = (await viewCatalog(catalog)).entries.filter(({ latest }) => latest !== null);
  const rest = published.filter(({ id }) => id > after);
  const ids = rest.slice(0, limit).map(({ id }) => id);
  const datasets = [...(await catalog.getDatasets(ids))].sort((a, b) => (a.id < b.id ? -1 : 1));
  return { datasets, next: rest.length > limit ? writeCursor({ after: ids.at(-1) }) : null, total: published.length };
};

const isPlace = (place: unknown): place is { after: string } =>
  typeof place === 'object' && place !== null && 'after' in place && typeof place.after === 'string';
