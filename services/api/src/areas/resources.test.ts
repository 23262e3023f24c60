import type { CollectionMessage } from '@granary/domain/messages/collect';
import type { Resource, Source } from '@granary/domain/source';
import { defineSource, makeFindSource, makeKnownSources } from '@granary/domain/use-cases/sources/known-sources';
import { checkSource } from '@granary/sources/check-source';
import { TABLE_KINDS } from '@granary/sources/kinds.gen';
import { TABLE_SOURCES, USERS_SOURCE } from '@granary/sources/sources.gen';
import { makeMemoryCatalog } from '@granary/stores/memory-catalog';
import { makeMemoryQueue } from '@granary/stores/memory-queue';
import { makeMemoryResourceStore } from '@granary/stores/memory-resource-store';
import { makeMemoryRunStore } from '@granary/stores/memory-run-store';
import { makeMemorySourceStore } from '@granary/stores/memory-source-store';
import { describe, expect, it } from '@jest/globals';
import type { SourcesDeps } from '../sources/sources-deps.ts';
import { callArea } from '../testing/call-area.ts';
import { routes } from './sources.ts';

const AT = '2026-11-20T08:00:00.000Z';
const SOURCE = 'data_gov_ma';
const resource = (id: string, url = `http://a.test/${id}.csv`): Resource => ({
  ...{ dataset: `${SOURCE}_${id}`, id, url, hints: {}, title: id.toUpperCase(), modified: AT },
});

/** A portal of `a` (published), `b` (with the address of `a`), `c` (refused), `d` (failing, at another host). */
const makeWorld = async () => {
  const store = makeMemorySourceStore();
  const queue = makeMemoryQueue<CollectionMessage>();
  const runs = makeMemoryRunStore({ now: () => Date.parse(AT) });
  const resources = makeMemoryResourceStore();
  const catalog = makeMemoryCatalog();
  const known = { kinds: async () => TABLE_KINDS, store };
  const sources = makeKnownSources({ ...known, shipped: [...TABLE_SOURCES, USERS_SOURCE] });
  const now = { clock: () => Date.parse(AT), random: Math.random };
  const findSource = makeFindSource({ ...known, shipped: TABLE_SOURCES });
  const deps: SourcesDeps = {
    ...{ store, catalog, sources, resources, clock: now.clock, users: USERS_SOURCE.id },
    checkSource: async (written) => checkSource(written, TABLE_KINDS),
    define: async (source: Source) => defineSource(TABLE_KINDS, source),
    refusalOf: async () => undefined,
    plan: { ...now, sources, findSource, baseUrl: ({ base_url }) => base_url, catalog, runs, queue },
  };
  const listed = (one: Resource, more: object = {}) =>
    resources.listed(SOURCE, one.id!, { run: 'r', part: 1, at: AT, resource: one, ...more });
  const check = { at: AT, status: 200, response_ms: 5, failures: 0, retry_at: null, refused: null, reason: null };
  await listed(resource('a'));
  await resources.checked(SOURCE, resource('a'), { ...check, state: 'published', datasets: [`${SOURCE}_a`] });
  await listed(resource('b', 'http://a.test/a.csv'), { same_as: 'a', state: 'excluded', reason: 'The address of a.' });
  await listed(resource('c'), { state: 'refused', reason: 'Its format is PDF.' });
  const d = resource('d', 'http://b.test/d.csv');
  await listed(d);
  await resources.checked(SOURCE, d, {
    ...check,
    state: 'failing',
    reason: 'It answered 500.',
    status: 500,
    failures: 2,
    retry_at: AT,
  });
  await resources.checked(
    'embrapa',
    { dataset: 'embrapa_x', url: 'http://e.test/x', hints: {} },
    { ...check, state: 'unchanged' },
  );
  const as = (...groups: string[]) => callArea(deps, routes, groups);
  const put = (id: string, body: object) =>
    as('operators')(`/v1/admin/resources/${encodeURIComponent(id)}`, { method: 'PUT', body: JSON.stringify(body) });
  const checkNow = (id: string) => as('operators')(`/v1/admin/resources/${id}/check`, { method: 'POST' });
  const list = async (query: string) => (await as('readers')(`/v1/resources${query}`)).json();
  return { as, put, checkNow, list, resources, queue, runs };
};
const idsOf = ({ items }: { items: { id: string }[] }) => items.map(({ id }) => id.replace(`${SOURCE}:`, ''));

