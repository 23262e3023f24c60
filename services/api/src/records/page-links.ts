import { beginsWithOperator } from '@granary/tabular/query/parse-filter';
import type { Query } from '@granary/tabular/query/query';
import type { Parameter } from './read-asked.ts';

/** API Gateway takes 10 KB of headers in all. */
const LONGEST = 6000;

export type Addresses = {
  /** The address of these records with the given parameters in place of its own. */
  at(changed: Readonly<Record<string, string | number | undefined>>): string;
};

/**
 * Commas and colons stay as they came: a list of thousands would be too long for a link otherwise, and its reader would
 * miss the next page.
 */
const encoded = (text: string): string =>
  encodeURIComponent(text.toWellFormed()).replaceAll('%2C', ',').replaceAll('%3A', ':');

/** `own`: parameters of the endpoint itself that every page has, such as `format`. */
export const addressesOf = (id: string, parameters: readonly Parameter[], own: readonly Parameter[]): Addresses => ({
  at: (changed) => {
    const kept = [...parameters, ...own].filter(
      // A column may be called `limit`: its filter stays.
      ([name, value]) => !Object.hasOwn(changed, name) || beginsWithOperator(value),
    );
    const added = Object.entries(changed).filter(([, value]) => value !== undefined);
    const query = [...kept, ...added].map(([name, value]) => `${encoded(name)}=${encoded(String(value))}`);
    return `/v1/records/${id}${query.length === 0 ? '' : `?${query.join('&')}`}`;
  },
});

/**
 * Links to the other pages (RFC 8288), all of this version: `rows` are on this one, `total` (null: unknown) are there.
 */
export const pageLinks = (
  { at }: Addresses,
  version: number,
  { offset, limit }: Query,
  rows: number,
  total: number | null,
): string[] => {
  if (limit === null || limit === 0) return [];
  const to = (place: number, rel: string): string =>
    `<${at({ version, limit, offset: place === 0 ? undefined : place })}>; rel="${rel}"`;
  const more = total === null ? rows === limit : offset + rows < total && rows > 0;
  return [
    ...(more ? [to(offset + limit, 'next')] : []),
    to(0, 'first'),
    ...(offset > 0 ? [to(Math.max(0, offset - limit), 'prev')] : []),
  ];
};

/** As many of the links as headers have room for, in the order of their worth. */
export const linkHeader = (links: readonly string[]): string => {
  let text = '';
  for (const link of links) {
    if (text.length + link.length > LONGEST) continue;
    text += text === '' ? link : `, ${link}`;
  }
  return text;
};
