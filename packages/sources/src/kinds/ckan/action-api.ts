import { RefusedContent } from '@granary/domain/errors';
import type { Listing, ListingPage, Source } from '@granary/domain/source';
import * as z from 'zod/mini';
import { folderOf } from '../../folder-of.ts';
import type { CkanConfig } from './ckan-config.ts';
import { licenceOf, type PortalDataset, resourcesOf } from './portal-dataset.ts';

/** Portals leave out what they like, or write null: only what identifies a thing has to be there. */
const text = () => z.optional(z.nullable(z.union([z.string(), z.number(), z.boolean()])));
/** A text, or one for each language: `{"fr": "Pluie", "de": "Regen"}`. */
const words = () =>
  z.optional(z.nullable(z.union([z.string(), z.number(), z.boolean(), z.record(z.string(), z.unknown())])));
const named = () => z.optional(z.nullable(z.array(z.looseObject({ name: text(), title: text() }))));
const translated = () => z.optional(z.nullable(z.record(z.string(), z.unknown())));
const PortalResource = z.looseObject({
  id: z.string(),
  state: text(),
  ...{ name: words(), name_translated: translated(), description: words(), description_translated: translated() },
  ...{ format: text(), mimetype: text(), url: text() },
});
const Package = z.looseObject({
  name: z.string(),
  state: text(),
  private: text(),
  ...{ title: words(), title_translated: translated(), notes: words(), notes_translated: translated() },
  ...{ license_id: text(), license_title: text(), license_url: text(), metadata_modified: text() },
  ...{ tags: named(), groups: named(), resources: z.optional(z.nullable(z.array(PortalResource))) },
  organization: z.optional(z.nullable(z.looseObject({ title: words(), name: text() }))),
});
const Answer = z.looseObject({
  success: z.optional(z.boolean()),
  error: z.optional(z.unknown()),
  result: z.optional(z.looseObject({ count: z.optional(z.number()), results: z.array(Package) })),
});

/** Where the Action API may be: below the portal's address, or below what that is below. */
export const apiCandidates = ({ config }: Source<CkanConfig>, base_url: string): string[] => {
  if (config.api) return [folderOf(config.api)];
  const candidates: string[] = [];
  for (let folder = new URL(folderOf(base_url)); ; folder = new URL('..', folder)) {
    folder.search = '';
    candidates.push(new URL('api/3/action/', folder).href);
    if (folder.pathname === '/') return candidates;
  }
};

const quoted = (name: string): string => `"${name.replace(/["\\]/g, '\\$&')}"`;

/** The page of the list of datasets, by name, that begins at `start`. */
export const searchPage = (
  { config }: Source<CkanConfig>,
  api: string,
  start: number,
  hints: Record<string, string>,
): ListingPage => {
  const url = new URL('package_search', api);
  const { groups, organizations, search, page_size } = config;
  const among = groups ? ['groups', groups] : organizations ? ['organization', organizations] : undefined;
  if (among) url.searchParams.set('fq', `${among[0]}:(${(among[1] as string[]).map(quoted).join(' OR ')})`);
  if (search) url.searchParams.set('q', search);
  url.searchParams.set('sort', 'name asc');
  url.searchParams.set('rows', String(page_size));
  url.searchParams.set('start', String(start));
  return { url: url.href, hints: { ...hints, as: 'search', api, start: String(start) } };
};

/**
 * Reads a page of the list. Each page but the first begins with the last dataset of the page before, so that it shows
 * when the list was changed meanwhile. Throws RefusedContent for what is no such answer, and for an error in an answer
 * of 200.
 */
