import { createHash } from 'node:crypto';
import { RefusedContent } from '@granary/domain/errors';
import type { Listing, ListingPage, Source } from '@granary/domain/source';
import { type CheerioAPI, loadPage, plainText } from '@granary/tabular/grid/html';
import { decoded } from '../../decoded.ts';
import { folderOf } from '../../folder-of.ts';
import { momentOf } from './action-api.ts';
import type { CkanConfig } from './ckan-config.ts';
import { licenceOf, type PortalDataset, type PortalResource, resourcesOf } from './portal-dataset.ts';

/**
 * The pages that people see, where there is no Action API: lists of datasets, one after the other so that the first
 * group that lists a dataset is always the same, then the pages of the datasets.
 */
export const firstPage = ({ config }: Source<CkanConfig>, base_url: string): ListingPage => {
  const at = (path: string) => new URL(path, folderOf(base_url)).href;
  const { groups, organizations, search } = config;
  if (search) return { url: at(`dataset?q=${encodeURIComponent(search)}`), hints: { as: 'list' } };
  if (groups)
    return listOf(
      [...groups].sort().map((name) => `group/${encodeURIComponent(name)}`),
      base_url,
    )!;
  if (organizations)
    return listOf(
      organizations.map((name) => `organization/${encodeURIComponent(name)}`),
      base_url,
    )!;
  return { url: at('group'), hints: { as: 'groups' } };
};

/** The first of some lists; the others are read after it. */
const listOf = ([first, ...rest]: readonly string[], base_url: string): ListingPage | undefined => {
  if (first === undefined) return undefined;
  const [, group] = /^group\/(.+)$/.exec(first) ?? [];
  const hints = {
    as: 'list',
    ...(group && { group: decoded(group) }),
    ...(rest.length > 0 && { rest: rest.join(' ') }),
  };
  return { url: new URL(first, folderOf(base_url)).href, hints };
};

export const readPortalPage = async (
  source: Source<CkanConfig>,
  page: ListingPage,
  body: Uint8Array,
  base_url: string,
): Promise<Listing> => {
  const $ = await loadPage(body);
  if ($('body, div').length === 0) throw new RefusedContent('The page is none of HTML.');
  if (page.hints.as === 'groups') return readGroups($, page, base_url);
  return page.hints.as === 'list' ? readList($, page, base_url) : readDataset($, source, page);
};

/** Addresses of one kind that the portal has: `/dataset/<name>` and no deeper. */
const namesOf = ($: CheerioAPI, within: string, kind: string, page: string): string[] => {
  const names = $(within)
    .toArray()
    .flatMap((item) =>
      ($(item).is('a') ? $(item) : $(item).find('a[href]'))
        .toArray()
        .flatMap((link): string[] => {
          const href = $(link).attr('href') ?? '';
          if (!URL.canParse(href, page)) return [];
          return new RegExp(`/${kind}/([^/]+)/?$`).exec(new URL(href, page).pathname)?.slice(1) ?? [];
        })
        .slice(0, $(item).is('a') ? undefined : 1),
    );
  return [...new Set(names)];
};

const readGroups = ($: CheerioAPI, page: ListingPage, base_url: string): Listing => {
  const { found = '', ...hints } = page.hints;
  const here = namesOf($, 'a[href]', 'group', page.url).filter((name) => !/^(about|activity|new|edit)$/.test(name));
  const before = found.split(' ').filter((name) => name !== '');
  const all = [...new Set([...before, ...here])];
  const next = all.length > before.length ? nextPage($, page.url) : undefined;
  if (next) return { resources: [], next: [{ url: next, hints: { ...hints, found: all.join(' ') } }] };
  // What is in no group stands in the list of all.
  const lists = [
    ...all
      .map(decoded)
      .sort()
      .map((name) => `group/${encodeURIComponent(name)}`),
    'dataset',
  ];
  return { resources: [], next: [listOf(lists, base_url)!] };
};

