/**
 * How often each value of a column occurs, in bounded memory: exactly up to so many distinct values, then by lossy
 * counting (Manku and Motwani, 2002), which forgets rare values and knows how much it may have missed of the others.
 */
import { ByteDictionary } from '../dictionary.ts';
import { otherWord, textWord } from '../read-back/table-sums.ts';
import { mixedHash } from './hyper-log-log.ts';

/** Counts by the number of an entry. Of what came before the entry was made, at most `missed` is missing. */
export type Counts = {
  readonly length: number;
  /** How many values were counted. */
  readonly counted: number;
  counts: Float64Array;
  missed: Float64Array;
  /** Forgets the rarer half. */
  evict(): void;
  /** A hash of an entry's value. */
  hash(entry: number): number;
  /** Order of two entries by value. */
  compare(a: number, b: number): number;
};

const grown = <T extends Float64Array | Int32Array>(array: T): T => {
  const larger = new (array.constructor as new (length: number) => T)(array.length * 2);
  larger.set(array as never);
  return larger;
};

/** At most so often at least half of the entries can have occurred. */
const middleOf = ({ length, counts, missed }: Pick<Counts, 'length' | 'counts' | 'missed'>): number => {
  const most = new Float64Array(length);
  for (let entry = 0; entry < length; entry++) most[entry] = counts[entry] + missed[entry];
  return most.sort()[length >> 1];
};

/** Values of up to 64 bits, as two words each. */
export class NumberCounts implements Counts {
  length = 0;
  counted = 0;
  low = new Int32Array(64);
  high = new Int32Array(64);
  counts = new Float64Array(64);
  missed = new Float64Array(64);
  readonly #order: (a: number, b: number) => number;
  #slots = new Int32Array(128).fill(-1);
  #floor = 0;
  #last = -1;

  /** `order`: of two entries by value. */
  constructor(order: (counts: NumberCounts, a: number, b: number) => number) {
    this.#order = (a, b) => order(this, a, b);
  }

  /** Whether it is a new entry. */
  add(low: number, high: number): boolean {
    this.counted++;
    const last = this.#last;
    if (last !== -1 && this.low[last] === low && this.high[last] === high) {
      this.counts[last]++;
      return false;
    }
    const mask = this.#slots.length - 1;
    let slot = mixedHash(low, high) & mask;
    for (let entry = this.#slots[slot]; entry !== -1; entry = this.#slots[slot]) {
      if (this.low[entry] === low && this.high[entry] === high) {
        this.counts[entry]++;
        this.#last = entry;
        return false;
      }
      slot = (slot + 1) & mask;
    }
    this.#last = this.#append(low, high, 1, this.#floor);
    this.#slots[slot] = this.#last;
    if (this.length * 2 > this.#slots.length) this.#rehash(this.#slots.length * 4);
    return true;
  }

  #append(low: number, high: number, count: number, missed: number): number {
    if (this.length === this.low.length) {
      this.low = grown(this.low);
      this.high = grown(this.high);
      this.counts = grown(this.counts);
      this.missed = grown(this.missed);
    }
    const entry = this.length++;
    this.low[entry] = low;
    this.high[entry] = high;
    this.counts[entry] = count;
    this.missed[entry] = missed;
    return entry;
  }

  #rehash(size: number): void {
    this.#slots = new Int32Array(size).fill(-1);
    const mask = size - 1;
    for (let entry = 0; entry < this.length; entry++) {
      let slot = this.hash(entry) & mask;
      while (this.#slots[slot] !== -1) slot = (slot + 1) & mask;
      this.#slots[slot] = entry;
    }
  }

  evict(): void {
    this.#floor = middleOf(this);
    const { length, counts, missed } = this;
    this.length = 0;
    this.#last = -1;
    for (let entry = 0; entry < length; entry++)
      if (counts[entry] + missed[entry] > this.#floor)
        this.#append(this.low[entry], this.high[entry], counts[entry], missed[entry]);
    this.#rehash(this.#slots.length);
  }

  hash(entry: number): number {
    return mixedHash(this.low[entry], this.high[entry]);
  }

  compare(a: number, b: number): number {
    return this.#order(a, b);
  }
}

/** Texts, kept as their UTF-8. */
export class TextCounts implements Counts {
  counted = 0;
  counts = new Float64Array(64);
  missed = new Float64Array(64);
  #texts = new ByteDictionary(64);
  #floor = 0;

  get length(): number {
    return this.#texts.length;
  }

  /** Bytes of all texts. */
  get bytes(): number {
    return this.#texts.end;
  }

  /** Counts a text so many times. Whether it is a new entry. */
  add(bytes: Uint8Array, from: number, to: number, times: number): boolean {
    this.counted += times;
    const known = this.#texts.length;
    const entry = this.#texts.add(bytes, from, to);
    if (entry < known) {
      this.counts[entry] += times;
      return false;
    }
    if (entry === this.counts.length) {
      this.counts = grown(this.counts);
      this.missed = grown(this.missed);
    }
    this.counts[entry] = times;
    this.missed[entry] = this.#floor;
    return true;
  }

  evict(): void {
    this.#floor = middleOf(this);
    const { counts, missed } = this;
    const before = this.#texts;
    const kept = new ByteDictionary(64);
    for (let entry = 0; entry < before.length; entry++) {
      if (counts[entry] + missed[entry] <= this.#floor) continue;
      const from = before.offsets[entry];
      const place = kept.add(before.bytes, from, from + before.size(entry));
      // Never behind the entry that is looked at.
      counts[place] = counts[entry];
      missed[place] = missed[entry];
    }
    this.#texts = kept;
  }

  text(entry: number): string {
    return this.#texts.get(entry);
  }

  hash(entry: number): number {
    const from = this.#texts.offsets[entry];
    return textHash(this.#texts.bytes, from, from + this.#texts.size(entry));
  }

  /** By code point. */
  compare(a: number, b: number): number {
    const { bytes, offsets } = this.#texts;
    return bytes.compare(
      bytes,
      offsets[b],
      offsets[b] + this.#texts.size(b),
      offsets[a],
      offsets[a] + this.#texts.size(a),
    );
  }
}

export const textHash = (bytes: Uint8Array, from: number, to: number): number =>
  mixedHash(textWord(bytes, from, to), otherWord());

/** The entries that occur most often, at most `most`, the commonest first; those that occur as often by value. */
export const commonest = (counts: Counts, most: number): number[] => {
  const first: number[] = [];
  const isBefore = (a: number, b: number): boolean =>
    counts.counts[a] === counts.counts[b] ? counts.compare(a, b) < 0 : counts.counts[a] > counts.counts[b];
  for (let entry = 0; entry < counts.length; entry++) {
    if (first.length === most && !isBefore(entry, first[most - 1])) continue;
    let place = first.length;
    while (place > 0 && isBefore(entry, first[place - 1])) place--;
    first.splice(place, 0, entry);
    if (first.length > most) first.pop();
  }
  return first;
};
