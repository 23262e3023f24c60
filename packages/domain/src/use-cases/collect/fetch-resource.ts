import { rm } from 'node:fs/promises';
import type { Incremental } from '../../changed-records.ts';
import type { RawObject } from '../../dataset.ts';
import type { Fetched } from '../../ports/collecting.ts';
import type { Resource, SourceDefinition } from '../../source.ts';
import { type AskDeps, askSource, type Question } from './ask-source.ts';
import { type FetchChangesDeps, fetchChanges } from './fetch-changes.ts';
import { type FetchPagesDeps, fetchPages, type PagesQuestion } from './fetch-pages.ts';
import type { PartOfRun } from './kept-pages.ts';

export type ResourceQuestion = Pick<Question, 'etag' | 'last_modified' | 'onRequest'> & {
  source: SourceDefinition;
  resource: Resource;
  /** Pages that it does not get to are fetched by its next delivery. */
  part: PartOfRun;
  checked_at: PagesQuestion['checked_at'];
  /** What the latest version was made of, by the same parser and from the same address. */
  previous: RawObject | undefined;
};

/**
 * Fetches a resource: one file, or all of its pages as one ({@link fetchPages}), or what of it has changed
 * ({@link fetchChanges}). Throws what {@link askSource} throws.
 */
export const fetchResource =
  (deps: AskDeps & FetchPagesDeps & FetchChangesDeps) =>
  (question: ResourceQuestion): Promise<Fetched> => {
    const { source, resource, previous, part, checked_at, onRequest } = question;
    const incremental = source.incremental?.(resource);
    if (!incremental) return fetchWhole(deps)(question);
    const fetch = (url: string) =>
      fetchWhole(deps)({ source, resource: { ...resource, url }, part, checked_at, onRequest });
    const whole = isWholeDue(incremental, checked_at, deps.clock());
    const { max_bytes } = source;
    return fetchChanges(deps)({ incremental, whole, url: resource.url, max_bytes, previous, fetch });
  };

const DAY_MS = 86_400_000;

/** Whether another period has begun since the source was last asked. */
const isWholeDue = ({ whole_every }: Incremental, checked_at: string | null, now: number): boolean => {
  if (whole_every === undefined || checked_at === null) return false;
  const period = (at: number): number => Math.floor(at / (whole_every * DAY_MS));
  return period(now) > period(Date.parse(checked_at));
};

const fetchWhole =
  (deps: AskDeps & FetchPagesDeps) =>
  async ({ source, resource, part, checked_at, ...question }: Omit<ResourceQuestion, 'previous'>): Promise<Fetched> => {
    const paging = source.paging?.(resource);
    if (paging) return fetchPages(deps)({ paging, source, resource, part, checked_at, ...question });
    const fetched = await askSource(deps)({ url: resource.url, accept: source.accept, source, ...question });
    if (fetched.status === 'not-modified') return fetched;
    try {
      source.checkAnswer?.(resource, { url: resource.url, link: fetched.link });
      return fetched;
    } catch (error) {
      await rm(fetched.path, { force: true });
      throw error;
    }
  };
