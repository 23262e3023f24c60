/** An address with the time of its last change. */
export type Page = { address: string; modified: string | null };

/** Addresses of one document: their bytes must be sent by one answer. A sitemap may have 50,000. */
export const MOST_PAGES = 20_000;

const HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n';
const NAMESPACE = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"';

/** A sitemap (sitemaps.org) of these pages. */
export const sitemapOf = (pages: readonly Page[]): string => {
  const urls = pages.map(
    ({ address, modified }) => `<url>${loc(address)}${modified ? `<lastmod>${modified}</lastmod>` : ''}</url>\n`,
  );
  return `${HEAD}<urlset ${NAMESPACE}>\n${urls.join('')}</urlset>\n`;
};

/** The sitemaps of a site that has more pages than one may name. */
export const sitemapIndexOf = (addresses: readonly string[]): string => {
  const sitemaps = addresses.map((address) => `<sitemap>${loc(address)}</sitemap>\n`);
  return `${HEAD}<sitemapindex ${NAMESPACE}>\n${sitemaps.join('')}</sitemapindex>\n`;
};

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
};
const loc = (address: string): string => `<loc>${address.replace(/[&<>"']/g, (sign) => ENTITIES[sign]!)}</loc>`;
