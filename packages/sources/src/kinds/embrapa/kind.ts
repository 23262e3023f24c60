import { defineKind } from '@granary/domain/kind';
import { onlyTable } from '@granary/domain/reading';
import type { Resource, Source } from '@granary/domain/source';
import { folderOf } from '../../folder-of.ts';
import { EmbrapaConfig, fileOf } from './files.ts';
import { pageOpinion } from './page-opinion.ts';
import { cellsOfRow } from './positions.ts';
import { readEmbrapaFile } from './read-file.ts';
import { pagesOfYears, readEmbrapaPages } from './read-pages.ts';
import { wideTableOf } from './wide-table.ts';

const ACCEPT_PAGE = 'text/html, */*;q=0.5';

const arePages = ({ hints }: Resource): boolean => hints.pages !== undefined;

/** The newest year's page; undefined where none is declared, and for the pages themselves. */
const pageOf = (source: Source<EmbrapaConfig>, resource: Resource): string | undefined => {
  const { page } = fileOf(source, resource.dataset);
  return page === undefined || arePages(resource) ? undefined : new URL(page, resource.url).href;
};

/**
 * Tables of years as Embrapa's Vitibrasil publishes them: CSV files whose columns are years and whose lines are
 * products in sections, or countries. What the files look like, and what becomes of their faults: README.md.
 */
export const kind = defineKind({
  kind: 'embrapa',
  config: EmbrapaConfig,
  parser_version: 2,
  accept: 'text/csv, text/*;q=0.9, */*;q=0.5',
  discover: ({ config }, base_url) =>
    config.files.map(({ name, kind, dataset }) => ({
      dataset,
      url: new URL(`${name}.csv`, folderOf(base_url)).href,
      hints: { file: name, kind },
    })),
  fallback(source, resource) {
    const url = pageOf(source, resource);
    return url === undefined ? undefined : { ...resource, url, hints: { ...resource.hints, pages: 'years' } };
  },
  secondOpinion(source, resource) {
    const url = pageOf(source, resource);
    return url === undefined ? undefined : pageOpinion(fileOf(source, resource.dataset), url, ACCEPT_PAGE);
  },
  paging: (_, resource) => (arePages(resource) ? pagesOfYears : undefined),
  tables: async (source, resource, file) =>
    onlyTable(async (options, out) => {
      const read = arePages(resource) ? readEmbrapaPages : readEmbrapaFile;
      return read(fileOf(source, resource.dataset), file.read(0, file.bytes), options, out);
    }),
  wideTable: (source, dataset) => wideTableOf(fileOf(source, dataset).kind),
  cellsOf: (source, { dataset, header }, row) => cellsOfRow(fileOf(source, dataset).kind, header, row),
});
