/**
 * Deterministic pseudo-random numbers. A generator is made from a key (seed, file, row …), so that adding a year or a
 * row never moves the figures of another one.
 */
export type SeededRandom = {
  /** The next number in [0, 1). */
  next(): number;
  /** An integer in [from, to]. */
  integer(from: number, to: number): number;
  chance(probability: number): boolean;
};

// Looked up once: inside a vm context, where the tests run, each look at a global is slow.
const { imul, floor } = Math;

/** FNV-1a over UTF-16 code units, 32 bits. */
export const hashOf = (key: string): number => {
  let hash = 0x811c9dc5;
  for (let i = 0; i < key.length; i++) hash = imul(hash ^ key.charCodeAt(i), 0x01000193);
  return hash >>> 0;
};

/** mulberry32, started from the hash of the key's parts. */
export const randomOf = (...key: readonly (string | number)[]): SeededRandom => {
  let state = hashOf(key.join('\u0000'));
  const next = (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let t = imul(state ^ (state >>> 15), 1 | state);
    t = (t + imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
  return {
    next,
    integer: (from, to) => from + floor(next() * (to - from + 1)),
    chance: (probability) => next() < probability,
  };
};
