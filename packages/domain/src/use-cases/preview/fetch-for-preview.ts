import {
  GranaryError,
  InvalidRequest,
  SourceRefused,
  SourceThrottled,
  SourceUnavailable,
  TooManyRequests,
} from '../../errors.ts';
import type { Fetched } from '../../ports/collecting.ts';
import type { ListingPage, Resource, SourceDefinition } from '../../source.ts';
import { type AskDeps, askSource, type Question } from '../collect/ask-source.ts';

type File = Extract<Fetched, { status: 'fetched' }>;
/** The caller removes the file at `path`. */
export type PreviewedAddress = File | { refused: string };

/** Of a file that is fetched, and of a page of several. */
const MOST_BYTES = 50_000_000;
const MOST_PAGE_BYTES = 32_000_000;
/** Of an address alone nobody knows what it holds: data is wanted, rather than a page about it. */
const ACCEPT = 'text/csv, application/json;q=0.9, */*;q=0.5';
const PACE = 60;

/**
 * Fetches the file at an address, until a time. Whoever looks is told why nothing came: throws InvalidRequest, and
 * TooManyRequests where it may be asked again soon.
 */
export const fetchAddress = async (deps: AskDeps, url: string, until: number): Promise<File> => {
  const source = { requests_per_minute: PACE, max_bytes: MOST_BYTES, base_url: url };
  try {
    return await fetchFile(deps, { url, accept: ACCEPT, source, beginning: true }, until);
  } catch (error) {
    if (error instanceof SourceRefused || error instanceof SourceUnavailable)
      throw InvalidRequest.of('url', `${error.message}${wayOut(error, url)}`);
    if (error instanceof SourceThrottled) throw new TooManyRequests(error.message);
    throw error;
  }
};

/** Where nobody was asked, the address is one that nobody is sent to from here. */
const wayOut = (error: SourceRefused | SourceUnavailable, url: string): string => {
  const wasAsked = error instanceof SourceUnavailable || (error.answer?.status ?? null) !== null;
  const { origin, username, password } = new URL(url);
  if (wasAsked || username || password) return '';
  return `. If it is one of your own, whoever runs this stage can allow it: GRANARY_PRIVATE_ORIGINS=${origin}`;
};

/** Fetches a resource of a source, its first page where it has several. */
export const fetchResource = (
  deps: AskDeps,
  source: SourceDefinition,
  resource: Resource,
  until: number,
): Promise<PreviewedAddress> => {
  const { url } = resource;
  const { accept } = source;
  if (source.paging?.(resource)) return fetchOrSay(deps, source, { url, accept, most: MOST_PAGE_BYTES }, until);
  return fetchOrSay(deps, source, { url, accept, most: MOST_BYTES, beginning: true }, until);
};

/** Fetches a page that lists resources. */
export const fetchListing = (
  deps: AskDeps,
  source: SourceDefinition,
  { url }: ListingPage,
  until: number,
): Promise<PreviewedAddress> =>
  fetchOrSay(deps, source, { url, accept: source.listing!.accept, most: MOST_PAGE_BYTES }, until);

const fetchOrSay = async (
  deps: AskDeps,
  source: SourceDefinition,
  { most, ...asked }: Pick<Question, 'url' | 'accept' | 'beginning'> & { most: number },
  until: number,
): Promise<PreviewedAddress> => {
  try {
    const of = { ...source, max_bytes: Math.min(source.max_bytes, most) };
    return await fetchFile(deps, { ...asked, source: of }, until);
  } catch (error) {
    if (!(error instanceof GranaryError)) throw error;
    return { refused: error.message };
  }
};

const fetchFile = async (
  deps: AskDeps,
  question: Pick<Question, 'url' | 'accept' | 'source' | 'beginning'>,
  until: number,
): Promise<File> => {
  const within_ms = Math.max(1, until - deps.clock());
  const file = await askSource(deps)({ ...question, within_ms, onRequest: () => {} });
  if (file.status === 'fetched') return file;
  throw new SourceRefused(`${question.url} answered 304, though nobody asked whether it has changed.`);
};
