import { hash } from 'node:crypto';

/** A strong ETag names bytes, so each encoding of a content has its own: `"x"`, `"x;gzip"`. */
export const strongEtag = (name: string, encoding: string): string =>
  encoding === 'identity' ? `"${name}"` : `"${name};${encoding}"`;

/** A name for content that has none: 128 bits of its SHA-256. */
export const hashOf = (body: string | Uint8Array): string => hash('sha256', body, 'base64url').slice(0, 22);

/**
 * Whether If-None-Match names this content in any of its encodings (weak comparison, RFC 9110, 13.1.2): a client that has it
 * compressed need not get it again.
 */
export const matches = (if_none_match: string | undefined, name: string): boolean => {
  if (!if_none_match) return false;
  if (if_none_match.trim() === '*') return true;
  for (const [, tag] of if_none_match.matchAll(/(?:W\/)?"([^"]*)"/g)) {
    if (tag === name || (tag.startsWith(name) && /^;(?:gzip|br)$/.test(tag.slice(name.length)))) return true;
  }
  return false;
};