export const readSearchPage = (source: Source<CkanConfig>, { hints }: ListingPage, body: Uint8Array): Listing => {
  const { count, results } = resultOf(body);
  const { api, start: written, after, count: before } = hints as Record<string, string | undefined>;
  const start = Number(written);
  const datasets = results.filter(({ state, private: hidden }) => isActive(state) && hidden !== true);
  const shifted = after !== undefined && results[0]?.name !== after;
  const unsure =
    shifted || (before !== undefined && before !== String(count ?? ''))
      ? { unsure: 'The list of datasets was changed while it was read: what is not on it may be there all the same.' }
      : {};
  const found = datasets
    .filter(({ name }) => name !== after)
    .map((one) => resourcesOf(source, datasetOf(one, source.config)));
  const overlap = results.length > 1 ? 1 : 0;
  const isLast = results.length === 0 || (count !== undefined && start + results.length >= count);
  const said = { ...(overlap > 0 && { after: results.at(-1)!.name }), count: String(count ?? '') };
  return {
    resources: found.flatMap(({ resources }) => resources),
    left_out: found.flatMap(({ left_out }) => left_out),
    next: isLast ? [] : [searchPage(source, api!, start + results.length - overlap, said)],
    ...unsure,
  };
};

const isActive = (state: unknown): boolean => state === undefined || state === null || state === 'active';

const resultOf = (body: Uint8Array): { count?: number | undefined; results: z.infer<typeof Package>[] } => {
  let json: unknown;
  try {
    json = JSON.parse(Buffer.from(body).toString());
  } catch {
    throw new RefusedContent('The answer is no JSON, which an Action API of CKAN gives.');
  }
  const { data, error } = Answer.safeParse(json);
  if (!data)
    throw new RefusedContent(
      `The answer is none of an Action API of CKAN: ${error.issues[0]?.path.join('.')} is wrong.`,
    );
  if (data.success === false || !data.result) {
    const { message, __type } = (data.error ?? {}) as { message?: unknown; __type?: unknown };
    const said = [__type, message].filter((one) => typeof one === 'string').join(': ');
    throw new RefusedContent(`The Action API answers with an error${said && `: ${said.slice(0, 300)}`}.`);
  }
  return data.result;
};

const string = (value: unknown): string => (value === undefined || value === null ? '' : String(value).trim());

const datasetOf = (one: z.infer<typeof Package>, { language, groups }: CkanConfig): PortalDataset => {
  const inLanguage = (said: unknown, translated?: Record<string, unknown> | null): string => {
    const isPlain = typeof said !== 'object';
    const all = (isPlain ? translated : (said as Record<string, unknown> | null)) ?? translated ?? {};
    const others = Object.values(all).map(string);
    return (language && string(all[language])) || (isPlain && string(said)) || others.find((one) => one !== '') || '';
  };
  const own = (one.groups ?? []).map(({ name }) => string(name)).filter((name) => name !== '');
  const wanted = own.filter((name) => groups?.includes(name) ?? true).sort();
  return {
    name: one.name,
    title: inLanguage(one.title, one.title_translated),
    description: inLanguage(one.notes, one.notes_translated),
    tags: (one.tags ?? []).map(({ name }) => string(name)).filter((tag) => tag !== ''),
    group: wanted[0] ?? '',
    organization: inLanguage(one.organization?.title) || string(one.organization?.name),
    licence: licenceOf(string(one.license_id), string(one.license_title), string(one.license_url)),
    modified: momentOf(string(one.metadata_modified)),
    resources: (one.resources ?? [])
      .filter(({ state }) => isActive(state))
      .map((resource) => ({
        id: resource.id,
        name: inLanguage(resource.name, resource.name_translated),
        description: inLanguage(resource.description, resource.description_translated),
        format: string(resource.format) || string(resource.mimetype),
        url: string(resource.url),
      })),
  };
};

/** CKAN writes UTC without saying so. */
export const momentOf = (written: string): string | undefined => {
  const at = Date.parse(/([zZ]|[+-]\d\d:?\d\d)$/.test(written) ? written : `${written}Z`);
  return Number.isNaN(at) ? undefined : new Date(at).toISOString();
};
