/** Which values a column has and how often: exact while they are few, then estimated within the same memory. */
import { HyperLogLog, mixedHash } from './hyper-log-log.ts';
import { type Counts, commonest, type NumberCounts, type TextCounts, textHash } from './value-counts.ts';

/** What a column may take: distinct values, bytes of their texts, and how many of the commonest are listed. */
export type TallyLimits = { values: number; bytes: number; listed: number };

/** `counts_are`: `estimated` ones may be too low, by `missed` at most; `not_counted`: nearly all values differ. */
export type Tallied = {
  distinct: number;
  distinct_is: 'exact' | 'estimated';
  entries: readonly number[];
  counts_are: 'exact' | 'estimated' | 'not_counted';
  missed: number;
};

/** Values that occur less often than this on average are nearly all different: none of them is frequent. */
const REPEATED = 1.05;

abstract class Tally<C extends Counts> {
  counts: C | null;
  protected sketch: HyperLogLog | null = null;
  protected readonly limits: TallyLimits;

  constructor(counts: C, limits: TallyLimits) {
    this.counts = counts;
    this.limits = limits;
  }

  /** There is no room for more values. */
  protected overflow(counts: C): void {
    if (!this.sketch) {
      this.sketch = new HyperLogLog();
      for (let entry = 0; entry < counts.length; entry++) this.sketch.add(counts.hash(entry));
    }
    if (counts.counted < counts.length * REPEATED) this.counts = null;
    else counts.evict();
  }

  tallied(): Tallied {
    const { counts, sketch } = this;
    const distinct = sketch ? sketch.estimate() : counts!.length;
    const distinct_is = sketch ? 'estimated' : 'exact';
    if (!counts) return { distinct, distinct_is, entries: [], counts_are: 'not_counted', missed: 0 };
    // What may have occurred more often without being counted says nothing of the others.
    const entries = commonest(counts, this.limits.listed).filter(
      (entry) => !sketch || counts.counts[entry] > counts.missed[entry],
    );
    const missed = entries.reduce((most, entry) => Math.max(most, counts.missed[entry]), 0);
    return { distinct, distinct_is, entries, counts_are: sketch ? 'estimated' : 'exact', missed };
  }
}

export class NumberTally extends Tally<NumberCounts> {
  /** A value of up to 64 bits, as two words. */
  add(low: number, high: number): void {
    const { counts } = this;
    if (counts === null) {
      this.sketch!.add(mixedHash(low, high));
      return;
    }
    if (!counts.add(low, high)) return;
    this.sketch?.add(mixedHash(low, high));
    if (counts.length >= this.limits.values) this.overflow(counts);
  }
}

export class TextTally extends Tally<TextCounts> {
  /** A text, so many times. Whether it may be one that was not there before. */
  add(bytes: Uint8Array, from: number, to: number, times: number): boolean {
    const { counts } = this;
    if (counts === null) {
      this.sketch!.add(textHash(bytes, from, to));
      return true;
    }
    if (!counts.add(bytes, from, to, times)) return false;
    this.sketch?.add(textHash(bytes, from, to));
    if (counts.length >= this.limits.values || counts.bytes >= this.limits.bytes) this.overflow(counts);
    return true;
  }
}