describe('GET /v1/resources', () => {
  it('says of each what became of it, and which datasets have it, also those of another one of its address', async () => {
    const { list } = await makeWorld();
    const { items, next } = await list(`?source=${SOURCE}`);
    expect(next).toBeNull();
    expect(items).toMatchObject([
      { id: `${SOURCE}:a`, state: 'published', reason: null, status: 200, response_ms: 5, datasets: [`${SOURCE}_a`] },
      { state: 'excluded', reason: 'The address of a.', same_as: `${SOURCE}:a`, datasets: [`${SOURCE}_a`] },
      { state: 'refused', reason: 'Its format is PDF.', checked_at: null, datasets: [], title: 'C', modified: AT },
      { state: 'failing', reason: 'It answered 500.', host: 'b.test', status: 500, failures: 2, retry_at: AT },
    ]);
  });

  it('is filtered by state and host, and goes on page by page through all sources', async () => {
    const { list, as } = await makeWorld();
    expect(idsOf(await list('?state=refused'))).toEqual(['c']);
    expect(idsOf(await list(`?source=${SOURCE}&host=b.test`))).toEqual(['d']);
    expect(idsOf(await list(`?source=${SOURCE}&host=b.test&state=gone`))).toEqual([]);
    const all: string[] = [];
    for (let cursor: string | null = ''; cursor !== null; ) {
      const page: { items: { id: string }[]; next: string | null } = await list(
        `?limit=2${cursor && `&cursor=${cursor}`}`,
      );
      all.push(...idsOf(page));
      cursor = page.next;
    }
    expect(all).toEqual(['a', 'b', 'c', 'd', 'embrapa:embrapa_x']);
    expect((await as('readers')('/v1/resources?source=nobody')).statusCode).toBe(404);
    expect((await as('readers')('/v1/resources?state=lost')).statusCode).toBe(400);
    expect((await as('readers')('/v1/resources?cursor=x')).statusCode).toBe(400);
  });
});

describe('PUT /v1/admin/resources/{id}', () => {
  it('excludes a resource with a reason, or sets its contract; what is left out is taken back', async () => {
    const { put, resources } = await makeWorld();
    const { statusCode, json } = await put(`${SOURCE}:a`, { excluded: { reason: 'People are in it.' } });
    expect([statusCode, json()]).toMatchObject([
      200,
      { excluded: { reason: 'People are in it.', at: AT }, contract: null },
    ]);
    expect(await resources.getRecord(SOURCE, 'a')).toMatchObject({ excluded: { by: '1' } });
    const after = await put(`${SOURCE}:a`, { contract: { new_columns: 'freeze' } });
    expect(after.json()).toMatchObject({ excluded: null, contract: { new_columns: 'freeze' } });
  });

  it.each([
    ['an unknown one', `${SOURCE}:x`, {}, 404],
    ['a name that is none', 'a', {}, 400],
    ['a name without a source', 'nothing here', {}, 400],
    ['a policy that there is not', `${SOURCE}:a`, { contract: { new_columns: 'maybe' } }, 400],
    ['an exclusion without a reason', `${SOURCE}:a`, { excluded: { reason: '' } }, 400],
  ])('refuses %s', async (_, id, body, status) => {
    const { put } = await makeWorld();
    expect((await put(id, body)).statusCode).toBe(status);
  });

  it('is for operators', async () => {
    const { as } = await makeWorld();
    const call = as('readers', 'analysts');
    const options = { method: 'PUT', body: '{}' };
    expect((await call(`/v1/admin/resources/${SOURCE}:a`, options)).statusCode).toBe(403);
    expect((await call(`/v1/admin/resources/${SOURCE}:a/check`, { method: 'POST' })).statusCode).toBe(403);
  });
});

describe('POST /v1/admin/resources/{id}/check', () => {
  it('starts a run of that resource alone; while it works, that run is the answer', async () => {
    const { checkNow, queue } = await makeWorld();
    const { statusCode, headers, json } = await checkNow(`${SOURCE}:d`);
    const run = json();
    expect([statusCode, headers.Location]).toEqual([202, `/dev/v1/runs/${run.id}`]);
    expect(run).toMatchObject({ kind: 'collect', source: SOURCE, parts: 1, checks: 'd', state: 'running' });
    expect(queue.sent.map(({ message }) => message)).toMatchObject([
      { type: 'collect', run: run.id, part: 1, source: SOURCE, resource: { id: 'd', url: 'http://b.test/d.csv' } },
    ]);
    expect((await checkNow(`${SOURCE}:d`)).json().id).toBe(run.id);
    expect((await checkNow(`${SOURCE}:a`)).json().id).not.toBe(run.id);
  });

  it('answers 409 for one that is excluded, gone, or fetched by the address of another one', async () => {
    const { checkNow, put, resources } = await makeWorld();
    expect((await checkNow(`${SOURCE}:b`)).json().detail).toContain("has the address of 'a'");
    await resources.goneIn(SOURCE, 'c', 'r2', AT);
    expect((await checkNow(`${SOURCE}:c`)).statusCode).toBe(409);
    await put(`${SOURCE}:d`, { excluded: { reason: 'Private.' } });
    const { statusCode, json } = await checkNow(`${SOURCE}:d`);
    expect([statusCode, json().detail]).toEqual([409, "The resource 'd' is excluded: Private. Take that back first."]);
  });
});
