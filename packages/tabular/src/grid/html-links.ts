/** Links of a page of HTML. */
import { type CheerioAPI, loadPage, plainText, UnreadableHtml } from './html.ts';

/** `href`: an absolute address. `text`: what people see of it; empty where that is a picture. */
export type HtmlLink = { href: string; text: string };

/**
 * Links of a page to other addresses of http and https, in their order. `selector`: only those that it selects, or that
 * lie in what it selects. Throws UnreadableHtml for a selector that is none.
 */
export const readLinks = async (bytes: Uint8Array, page: string, selector?: string): Promise<HtmlLink[]> => {
  const $ = await loadPage(bytes);
  const base = absolute($('base[href]').first().attr('href'), page) ?? page;
  const links = selected($, selector).toArray();
  return links.flatMap((link): HtmlLink[] => {
    const href = absolute($(link).attr('href'), base);
    if (href === undefined) return [];
    return [{ href, text: plainText($(link).text()) || plainText($(link).attr('title') ?? '') }];
  });
};

const selected = ($: CheerioAPI, selector: string | undefined) => {
  const all = $('a[href]');
  if (selector === undefined) return all;
  try {
    return all.filter((_, link) => $(link).closest(selector).length > 0);
  } catch (error) {
    throw new UnreadableHtml(`'${selector}' is no CSS selector (${(error as Error).message})`);
  }
};

const absolute = (href: string | undefined, base: string): string | undefined => {
  if (href === undefined || href.trim() === '' || href.startsWith('#') || !URL.canParse(href.trim(), base))
    return undefined;
  const url = new URL(href.trim(), base);
  return /^https?:$/.test(url.protocol) && !url.username && !url.password ? url.href : undefined;
};
