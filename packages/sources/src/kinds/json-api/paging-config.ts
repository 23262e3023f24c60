import { parseJsonPath } from '@granary/tabular/json/json-path';
import * as z from 'zod/mini';

const isPath = (text: string): boolean => {
  try {
    return parseJsonPath(text) !== undefined;
  } catch {
    return false;
  }
};
/** A path of JSON. */
export const path = () =>
  z.string().check(z.refine(isPath, "It must be a path: $ and steps such as .name, ['name'], [0] and [*]"));
const parameter = () => z.string().check(z.regex(/^[^\s&=?#]{1,100}$/));

const Common = {
  /** Beyond this, the resource is refused. */
  most_pages: z._default(z.int().check(z.minimum(1), z.maximum(10_000)), 1000),
  /** The ETag of the first page changes when any page does: one request then tells that nothing has changed. */
  etag_covers_all: z._default(z.boolean(), false),
};

/** How one page leads to the next. `total`: where a page says how many records there are on all of them. */
export const PagingConfig = z.discriminatedUnion('by', [
  /** `?page=1`, `?page=2`, … until a page has no records. */
  z.strictObject({
    ...{ by: z.literal('page'), parameter: parameter(), first: z._default(z.int(), 1) },
    ...{ total: z.optional(path()), ...Common },
  }),
  /** `?offset=0`, then as many as were read, until a page has no records. */
  z.strictObject({ by: z.literal('offset'), parameter: parameter(), total: z.optional(path()), ...Common }),
  /** What stands at `path` of a page asks for the next one, until there is nothing. */
  z.strictObject({ by: z.literal('cursor'), parameter: parameter(), path: path(), ...Common }),
  /** The header `Link: <…>; rel="next"`. */
  z.strictObject({ by: z.literal('link'), ...Common }),
  /** The address of the next page stands at `path` of a page. */
  z.strictObject({ by: z.literal('next'), path: path(), ...Common }),
  /** What is answered is all that is wanted, whatever it says of further pages. */
  z.strictObject({ by: z.literal('none') }),
]);
export type PagingConfig = z.infer<typeof PagingConfig>;
export type Paged = Exclude<PagingConfig, { by: 'none' }>;
export const isPaged = (paging: PagingConfig | undefined): paging is Paged =>
  paging !== undefined && paging.by !== 'none';
