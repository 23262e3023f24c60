import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { RefusedContent } from '@granary/domain/errors';
import type { SourceDefinition } from '@granary/domain/source';
import { expectSound } from '@granary/domain/use-cases/testing/invariants';
import { makeWorld, type World } from '@granary/domain/use-cases/testing/world';
import { makeHttpFetcher } from '@granary/stores/http-fetcher';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { collectAll, latestRows, portSource } from '../../testing/source-world.ts';
import { kind } from './kind.ts';
import { type ApiAnswer, PAGINGS, type PagingName, pagedApi } from './testing/paged-api.ts';

const FIVE = [1, 2, 3, 4, 5].map((id) => ({ id, at: { city: `c${id}` } }));

let server: Server;
let origin: string;
let asked: { url: string; conditional: boolean }[];
let answer: (url: string) => ApiAnswer;
/** Of the world at hand: what is said of waiting is said in its time. */
let clock = Date.now;
let fetcher: ReturnType<typeof makeHttpFetcher>;
beforeAll(async () => {
  server = createServer((request, response) => {
    const url = `${origin}${request.url}`;
    const { status, headers, body } = answer(url);
    const wanted = request.headers['if-none-match'];
    asked.push({ url: request.url!, conditional: wanted !== undefined });
    if (wanted !== undefined && wanted === headers.etag) response.writeHead(304).end();
    else response.writeHead(status, headers).end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  fetcher = makeHttpFetcher({ origins: [origin], tmpdir: tmpdir(), now: () => clock() });
});
afterAll(async () => {
  await fetcher.close();
  server.close();
});
beforeEach(() => {
  asked = [];
  answer = (url) => pagedApi(FIVE, url);
});

const sourceOf = (resource: object, { max_bytes = 1_000_000 } = {}) =>
  portSource(
    kind as never,
    { resources: [{ dataset: 'port_ships', ...resource }] },
    {
      ...{ base_url: `${origin}/`, max_bytes },
      datasets: [{ id: 'port_ships', title: 'Ships', description: 'Ships.' }],
    },
  );
const collect = (world: World, source: SourceDefinition) => {
  clock = world.clock;
  return collectAll(world, source, fetcher);
};

const ROWS = FIVE.map(({ id, at }) => [id, at.city, id]);

describe('An API that gives its records in pages', () => {
  it.each(Object.keys(PAGINGS) as PagingName[])('by %s is one table of one version', async (name) => {
    const world = makeWorld();
    const source = sourceOf(PAGINGS[name]);
    const { run } = await collect(world, source);
    expect(run).toMatchObject({ state: 'succeeded', versions: ['port_ships@1'], counts: { rows_read: 5 } });
    expect(await latestRows(world, 'port_ships')).toEqual(ROWS);
    await expectSound(world, 'port_ships', 1);
    const first = asked.map(({ url }) => url);
    // Pages that are counted end with one that has no records.
    expect(first).toHaveLength(name === 'page' || name === 'offset' ? 4 : 3);
    expect(run.counts.requests).toBe(first.length);

    asked = [];
    const again = await collect(world, source);
    expect(again.run).toMatchObject({ state: 'succeeded', versions: [], counts: { unchanged: 1, rows_read: 0 } });
    expect(asked).toEqual(first.map((url) => ({ url, conditional: false })));
  });

  it('costs one conditional request when the ETag of its first page stands for all', async () => {
    const world = makeWorld();
    const { link } = PAGINGS;
    const source = sourceOf({ ...link, paging: { ...link.paging, etag_covers_all: true } });
    await collect(world, source);
    asked = [];
    const { run } = await collect(world, source);
    expect(run).toMatchObject({ state: 'succeeded', counts: { requests: 1, unchanged: 1 } });
    expect(asked).toEqual([{ url: '/link', conditional: true }]);
  });

  it('is read again where only a later page has changed', async () => {
    const world = makeWorld();
    const source = sourceOf(PAGINGS.link);
    await collect(world, source);
    answer = (url) => pagedApi([...FIVE, { id: 6, at: { city: 'c6' } }], url);
    const { run } = await collect(world, source);
    expect(run.versions).toEqual(['port_ships@2']);
    expect(await latestRows(world, 'port_ships')).toEqual([...ROWS, [6, 'c6', 6]]);
  });

  it('that is not paged costs one conditional request when it has not changed', async () => {
    const world = makeWorld();
    const source = sourceOf({ url: 'page?page=1' });
    expect((await collect(world, source)).run.versions).toEqual(['port_ships@1']);
    asked = [];
    expect((await collect(world, source)).run.counts).toMatchObject({ requests: 1, unchanged: 1 });
    expect(asked).toEqual([{ url: '/page?page=1', conditional: true }]);
  });

  it.each<[string, object, (url: URL, page: ApiAnswer) => Partial<ApiAnswer>, RegExp]>([
    [
      'repeats one page for ever',
      PAGINGS.page,
      () => pagedApi(FIVE, `${origin}/page?page=1`),
      /pages repeat themselves: page 2 holds the records of an earlier one/,
    ],
    [
      'repeats its records under other words',
      PAGINGS.next,
      (url) => ({ body: `{"at":"${url.search}","results":[{"a":1}],"@next":"?from=${url.search.length}0"}` }),
      /pages repeat themselves: page 2/,
    ],
    [
      'gives the same cursor for ever',
      PAGINGS.cursor,
      (url) => ({ body: `{"items":[{"a":"${url.search}"}],"meta":{"next":"x"}}` }),
      /pages lead in a circle: page 3 was fetched before/,
    ],
    [
      'leads to another host',
      PAGINGS.next,
      () => ({ body: '{"results":[{"a":1}],"@next":"http://other.test/2"}' }),
      /next page is at another address than 127\.0\.0\.1:\d+: other\.test/,
    ],
    [
      'leads to what is no address',
      PAGINGS.next,
      () => ({ body: '{"results":[{"a":1}],"@next":"http://"}' }),
      /Page 1 has no address at/,
    ],
    [
      'tells an error with a 200',
      PAGINGS.page,
      (url, page) => (url.search.endsWith('2') ? { body: '{"error":"quota"}' } : page),
      /Page 2 has no list at '\$\.items': \{"error":"quota"\}/,
    ],
    [
      'answers a later page with a login page',
      PAGINGS.offset,
      (url, page) => (url.search.endsWith('4') ? { body: '<html>Sign in' } : page),
      /Page 3 is a page of HTML or XML, not JSON/,
    ],
    [
      'cuts a later page',
      PAGINGS.link,
      (url, page) => (url.search === '' ? page : { body: page.body.slice(0, -4) }),
      /Page 2 is JSON that was cut short/,
    ],
    ['answers 404 in the middle', PAGINGS.cursor, (url, page) => (url.search === '' ? page : { status: 404 }), /404/],
    [
      'gives a cursor that is none',
      PAGINGS.cursor,
      () => ({ body: '{"items":[{"a":1}],"meta":{"next":{"b":1}}}' }),
      /something else than a text at '\$\.meta\.next': \{"b":"1"\}/,
    ],
    [
      'is nested without an end',
      PAGINGS.link,
      () => ({ body: '['.repeat(200_000) + ']'.repeat(200_000) }),
      /nested too deep|cannot be read/,
    ],
  ])('and %s publishes nothing, and says why', async (_, resource, change, reason) => {
    const world = makeWorld();
    answer = (url) => ({ ...pagedApi(FIVE, url), ...change(new URL(url), pagedApi(FIVE, url)) });
    const { run } = await collect(world, sourceOf(resource));
    expect(run).toMatchObject({ state: 'failed', versions: [], errors: [{ message: expect.stringMatching(reason) }] });
    expect(await world.catalog.getDataset('port_ships')).toMatchObject({ latest: null });
  });

  it('ends where its total is reached, and publishes nothing where pages end before', async () => {
    const world = makeWorld();
    const source = sourceOf({ ...PAGINGS.page, paging: { ...PAGINGS.page.paging, total: '$.total' } });
    expect((await collect(world, source)).run).toMatchObject({ versions: ['port_ships@1'], counts: { requests: 3 } });
    answer = (url) => ({ ...pagedApi(FIVE, url), body: pagedApi(FIVE, url).body.replace('"total":5', '"total":9') });
    const { run } = await collect(makeWorld(), source);
    expect(run).toMatchObject({ state: 'failed', versions: [] });
    expect(run.errors[0]!.message).toBe('Page 4 has no records, and 5 of 9 were read.');
    answer = (url) => ({
      ...pagedApi(FIVE, url),
      body: pagedApi(FIVE, url).body.replace('"total":5', '"total":"many"'),
    });
    expect((await collect(makeWorld(), source)).run.errors[0]!.message).toMatch(/^Page 1 has no number of records/);
  });

  it('has as many pages and bytes as are declared', async () => {
    const many = Array.from({ length: 100 }, (_, id) => ({ id }));
    answer = (url) => pagedApi(many, url);
    const paging = { ...PAGINGS.page.paging, most_pages: 10 };
    const pages = await collect(makeWorld(), sourceOf({ ...PAGINGS.page, paging }));
    expect(pages.run.errors[0]!.message).toMatch(/^It has more than 10 pages/);
    expect(asked).toHaveLength(10);
    const bytes = await collect(makeWorld(), sourceOf(PAGINGS.page, { max_bytes: 200 }));
    expect(bytes.run).toMatchObject({ state: 'failed', versions: [] });
  });

  it('goes on in its next delivery where one has too little time, or is asked to wait', async () => {
    const world = makeWorld();
    let refused = 0;
    answer = (url) => {
      world.pass(30_000);
      if (url.includes('page=3') && refused++ === 0) return { status: 429, headers: { 'retry-after': '1' }, body: '' };
      return pagedApi(FIVE, url);
    };
    const { run, worked } = await collect(world, sourceOf(PAGINGS.page));
    expect(worked.map(({ decision }) => decision)).toEqual(['defer', 'defer', 'done']);
    expect(asked.map(({ url }) => url)).toEqual([1, 2, 3, 3, 4].map((page) => `/page?page=${page}`));
    expect(run).toMatchObject({ state: 'succeeded', versions: ['port_ships@1'], counts: { requests: 5 } });
    expect(await latestRows(world, 'port_ships')).toEqual(ROWS);
  });
});

describe('A source of kind json-api', () => {
  it.each<[object, RegExp]>([
    [{ url: 'x', records: '$..a' }, /config\.resources\.0\.records: It must be a path/],
    [{ url: 'x', paging: { by: 'link' } }, /config\.resources\.0: With paging, records must say where the list is/],
    [{ url: 'x', records: '$.a[*]', paging: { by: 'cursor', parameter: 'c' } }, /config\.resources\.0\.paging\.path/],
    [{ url: 'x', records: '$.a[*]', paging: { by: 'scroll' } }, /config\.resources\.0\.paging\.by/],
  ])('of %j is declared wrongly', (resource, message) => {
    expect(() => sourceOf(resource)).toThrow(message);
  });

  it('refuses a part of a list that says so, unless that is all that is wanted', async () => {
    const message = async (resource: object) => (await collect(makeWorld(), sourceOf(resource))).run.errors[0]?.message;
    expect(await message({ url: 'link' })).toBe(
      'The answer says by its header Link that there is a next page. Declare paging ({ by: link }), or { by: none } if this page is all that is wanted.',
    );
    answer = () => ({ status: 200, headers: {}, body: '{"results":[{"a":1}],"links":{"next":"/x?page=2"}}' });
    expect(await message({ url: 'x' })).toMatch(
      /^The answer says by '\$\.links\.next' that there is a next page\. Declare paging \(\{ by: next, path: "\$\.links\.next" \}\)/,
    );
    expect(await message({ url: 'x', paging: { by: 'none' } })).toBeUndefined();
    answer = () => ({ status: 200, headers: {}, body: '{"results":[{"a":1}],"links":{"next":null}}' });
    expect(await message({ url: 'x' })).toBeUndefined();
  });

  it('refuses what is no JSON by saying what it is', async () => {
    const world = makeWorld();
    answer = () => ({ status: 200, headers: {}, body: '<!doctype html><title>Sign in</title>' });
    const { worked } = await collect(world, sourceOf({ url: 'x' }));
    expect(worked).toMatchObject([{ decision: 'stop', error: expect.any(RefusedContent) }]);
    expect((worked[0] as { error: Error }).error.message).toBe(
      "The file is an HTML page with the title 'Sign in', not JSON.",
    );
  });
});
