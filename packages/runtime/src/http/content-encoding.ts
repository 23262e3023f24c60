export type Encoding = 'br' | 'gzip' | 'identity';

/** Bodies shorter than this many bytes go as they are: compressing them saves less than it costs. */
export const COMPRESS_ABOVE = 1024;

const known = new Map<string, Encoding>();

/**
 * The encoding to answer with: the one with the highest weight among br, gzip and identity, in that order when they tie
 * (RFC 9110, 12.5.3). Clients repeat themselves, so the answers are remembered.
 */
export const chooseEncoding = (accept: string | undefined): Encoding => {
  if (!accept) return 'identity';
  const before = known.get(accept);
  if (before !== undefined) return before;
  const chosen = parse(accept);
  if (known.size < 200 && accept.length < 200) known.set(accept, chosen);
  return chosen;
};

const parse = (accept: string): Encoding => {
  const weights = new Map<string, number>();
  for (const part of accept.toLowerCase().split(',')) {
    const [coding, ...parameters] = part.split(';').map((text) => text.trim());
    if (!coding) continue;
    const q = parameters.find((parameter) => parameter.startsWith('q='));
    const weight = q === undefined ? 1 : Number(q.slice(2));
    weights.set(coding === 'x-gzip' ? 'gzip' : coding, Number.isFinite(weight) ? weight : 0);
  }
  const others = weights.get('*') ?? 0;
  const br = weights.get('br') ?? others;
  const gzip = weights.get('gzip') ?? others;
  const identity = weights.get('identity') ?? 0;
  if (br > 0 && br >= gzip && br >= identity) return 'br';
  if (gzip > 0 && gzip >= identity) return 'gzip';
  return 'identity';
};
