import { hash } from 'node:crypto';
import { type Dataset, type DatasetId, isListed } from '@granary/domain/dataset';
import type { CatalogReader } from '@granary/domain/ports/catalog';
import { type FacetCodes, FacetValues } from './facets-of.ts';
import { type SearchTexts, WordIndex } from './word-index.ts';

/** What is kept of a dataset to find and to sort it by; the rest is read with its page. */
export type Entry = FacetCodes & {
  id: DatasetId;
  /** Its number in the index of words. */
  document: number;
  title: string;
  theme: string;
  updated_at: string | null;
  rows: number | null;
  years: { first: number; last: number } | null;
  latest: number | null;
  csv_bytes: number | undefined;
};

/** `entries` are in order of id. `score`: 0 for a document that lacks a word, by its number. */
export type CatalogView = { entries: readonly Entry[]; facets: FacetValues; score(question: string): Float64Array };

/** How many documents of words may be of what changed since, besides as many as there are datasets. */
const MOST_STALE = 1000;
/** An index may lag by more than marks allow for, as while it is throttled: all is read anew after this. */
const LONGEST_MS = 3_600_000;

/**
 * The catalog as it stands now. A warm function keeps what it knows of it, and each question first asks the store for
 * what changed since the one before: so a list is as new as the catalog itself and costs what is new, however many
 * datasets there are. Nothing is written for it that could be out of date: a change and the mark by which it is found
 * are one write (ports/catalog.ts).
 */
export const viewCatalog = async (
  catalog: Pick<CatalogReader, 'listChanges'>,
  now = Date.now(),
): Promise<CatalogView> => {
  let kept = KEPT.get(catalog);
  if (kept === undefined || kept.isStale(now)) {
    kept = new KeptCatalog(now);
    KEPT.set(catalog, kept);
  }
  const { datasets, mark } = await catalog.listChanges(kept.mark);
  for (const dataset of datasets) kept.apply(dataset);
  kept.mark = mark;
  return kept.view();
};

class KeptCatalog {
  mark: string | undefined;
  readonly #facets = new FacetValues();
  readonly #words = new WordIndex();
  readonly #entries = new Map<DatasetId, Entry>();
  /** What each dataset was when it was put here: a change that is given again is none. */
  readonly #seen = new Map<DatasetId, string>();
  #documents = 0;
  #sorted: Entry[] | undefined;

  readonly #begun: number;

  constructor(begun: number) {
    this.#begun = begun;
  }

  isStale(now: number): boolean {
    return this.#documents > 2 * this.#entries.size + MOST_STALE || now - this.#begun > LONGEST_MS;
  }

  apply(dataset: Dataset): void {
    const { checked_at: _, ...shown } = dataset;
    const made_of = hash('sha256', JSON.stringify(shown), 'base64url');
    if (this.#seen.get(dataset.id) === made_of) return;
    this.#seen.set(dataset.id, made_of);
    this.#sorted = undefined;
    if (isListed(dataset)) this.#put(dataset);
    else this.#entries.delete(dataset.id);
  }

  #put(dataset: Dataset): void {
    const { id, title, theme, updated_at, rows, years = null, latest, csv_bytes } = dataset;
    const document = this.#documents++;
    const codes = this.#facets.codesOf(dataset);
    this.#words.add(document, textsOf(dataset));
    this.#entries.set(id, { ...codes, id, document, title, theme, updated_at, rows, years, latest, csv_bytes });
  }

  view(): CatalogView {
    this.#sorted ??= [...this.#entries.values()].sort((a, b) => (a.id < b.id ? -1 : 1));
    const [words, size] = [this.#words, this.#documents];
    return { entries: this.#sorted, facets: this.#facets, score: (question) => words.score(question, size) };
  }
}

/** One of each store: all endpoints of a function share it. */
const KEPT = new WeakMap<object, KeptCatalog>();

const textsOf = ({ id, title, description, publisher, theme, tags, fields }: Dataset): SearchTexts => ({
  id: id.replaceAll('_', ' '),
  title,
  about: [theme, ...tags, publisher].join(' '),
  columns: fields.map((field) => `${field.name.replaceAll('_', ' ')} ${field.title ?? ''}`).join(' '),
  description,
});
