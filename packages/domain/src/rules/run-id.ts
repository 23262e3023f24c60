import type { Random } from '../ports/collecting.ts';
import type { Run } from '../run.ts';

/** `collect-20261120t083300-4k2m9x`: sorts by time within its kind, and fits URLs, keys and message schemas. */
export const newRunId = (kind: Run['kind'], now: number, random: Random): string => {
  const time = new Date(now).toISOString().slice(0, 19).replace(/[-:]/g, '').toLowerCase();
  return `${kind}-${time}-${randomWord(random, 6)}`;
};

const LETTERS = '0123456789abcdefghjkmnpqrstvwxyz';

/** Lower-case letters and digits without those that look alike. */
export const randomWord = (random: Random, length: number): string => {
  let word = '';
  for (let i = 0; i < length; i++) word += LETTERS[Math.floor(random() * LETTERS.length)];
  return word;
};
