import { createHash } from 'node:crypto';

export type ApiAnswer = { status: number; headers: Record<string, string>; body: string };

/** How this API gives its pages, by the path that is asked, as sources declare it. */
export const PAGINGS = {
  page: { url: 'page', records: '$.items[*]', paging: { by: 'page', parameter: 'page' } },
  offset: { url: 'offset?limit=2', records: '$.data.rows[*]', paging: { by: 'offset', parameter: 'offset' } },
  cursor: {
    url: 'cursor',
    records: '$.items[*]',
    paging: { by: 'cursor', parameter: 'after', path: '$.meta.next' },
  },
  link: { url: 'link', records: '$[*]', paging: { by: 'link' } },
  next: { url: 'next', records: '$.results[*]', paging: { by: 'next', path: "$['@next']" } },
} as const;
export type PagingName = keyof typeof PAGINGS;

/** Of two records each. A cursor is more than a number can hold. */
const SIZE = 2;
const CURSOR = 90_071_992_547_409_930n;

/** For tests: what an API of these records answers at an address, in all ways of paging, with an ETag. */
export const pagedApi = (records: readonly object[], address: string): ApiAnswer => {
  const url = new URL(address);
  const asked = (name: string): number => Number(url.searchParams.get(name) ?? 0);
  const cursor = url.searchParams.get('after') ?? String(CURSOR);
  const after = /^\d+$/.test(cursor) ? BigInt(cursor) - CURSOR : 0n;
  const from = {
    '/page': (asked('page') - 1) * SIZE,
    '/offset': asked('offset'),
    '/cursor': Number(after),
    '/link': asked('from'),
    '/next': asked('from'),
  }[url.pathname];
  if (from === undefined) return { status: 404, headers: {}, body: 'Not found' };
  const items = records.slice(from, from + SIZE);
  const isLast = from + SIZE >= records.length;
  const next = `${url.pathname}?from=${from + SIZE}`;
  const json = JSON.stringify(items);
  const body = {
    '/page': `{"items":${json},"total":${records.length}}`,
    '/offset': `{"data":{"rows":${json}}}`,
    '/cursor': `{"meta":{"next":${isLast ? null : CURSOR + BigInt(from + SIZE)}},"items":${json}}`,
    '/link': json,
    '/next': `{"@next":${isLast ? '""' : JSON.stringify(new URL(next, url).href)},"results":${json}}`,
  }[url.pathname]!;
  const etag = `"${createHash('sha256').update(body).digest('hex')}"`;
  const link = `<${url.pathname}?from=0>; rel="first"${isLast ? '' : `, <${next}>; title="a, b"; rel="last next"`}`;
  return { status: 200, headers: { etag, ...(url.pathname === '/link' && { link }) }, body };
};
