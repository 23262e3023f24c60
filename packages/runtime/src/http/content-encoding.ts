import { BoundedMap } from '@granary/domain/bounded-map';
import { readWeighted } from './weighted.ts';

export type Encoding = 'br' | 'gzip' | 'identity';

/** Bodies shorter than this many bytes go as they are: compressing them saves less than it costs. */
export const COMPRESS_ABOVE = 1024;

const known = new BoundedMap<string, Encoding>(200);

/**
 * The encoding to answer with: the one with the highest weight among br, gzip and identity, in that order when they tie
 * (RFC 9110, 12.5.3). Clients repeat themselves, so the answers are remembered.
 */
export const chooseEncoding = (accept: string | undefined): Encoding => {
  if (!accept) return 'identity';
  const before = known.get(accept);
  if (before !== undefined) return before;
  const chosen = parse(accept);
  if (accept.length < 200) known.set(accept, chosen);
  return chosen;
};

const parse = (accept: string): Encoding => {
  const weights = new Map(
    readWeighted(accept).map(({ value, weight }) => [value === 'x-gzip' ? 'gzip' : value, weight]),
  );
  const others = weights.get('*') ?? 0;
  const br = weights.get('br') ?? others;
  const gzip = weights.get('gzip') ?? others;
  const identity = weights.get('identity') ?? 0;
  if (br > 0 && br >= gzip && br >= identity) return 'br';
  if (gzip > 0 && gzip >= identity) return 'gzip';
  return 'identity';
};
