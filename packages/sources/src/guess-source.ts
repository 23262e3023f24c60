import { InvalidRequest } from '@granary/domain/errors';
import type { Guess, GuessedAt, TableKind } from '@granary/domain/kind';
import type { ResourceFile } from '@granary/domain/reading';
import type { Source } from '@granary/domain/source';
import { toIdentifier } from '@granary/tabular/identifier';
import { checkSource } from './check-source.ts';
import { decoded } from './decoded.ts';

const ID_LENGTH = 64;
/** Of one file that somebody wants: enough for most, and far below what the disk of the worker holds. */
const MAX_BYTES = 200_000_000;
const PACE = 60;

/** Names that say nothing about what a file holds. */
const NAMELESS = /^(index|default|download|export|data|file|get|view)?$/;

/** Of `https://www.ine.pt/files/rain.csv?x=1`: `rain`, `ine_rain` where the name of the file alone says too little. */
const idOf = ({ hostname, pathname }: URL): string => {
  const last = pathname.split('/').findLast((part) => part !== '') ?? '';
  const stem = toIdentifier(decoded(last).replace(/(\.[a-z0-9]{1,8}){1,2}$/i, ''));
  const isNumeric = /^[\d.]+$|^\[/.test(hostname);
  const host = isNumeric ? '' : toIdentifier(hostname.replace(/^www\./, '').replace(/\.[a-z]+$/i, ''));
  const words = NAMELESS.test(stem) ? [host, stem] : [stem];
  const id = words.filter((word) => word !== '').join('_') || 'source';
  return (/^[a-z]/.test(id) ? id : `source_${id}`).slice(0, ID_LENGTH).replace(/_+$/, '');
};

/**
 * The kind that reads such bytes, its configuration of the one file, and what that leaves open. A file that no kind
 * claims is one of kind `files`, which says why it cannot be read.
 */
export const guessConfig = (
  kinds: readonly TableKind<unknown>[],
  file: ResourceFile,
  at: GuessedAt,
): Required<Guess> & { kind: string } => {
  for (const kind of kinds) {
    const guess = kind.guess?.(file, at);
    if (guess) return { kind: kind.kind, doubts: [], ...guess };
  }
  return { kind: 'files', config: { files: [{ dataset: at.dataset, url: at.url }] }, doubts: [] };
};

/**
 * The source that the file at an address becomes where nobody has written one: of the kind that reads such bytes, with
 * one file, fetched once a day. Throws InvalidRequest for an `id` that is none.
 */
export const guessSource = (
  kinds: readonly TableKind<unknown>[],
  address: string,
  file: ResourceFile,
  { id = idOf(new URL(address)), link = null }: { id?: string; link?: string | null } = {},
): { source: Source; doubts: readonly string[] } => {
  const url = new URL(address);
  url.hash = '';
  const base_url = new URL('.', url).href.replace(/[?#].*$/, '');
  const rest = url.href.slice(base_url.length) || './';
  const at = { link, dataset: `${id}_data`, url: new URL(rest, base_url).href === url.href ? rest : url.href };
  const { kind, config, doubts } = guessConfig(kinds, file, at);
  const name = decoded(url.pathname.split('/').findLast((part) => part !== '') ?? url.hostname);
  if (url.username || url.password)
    throw InvalidRequest.of('url', 'An address with a user name or a password is not kept: it would be published.');
  const written = {
    ...{ id, kind, title: name, publisher: url.hostname, theme: 'other', tags: [] },
    licence: { name: 'notspecified', title: 'No licence is stated by the publisher' },
    ...{ schedule: 'rate(1 day)', base_url, requests_per_minute: PACE, max_bytes: MAX_BYTES, config },
    datasets: [{ id: at.dataset, title: name, description: `What ${url.origin}${url.pathname} holds.` }],
  };
  return { source: checkSource(written, kinds), doubts };
};
