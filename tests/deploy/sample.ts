import { hash } from 'node:crypto';

/** So many of them, drawn without putting back; the same for the same seed. */
export const sampleOf = <T>(items: readonly T[], count: number, seed: string): T[] =>
  items
    .map((item, index) => ({ item, at: hash('sha256', `${seed} ${index} ${JSON.stringify(item)}`, 'hex') }))
    .sort((a, b) => (a.at < b.at ? -1 : 1))
    .slice(0, count)
    .map(({ item }) => item);
