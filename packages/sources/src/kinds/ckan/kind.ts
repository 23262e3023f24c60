import { defineKind } from '@granary/domain/kind';
import type { ListingPage, Source } from '@granary/domain/source';
import { fileTables } from '../../file-tables.ts';
import { apiCandidates, readSearchPage, searchPage } from './action-api.ts';
import { CkanConfig } from './ckan-config.ts';
import { firstPage, readPortalPage } from './html-pages.ts';

/**
 * An open-data portal that runs CKAN: every resource that may hold tables, found by the Action API (`package_search`),
 * or by the pages of HTML where there is none. Resources are known by CKAN's ids. What a file is shows in its bytes; a
 * resource of a format without tables is listed with the reason, and not fetched.
 */
export const kind = defineKind<CkanConfig>({
  kind: 'ckan',
  config: CkanConfig,
  parser_version: 2,
  accept: 'text/csv, text/*;q=0.9, */*;q=0.5',
  crawls: true,
  infers: true,
  unpacks: true,
  listing: {
    accept: 'application/json, text/html;q=0.9, */*;q=0.5',
    whole: true,
    first: (source, base_url) => [probe(source, base_url, 0)],
    async read(source, page, body, base_url) {
      if (page.hints.as !== 'search') return readPortalPage(source, page, body, base_url);
      try {
        return readSearchPage(source, page, body);
      } catch (error) {
        if (page.hints.probe === undefined) throw error;
        return { resources: [], next: instead(source, page, base_url) };
      }
    },
    instead,
  },
  tables: (_source, _resource, file, thorough) => fileTables({}, file, thorough),
});

/** Asks for the first page where the API may be; behind the last such place come the pages of HTML. */
const probe = (source: Source<CkanConfig>, base_url: string, number: number): ListingPage => {
  const api = apiCandidates(source, base_url)[number];
  return api === undefined ? firstPage(source, base_url) : searchPage(source, api, 0, { probe: String(number) });
};

/** What is read where a page cannot be had: after a place where there is no API, the next one. */
function instead(source: Source<CkanConfig>, { hints }: ListingPage, base_url: string): ListingPage[] {
  return hints.probe === undefined ? [] : [probe(source, base_url, Number(hints.probe) + 1)];
}
