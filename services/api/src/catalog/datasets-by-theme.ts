import { NotFound } from '@granary/domain/errors';
import type { CatalogReader } from '@granary/domain/ports/catalog';
import { nearNames } from '@granary/sql/near-names';
import { type Entry, viewCatalog } from './catalog-index.ts';

/** Published datasets by their themes, both in order of name. */
export const themesOf = async (catalog: Pick<CatalogReader, 'listChanges'>): Promise<ReadonlyMap<string, Entry[]>> => {
  const { entries } = await viewCatalog(catalog);
  const themes = Map.groupBy(
    entries.filter(({ latest }) => latest !== null),
    ({ theme }) => theme,
  );
  return new Map([...themes].sort(([a], [b]) => (a < b ? -1 : 1)));
};

/** The published datasets of a theme. Throws NotFound, which names themes that may be meant. */
export const datasetsOf = async (catalog: Pick<CatalogReader, 'listChanges'>, theme: string): Promise<Entry[]> => {
  const themes = await themesOf(catalog);
  const found = themes.get(theme);
  if (found) return found;
  throw new NotFound(`There is no theme '${theme}'${meant(theme, [...themes.keys()])}; GET /themes lists them.`);
};

/** One of them by its name. Throws NotFound, which names datasets of the theme that may be meant. */
export const datasetIn = (theme: string, datasets: readonly Entry[], name: string): Entry => {
  const found = datasets.find(({ id }) => id === name);
  if (found) return found;
  const near = meant(
    name,
    datasets.map(({ id }) => id),
  );
  throw new NotFound(`The theme '${theme}' has no dataset '${name}'${near}; GET /data?theme=${theme} lists them.`);
};

const meant = (asked: string, known: readonly string[]): string => {
  const near = nearNames(asked.toLowerCase(), known);
  return near.length === 0 ? '' : ` (is it ${near.map((name) => `'${name}'`).join(' or ')}?)`;
};
