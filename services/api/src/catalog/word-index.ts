import { wordsOf } from './words-of.ts';

/** What a word counts for, by where it stands: the first of these fields outweighs the others together. */
const WEIGHTS = { title: 16, id: 8, about: 4, columns: 2, description: 1 } as const;
export type SearchTexts = Readonly<Record<keyof typeof WEIGHTS, string>>;
const FIELDS = Object.keys(WEIGHTS) as (keyof typeof WEIGHTS)[];
const BITS = FIELDS.length;

/** A whole word counts for more than the beginning of one. */
const WHOLE = 2;

/**
 * Finds documents by their words, or by how these begin. Documents have numbers from 0 on, in the order in which they
 * were added; what changes is added again under a new one. A score depends on nothing but the document and the
 * question, so that pages stay in order while the catalog grows.
 */
export class WordIndex {
  /** For each word, the documents that have it, with the fields as bits below. */
  readonly #postings = new Map<string, number[]>();
  /** All words in order; made anew when it is asked for after a word was added. */
  #sorted: readonly string[] | undefined;

  add(document: number, texts: SearchTexts): void {
    const fields = new Map<string, number>();
    for (const [bit, field] of FIELDS.entries())
      for (const word of wordsOf(texts[field])) fields.set(word, (fields.get(word) ?? 0) | (1 << bit));
    for (const [word, bits] of fields) {
      const posting = (document << BITS) | bits;
      const known = this.#postings.get(word);
      if (known) known.push(posting);
      else {
        this.#postings.set(word, [posting]);
        this.#sorted = undefined;
      }
    }
  }

  /** The score of each of `size` documents: 0 for one that lacks a word. */
  score(question: string, size: number): Float64Array {
    let total: Float64Array | undefined;
    for (const word of new Set(wordsOf(question))) {
      const best = this.#scoreWord(word, size);
      if (total === undefined) total = best;
      else for (let at = 0; at < size; at++) total[at] = total[at]! > 0 && best[at]! > 0 ? total[at]! + best[at]! : 0;
    }
    return total ?? new Float64Array(size);
  }

  /** A document has the best of what its words that begin so count for. */
  #scoreWord(word: string, size: number): Float64Array {
    const best = new Float64Array(size);
    this.#sorted ??= [...this.#postings.keys()].sort();
    for (let at = firstFrom(this.#sorted, word); this.#sorted[at]?.startsWith(word); at++) {
      const times = this.#sorted[at] === word ? WHOLE : 1;
      for (const posting of this.#postings.get(this.#sorted[at]!)!) {
        const document = posting >>> BITS;
        const score = times * SCORES[posting & (SCORES.length - 1)]!;
        if (score > best[document]!) best[document] = score;
      }
    }
    return best;
  }
}

/** What each set of fields counts for. */
const SCORES = Array.from({ length: 1 << BITS }, (_, bits) =>
  FIELDS.reduce((sum, field, bit) => sum + (bits & (1 << bit) ? WEIGHTS[field] : 0), 0),
);

/** Where the first word stands that is not before this one. */
const firstFrom = (sorted: readonly string[], word: string): number => {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (sorted[middle]! < word) low = middle + 1;
    else high = middle;
  }
  return low;
};
