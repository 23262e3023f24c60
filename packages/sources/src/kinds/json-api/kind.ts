import { RECORD_MARK } from '@granary/domain/changed-records';
import { DATASET_ID } from '@granary/domain/dataset';
import { RefusedContent } from '@granary/domain/errors';
import { defineKind } from '@granary/domain/kind';
import * as z from 'zod/mini';
import { ColumnsConfig, withColumns } from '../../column-overrides.ts';
import { folderOf } from '../../folder-of.ts';
import { isJson, jsonTables } from '../../json-tables.ts';
import { guessPages, nextIn } from './guess-pages.ts';
import { IncrementalConfig, incrementalOf } from './incremental.ts';
import { nextOfLink } from './link-header.ts';
import { isPaged, PagingConfig, path } from './paging-config.ts';
import { pagingOf } from './read-page.ts';

const JsonApiConfig = z.strictObject({
  resources: z
    .array(
      z
        .strictObject({
          dataset: z.string().check(z.regex(DATASET_ID)),
          /** Relative to the source's base address, or an address of its own; of the first page. */
          url: z.string().check(z.minLength(1)),
          /** Where the records are, such as `$.data.items[*]`. Without it, the one list of objects is looked for. */
          records: z.optional(path()),
          paging: z.optional(PagingConfig),
          incremental: z.optional(IncrementalConfig),
          /** Markers of values that are not available, such as `s/d`. */
          missing: z.optional(z.array(z.string())),
          columns: z.optional(ColumnsConfig),
        })
        .check(
          z.refine(
            ({ records, paging }) => !isPaged(paging) || (records !== undefined && /(\[\*\]|\.\*)$/.test(records)),
            'With paging, records must say where the list is, such as $.items[*]',
          ),
        ),
    )
    .check(z.minLength(1)),
});
type JsonApiConfig = z.infer<typeof JsonApiConfig>;

const resourceOf = ({ id, config }: { id: string; config: JsonApiConfig }, { dataset }: { dataset: string }) => {
  const resource = config.resources.find((one) => one.dataset === dataset);
  if (!resource) throw new RangeError(`The source '${id}' has no resource of '${dataset}'`);
  return resource;
};

/**
 * Lists of objects that an API answers in JSON, also of GeoJSON or with one object on each line. All pages of a
 * resource are one table. Objects in objects are flattened (`address.city` is `address_city`), lists in them are JSON
 * text.
 */
export const kind = defineKind<JsonApiConfig>({
  kind: 'json-api',
  config: JsonApiConfig,
  parser_version: 2,
  accept: 'application/json, application/geo+json;q=0.9, application/x-ndjson;q=0.9, */*;q=0.1',
  infers: true,
  unpacks: true,
  discover: ({ config }, base_url) =>
    config.resources.map(({ dataset, url, paging }) => ({
      dataset,
      url: firstPage(new URL(url, folderOf(base_url)), paging),
      hints: {},
    })),
  guess: (file, at) => (isJson(file) ? guessPages(file, at) : undefined),
  paging(source, resource) {
    const { paging, records } = resourceOf(source, resource);
    return isPaged(paging) ? pagingOf(paging, records!) : undefined;
  },
  incremental(source, resource) {
    const { records, paging, incremental } = resourceOf(source, resource);
    return incremental && incrementalOf(incremental, { records, pages: isPaged(paging) });
  },
  checkAnswer(source, resource, { link, url }) {
    if (resourceOf(source, resource).paging === undefined && nextOfLink(link, url) !== null)
      throw morePages('its header Link', 'link');
  },
  async tables(source, resource, file) {
    const { records, missing, paging, columns } = resourceOf(source, resource);
    // All records, of which those that had changed were fetched.
    if (Buffer.from(file.read(0, 1)).toString() === RECORD_MARK)
      return withColumns(await jsonTables({ lines: true, missing }, file), columns);
    const path = paging === undefined ? nextIn(file) : undefined;
    if (path !== undefined) throw morePages(`'${path}'`, `next, path: "${path}"`);
    return withColumns(await jsonTables({ records, missing, pages: isPaged(paging) }, file), columns);
  },
});

/** A part of a list, published as the whole of it, would be wrong. */
const morePages = (where: string, by: string): RefusedContent =>
  new RefusedContent(
    `The answer says by ${where} that there is a next page. Declare paging ({ by: ${by} }), or { by: none } if this page is all that is wanted.`,
  );

/** A page number or an offset stands in the first address too, so that every page is asked for in the same way. */
const firstPage = (url: URL, paging: PagingConfig | undefined): string => {
  if (paging?.by === 'page') url.searchParams.set(paging.parameter, String(paging.first));
  if (paging?.by === 'offset') url.searchParams.set(paging.parameter, '0');
  return url.href;
};