const readList = ($: CheerioAPI, { url, hints }: ListingPage, base_url: string): Listing => {
  const { group, rest = '', seen = '' } = hints as Record<string, string | undefined>;
  const names = namesOf($, 'li.dataset-item', 'dataset', url);
  const shown = createHash('sha256').update(names.join(' ')).digest('hex').slice(0, 8);
  // A list that repeats itself leads nowhere.
  const following = names.length > 0 && !seen.split(' ').includes(shown) ? nextPage($, url) : undefined;
  const more: ListingPage | undefined = following
    ? { url: following, hints: { ...hints, seen: `${seen} ${shown}`.trim() } }
    : listOf(
        rest.split(' ').filter((path) => path !== ''),
        base_url,
      );
  const datasets = names.map((name): ListingPage => {
    const address = new URL(`dataset/${name}`, folderOf(base_url)).href;
    return { url: address, hints: { as: 'dataset', ...(group && { group }) }, key: address };
  });
  // Lists are read one after the other, datasets beside them: a list that waits behind its datasets holds up all.
  return { resources: [], next: [...(more ? [more] : []), ...datasets] };
};

/** The page behind this one, by its number: only that one is followed, whatever a pagination says. */
const nextPage = ($: CheerioAPI, url: string): string | undefined => {
  const number = Number(new URL(url).searchParams.get('page') ?? '1');
  return $('.pagination a[href], .pagination-wrapper a[href], a[rel="next"]')
    .toArray()
    .map((link) => $(link).attr('href')!)
    .filter((href) => URL.canParse(href, url))
    .map((href) => new URL(href, url))
    .find((found) => found.searchParams.get('page') === String(number + 1) && found.origin === new URL(url).origin)
    ?.href;
};

const readDataset = ($: CheerioAPI, source: Source<CkanConfig>, page: ListingPage): Listing => {
  const title = firstText($, '.primary .module-content h1', '.primary h1', 'h1:not(aside h1)');
  if (title === '' || $('.resource-item, .resource-list, #dataset-resources, .resources').length === 0)
    throw new RefusedContent('The page is none of a dataset of CKAN: it has no title, or no list of resources.');
  const dataset: PortalDataset = {
    name: decoded(new URL(page.url).pathname.split('/').at(-1)!),
    title,
    description: paragraphsOf($, '.notes'),
    tags: textsOf($, 'ul.tag-list li'),
    group: page.hints.group ?? '',
    organization: firstText($, '.context-info h1.heading', '.organization h1', '.organization .heading'),
    licence: licenceIn($),
    modified: momentOf($('.additional-info [data-datetime]').first().attr('data-datetime') ?? ''),
    resources: $('li.resource-item')
      .toArray()
      .flatMap((item): PortalResource[] => {
        const one = $(item);
        const heading = one.find('a.heading').first();
        const link = heading.attr('href') ?? one.find('a[href*="/resource/"]').first().attr('href') ?? '';
        const id = one.attr('data-id') ?? /\/resource\/([^/?#]+)/.exec(link)?.[1];
        if (!id) return [];
        const label = one.find('.format-label, [data-format]').first();
        const own = heading.clone();
        own.find('.format-label, [data-format]').remove();
        const file = one.find('a.resource-url-analytics').first().attr('href') ?? '';
        return [
          {
            id,
            name: heading.attr('title')?.trim() || plainText(own.text()),
            description: plainText(one.find('.description').first().text()),
            format: plainText(label.text()) || (label.attr('data-format') ?? ''),
            url: file !== '' && URL.canParse(file, page.url) ? new URL(file, page.url).href : file,
          },
        ];
      }),
  };
  return { ...resourcesOf(source, dataset), next: [] };
};

/** Of the first selector that there is any text of. */
const firstText = ($: CheerioAPI, ...selectors: readonly string[]): string =>
  selectors.map((selector) => plainText($(selector).first().text())).find((text) => text !== '') ?? '';

/** Its paragraphs and the like, with empty lines between them. */
const paragraphsOf = ($: CheerioAPI, selector: string): string => {
  const whole = $(selector).first();
  const parts = whole.children('p, ul, ol, h1, h2, h3, h4, blockquote, pre, div').toArray();
  const texts = parts.map((part) => plainText($(part).text())).filter((text) => text !== '');
  return texts.length > 0 ? texts.join('\n\n') : plainText(whole.text());
};

const textsOf = ($: CheerioAPI, selector: string): string[] =>
  $(selector)
    .toArray()
    .map((item) => plainText($(item).text()))
    .filter((text) => text !== '');

/** Its id is how the addresses of licences end. */
const licenceIn = ($: CheerioAPI) => {
  const link = $('.license a[href], a[rel="dc:rights"]').first();
  const said = plainText(link.text()) || plainText($('.license .module-content').first().text());
  const href = link.attr('href') ?? '';
  return licenceOf(
    link.attr('rel') === 'dc:rights' ? (href.split('/').findLast((part) => part !== '') ?? '') : '',
    said,
    href,
  );
};
