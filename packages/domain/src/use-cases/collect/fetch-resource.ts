import { rm } from 'node:fs/promises';
import type { Fetched } from '../../ports/collecting.ts';
import type { Resource, SourceDefinition } from '../../source.ts';
import { type AskDeps, askSource, type Question } from './ask-source.ts';
import { type FetchPagesDeps, fetchPages } from './fetch-pages.ts';
import type { PartOfRun } from './kept-pages.ts';

export type ResourceQuestion = Pick<Question, 'etag' | 'last_modified' | 'onRequest'> & {
  source: SourceDefinition;
  resource: Resource;
  /** Pages that it does not get to are fetched by its next delivery. */
  part: PartOfRun;
};

/**
 * Fetches a resource: one file, or all of its pages as one ({@link fetchPages}). Throws what {@link askSource} throws.
 */
export const fetchResource =
  (deps: AskDeps & FetchPagesDeps) =>
  async ({ source, resource, part, ...question }: ResourceQuestion): Promise<Fetched> => {
    const paging = source.paging?.(resource);
    if (paging) return fetchPages(deps)({ paging, source, resource, part, ...question });
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
