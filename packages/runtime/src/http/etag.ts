import { hash } from 'node:crypto';

/** A strong ETag names bytes, so each encoding of a content has its own: `"x"`, `"x;gzip"`. */
export const strongEtag = (name: string, encoding: string): string =>
  encoding === 'identity' ? `"${name}"` : `"${name};${encoding}"`;

/** A name for content that has none: 128 bits of its SHA-256. */
export const hashOf = (body: string | Uint8Array): string => hash('sha256', body, 'base64url').slice(0, 22);

/**
 * The ETag in If-None-Match by which the client has this content, in whichever encoding (weak comparison, RFC 9110,
 * 13.1.2): what it has compressed it need not get again. A 304 must carry that very ETag, or a cache does not know what
 * it is about (RFC 9111, 4.3.4).
 */
export const heldEtag = (if_none_match: string | undefined, name: string, encoding: string): string | undefined => {
  if (!if_none_match) return undefined;
  if (if_none_match.trim() === '*') return strongEtag(name, encoding);
  for (const [, tag] of if_none_match.matchAll(/(?:W\/)?"([^"]*)"/g)) {
    if (tag === name || (tag.startsWith(name) && /^;(?:gzip|br)$/.test(tag.slice(name.length)))) return `"${tag}"`;
  }
  return undefined;
};
