import type { Dataset } from '@granary/domain/dataset';

/** Facets of the catalog, each with the values that a dataset has of it. Freshness is told by the time of asking. */
const VALUES = {
  theme: ({ theme }) => [theme],
  tag: ({ tags }) => tags,
  publisher: ({ publisher }) => [publisher],
  licence: ({ licence }) => [licence.name],
  format: ({ format }) => (format ? [format] : []),
  source: ({ source }) => [source],
  state: (dataset) => [stateOf(dataset)],
} satisfies Record<string, (dataset: Dataset) => readonly string[]>;
type StoredFacet = keyof typeof VALUES;
const STORED = Object.keys(VALUES) as StoredFacet[];

export const STATES = ['published', 'unpublished', 'refused', 'gone'] as const;
const stateOf = ({ latest, gone_at, refused }: Dataset): (typeof STATES)[number] => {
  if (gone_at !== null) return 'gone';
  if (refused !== null) return 'refused';
  return latest === null ? 'unpublished' : 'published';
};

/** How long ago the latest version was published, at most: in days. */
export const FRESHNESS = ['day', 'week', 'month', 'year', 'older', 'never'] as const;
const DAYS = [1, 7, 31, 366, Number.POSITIVE_INFINITY];
const freshnessOf = (updated_ms: number, now: number): number =>
  Number.isNaN(updated_ms) ? FRESHNESS.length - 1 : DAYS.findIndex((days) => now - updated_ms <= days * 86_400_000);

export type CatalogFacet = StoredFacet | 'freshness';
export type FacetValue = { value: string; count: number };
export type FacetCounts = Readonly<Record<CatalogFacet, readonly FacetValue[]>>;
export type FacetFilters = Readonly<Partial<Record<CatalogFacet, string>>>;

/** What of a dataset its facets are counted by: numbers of values, by facet. */
export type FacetCodes = { codes: readonly (readonly number[])[]; updated_ms: number };

/** Values that are listed of a facet: the most frequent. */
const MOST_VALUES = 100;

/** The values of facets, by the numbers that datasets have for them. */
export class FacetValues {
  readonly #numbers = STORED.map(() => new Map<string, number>());

  codesOf(dataset: Dataset): FacetCodes {
    const codes = STORED.map((facet, at) =>
      [...new Set(VALUES[facet](dataset))].map((value) => this.#number(at, value)),
    );
    return { codes, updated_ms: Date.parse(dataset.updated_at ?? '') };
  }

  #number(at: number, value: string): number {
    const numbers = this.#numbers[at]!;
    const known = numbers.get(value);
    if (known !== undefined) return known;
    numbers.set(value, numbers.size);
    return numbers.size - 1;
  }

  /**
   * Which of these pass the filters, and the counts of all values. A facet leaves its own filter out: it shows the
   * other choices.
   */
  count<Coded extends FacetCodes>(
    candidates: readonly Coded[],
    filters: FacetFilters,
    now: number,
  ): { found: Coded[]; facets: FacetCounts } {
    const wanted = STORED.map((facet, at) => {
      const value = filters[facet];
      return value === undefined ? undefined : (this.#numbers[at]!.get(value) ?? -1);
    });
    const fresh =
      filters.freshness === undefined ? undefined : FRESHNESS.indexOf(filters.freshness as (typeof FRESHNESS)[number]);
    const counts = this.#numbers.map(({ size }) => new Uint32Array(size));
    const ages = new Uint32Array(FRESHNESS.length);
    const found: Coded[] = [];
    for (const candidate of candidates) {
      const { codes, updated_ms } = candidate;
      const age = freshnessOf(updated_ms, now);
      // Number of the one facet whose filter it does not pass; those that fail two count nowhere.
      let failed = fresh === undefined || fresh === age ? -1 : STORED.length;
      let fails = failed === -1 ? 0 : 1;
      for (let at = 0; at < wanted.length; at++) {
        if (wanted[at] === undefined || codes[at]!.includes(wanted[at]!)) continue;
        failed = at;
        fails++;
      }
      if (fails > 1) continue;
      if (fails === 0) found.push(candidate);
      for (let at = 0; at < codes.length; at++)
        if (fails === 0 || failed === at) for (const code of codes[at]!) counts[at]![code]!++;
      if (fails === 0 || failed === STORED.length) ages[age]!++;
    }
    const facets = STORED.map((facet, at) => [facet, listed([...this.#numbers[at]!.keys()], counts[at]!)]);
    const freshness = FRESHNESS.map((value, at) => ({ value, count: ages[at]! })).filter(({ count }) => count > 0);
    return { found, facets: { ...Object.fromEntries(facets), freshness } };
  }
}

/** The most frequent first, alphabetical where they tie. */
const listed = (values: readonly string[], counts: Uint32Array): FacetValue[] =>
  values
    .map((value, at) => ({ value, count: counts[at]! }))
    .filter(({ count }) => count > 0)
    .sort((a, b) => b.count - a.count || (a.value < b.value ? -1 : 1))
    .slice(0, MOST_VALUES);
