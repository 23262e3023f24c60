import { createHash } from 'node:crypto';
import { MessageNotBelieved, SourceUnavailable } from '@granary/domain/errors';
import type { Fetcher } from '@granary/domain/ports/collecting';
import type { ResourceRecord } from '@granary/domain/resource-record';
import { MOST_PARTS } from '@granary/domain/run';
import { planCollection } from '@granary/domain/use-cases/collect/plan-collection';
import { startCheck } from '@granary/domain/use-cases/collect/start-check';
import { workOnPart } from '@granary/domain/use-cases/collect/work-on-part';
import { Died, makeDying } from '@granary/domain/use-cases/testing/dying';
import { fixedSources } from '@granary/domain/use-cases/testing/fixed-sources';
import { describe, expect, it } from '@jest/globals';
import { collectAll, makeWorld, portSource, type Site, siteFetcher } from '../../testing/source-world.ts';
import { kind } from './kind.ts';

const CSV = 'place;mm\nFaro;1\nLagos;2\n';
const API = '/api/3/action/package_search?sort=name+asc&rows=50&start=0';
const source = portSource(kind as never, {});

type Entry = { url?: string; format?: string; modified?: string; title?: string; resource?: string };
/** A portal of datasets with one resource each, by their names. */
const portalOf = (entries: Record<string, Entry>, files: Site = {}): Site => {
  const results = Object.entries(entries).map(([name, { url, format = 'CSV', modified, title, resource }]) => ({
    ...{ name, title: title ?? name, metadata_modified: modified ?? '2026-01-01T00:00:00' },
    resources: [{ id: resource ?? name, name, format, url: url ?? `http://port.test/files/${name}.csv` }],
  }));
  const site: Site = { [API]: JSON.stringify({ success: true, result: { count: results.length, results } }), ...files };
  for (const { resources } of results) site[new URL(resources[0]!.url).pathname] ??= `${CSV}${resources[0]!.url};3\n`;
  return site;
};
const named = (...names: string[]): Record<string, Entry> => Object.fromEntries(names.map((name) => [name, {}]));

/** Answers 304 where a file is as it was. `asked`: `GET /x`, or `IF /x` where the question had a condition. */
const withEtags =
  (site: Site, asked: string[] = []): Fetcher =>
  async (request) => {
    const { pathname, search } = new URL(request.url);
    asked.push(
      `${request.etag ? 'IF' : 'GET'} ${pathname}${pathname === '/api/3/action/package_search' ? '' : search}`,
    );
    const body = site[pathname + search];
    const etag = body === undefined ? null : `"${createHash('sha256').update(body).digest('hex')}"`;
    if (etag !== null && request.etag === etag) {
      await request.before(new URL(request.url));
      return { status: 'not-modified' };
    }
    const fetched = await siteFetcher(site)(request);
    return fetched.status === 'fetched' ? { ...fetched, etag } : fetched;
  };

/** A portal that is collected again and again, as it is then. */
const makePortal = () => {
  const world = makeWorld();
  const records = async (): Promise<Record<string, ResourceRecord>> => {
    const { records } = await world.resources.listRecords('port', { limit: 1000 });
    return Object.fromEntries(records.map((record) => [record.id, record]));
  };
  const collect = async (site: Site, options: { accept_gone?: boolean; asked?: string[] } = {}) => {
    const from = world.queue.sent.length;
    const { run } = await collectAll(world, source, withEtags(site, options.asked), options);
    expect(world.queue.sent.length).toBeGreaterThan(from);
    const { listed, published, unchanged, refused, excluded, gone } = run.resources!;
    expect(listed).toBe(published + unchanged + refused + excluded + gone);
    return run;
  };
  return { world, records, collect };
};

describe('Resources of a portal', () => {
  it('end each with a state and a reason, and the counts of the run add up', async () => {
    const { collect, records } = makePortal();
    const site = portalOf(
      {
        ...named('a', 'b'),
        pdf: { format: 'PDF', url: 'http://port.test/x.pdf' },
        html: {},
        lost: {},
        none: { url: 'x:' },
      },
      { '/files/html.csv': '<html><title>Sign in</title></html>' },
    );
    delete site['/files/lost.csv'];
    const run = await collect(site);
    expect(run).toMatchObject({
      state: 'partial',
      resources: { listed: 6, published: 2, unchanged: 0, refused: 4, excluded: 0, gone: 0, failing: 1 },
    });
    expect(
      Object.values(await records()).map(({ id, state, reason, status, datasets }) => [
        id,
        state,
        reason,
        status,
        datasets,
      ]),
    ).toEqual([
      ['a', 'published', null, 200, ['port_a']],
      ['b', 'published', null, 200, ['port_b']],
      ['html', 'refused', "The file is an HTML page with the title 'Sign in', not CSV.", 200, []],
      ['lost', 'failing', 'port.test answered 404', 404, []],
      ['none', 'refused', "'x:' is no address of a file.", null, []],
      ['pdf', 'refused', 'Its format is PDF, of which no tables are read.', null, []],
    ]);
  });

  it('cost one conditional request where nothing changed, also those that were refused; failing ones wait', async () => {
    const { collect, records } = makePortal();
    const site = portalOf(named('a', 'b', 'html', 'lost'), { '/files/html.csv': '<html></html>' });
    delete site['/files/lost.csv'];
    await collect(site);
    const asked: string[] = [];
    const run = await collect(site, { asked });
    expect(asked.sort()).toEqual([
      ...['GET /api/3/action/package_search', 'GET /files/lost.csv'],
      ...['IF /files/a.csv', 'IF /files/b.csv', 'IF /files/html.csv'],
    ]);
    expect(run.resources).toMatchObject({ listed: 4, unchanged: 2, refused: 2, failing: 1 });
    const { html, lost, a } = await records();
    expect(html).toMatchObject({ state: 'refused', reason: 'The file is an HTML page, not CSV.', status: 304 });
    expect(a).toMatchObject({ state: 'unchanged', status: 304, datasets: ['port_a'] });
    // Its wait doubles: by the sixth failure it is longer than the day between two runs.
    expect(lost).toMatchObject({ failures: 2, retry_at: expect.any(String) });
    for (let failures = 3; failures < 9; failures++) await collect(site);
    const later: string[] = [];
    for (let n = 0; n < 3; n++) await collect(site, { asked: later });
    expect(later.filter((one) => one === 'GET /files/lost.csv').length).toBeLessThan(3);
    // A change of what the portal says is a reason to try at once.
    const mended = portalOf({ ...named('a', 'b', 'html'), lost: { modified: '2026-02-01T00:00:00' } });
    expect((await collect(mended)).versions).toContain('port_lost@1');
  });

  it('of one address are fetched once, and each says which has the datasets', async () => {
    const { collect, records } = makePortal();
    const url = 'http://port.test/files/same.csv?x=1';
    const entries = Object.fromEntries(
      Array.from({ length: 40 }, (_, n) => [`d${String(n).padStart(2, '0')}`, { url }]),
    );
    const site = portalOf(entries, { '/files/same.csv?x=1': CSV });
    const asked: string[] = [];
    const run = await collect(site, { asked });
    expect(asked).toEqual(['GET /api/3/action/package_search', 'GET /files/same.csv?x=1']);
    expect(run.resources).toMatchObject({ listed: 40, published: 1, excluded: 39 });
    const owner = Object.values(await records()).find(({ state }) => state === 'published')!;
    const others = Object.values(await records()).filter(({ id }) => id !== owner.id);
    for (const one of others) {
      expect(one).toMatchObject({ state: 'excluded', same_as: owner.id });
      expect(one.reason).toContain(`'${owner.id}'`);
    }
    expect((await collect(site)).resources).toMatchObject({ listed: 40, unchanged: 1, excluded: 39 });
  });

  it('that moved keep their dataset; a listing that is older than what is known changes nothing', async () => {
    const { collect, records, world } = makePortal();
    await collect(portalOf({ rain: { modified: '2026-01-02T00:00:00' } }));
    const moved = {
      url: 'http://port.test/files/v2.csv',
      modified: '2026-02-02T00:00:00',
      title: 'Rainfall',
      resource: 'rain',
    };
    const site = portalOf({ rainfall: moved });
    expect((await collect(site)).versions).toEqual(['port_rain@2']);
    const old = { ...portalOf({ rain: { modified: '2026-01-02T00:00:00' } }), '/files/v2.csv': site['/files/v2.csv']! };
    const asked: string[] = [];
    expect((await collect(old, { asked })).resources).toMatchObject({ listed: 1, unchanged: 1, gone: 0 });
    expect(asked).toContain('IF /files/v2.csv');
    expect((await records()).rain!.resource).toMatchObject({ url: moved.url, title: 'Rainfall' });
    expect(await world.catalog.getDataset('port_rain')).toMatchObject({ title: 'Rainfall', latest: 2, gone_at: null });
  });
});

describe('A portal whose pages stand in for its API', () => {
  const html = (inner: string) => `<html><body><div class="primary">${inner}</div></body></html>`;
  const link = (name: string) => `<li class="dataset-item"><a href="/dataset/${name}">${name}</a></li>`;
  const pageOf = (name: string, url = `/files/${name}.csv`) =>
    html(
      `<h1>${name}</h1><ul class="resource-list"><li class="resource-item" data-id="${name}"><a class="heading" href="x">${name}</a>
       <span class="format-label">CSV</span><a class="resource-url-analytics" href="${url}">Get</a></li></ul>`,
    );
  const pagesOf = (names: readonly string[]): Site => ({
    '/group': html('<a href="/group/about">About</a>'),
    '/dataset': html(names.map(link).join('')),
    ...Object.fromEntries(names.map((name) => [`/dataset/${name}`, pageOf(name)])),
  });

  it('is believed where a file lies, though pages do not say when that changed', async () => {
    const { collect, records } = makePortal();
    await collect(portalOf({ rain: { modified: '2026-01-02T00:00:00' } }));
    const site = { ...pagesOf(['rain']), '/dataset/rain': pageOf('rain', '/files/v2.csv'), '/files/v2.csv': CSV };
    expect((await collect(site)).versions).toEqual(['port_rain@2']);
    expect((await records()).rain!.resource.url).toBe('http://port.test/files/v2.csv');
  });

  it('has nothing that is gone while the API is only unavailable', async () => {
    const names = ['a', 'b', 'c', 'd', 'e', 'f'];
    const { collect, records, world } = makePortal();
    const all = portalOf(named(...names));
    await collect(all);
    const { [API]: _, ...files } = all;
    const site = { ...files, ...pagesOf(names.filter((name) => name !== 'c')) };
    const unavailable: Fetcher = (request) => {
      if (request.url.includes(API)) throw new SourceUnavailable('The API answered 503');
      return withEtags(site)(request);
    };
    expect((await collectAll(world, source, unavailable)).run).toMatchObject({ state: 'succeeded' });
    expect((await records()).c).toMatchObject({ state: 'published', gone: null });
    // Where there is none, its pages are the portal.
    expect((await collect(site)).resources).toMatchObject({ gone: 1 });
  });
});

describe('What a portal lists no more', () => {
  const six = named('a', 'b', 'c', 'd', 'e', 'f');
  const without = (...names: string[]) =>
    Object.fromEntries(Object.entries(six).filter(([name]) => !names.includes(name)));

  it('is gone: its dataset is marked and stays, until it is back', async () => {
    const { collect, records, world } = makePortal();
    await collect(portalOf(six));
    const run = await collect(portalOf(without('c')));
    expect(run).toMatchObject({ state: 'succeeded', resources: { listed: 6, unchanged: 5, gone: 1 } });
    expect((await records()).c).toMatchObject({ state: 'gone', gone: { run: run.id } });
    expect(await world.catalog.getDataset('port_c')).toMatchObject({ latest: 1, gone_at: expect.any(String) });
    expect((await collect(portalOf(without('c')))).resources).toMatchObject({ listed: 5, gone: 0 });
    expect((await collect(portalOf(six))).resources).toMatchObject({ listed: 6, unchanged: 6, gone: 0 });
    expect((await records()).c).toMatchObject({ state: 'unchanged', gone: null });
    expect(await world.catalog.getDataset('port_c')).toMatchObject({ gone_at: null });
  });

  it('is not marked where more than a fifth is missing, until an operator says so', async () => {
    const { collect, records, world } = makePortal();
    await collect(portalOf(six));
    const less = portalOf(without('c', 'd'));
    const run = await collect(less);
    expect(run).toMatchObject({
      state: 'partial',
      resources: { listed: 4, unchanged: 4, gone: 0 },
      counts: { errors: 1 },
    });
    expect(run.errors[0]!.message).toMatch(
      /^2 of 6 resources of 'port' are no longer listed, which is more than 20 %\..*accept_gone=true/,
    );
    expect(Object.values(await records()).some(({ state }) => state === 'gone')).toBe(false);
    expect(await world.catalog.getDataset('port_c')).toMatchObject({ gone_at: null });
    const accepted = await collect(less, { accept_gone: true });
    expect(accepted).toMatchObject({ state: 'succeeded', resources: { listed: 6, unchanged: 4, gone: 2 } });
    expect(await world.catalog.getDataset('port_c')).toMatchObject({ gone_at: expect.any(String) });
  });

  it('is not looked for where a page could not be read, or where the list was changed meanwhile', async () => {
    const { collect, records } = makePortal();
    await collect(portalOf(six));
    const broken = portalOf(without('c'));
    const body = JSON.parse(String(broken[API]));
    body.result.count = 90;
    const second = '/api/3/action/package_search?sort=name+asc&rows=50&start=4';
    expect((await collect({ ...broken, [API]: JSON.stringify(body), [second]: '{}' })).state).toBe('partial');
    const shifted = JSON.stringify({ success: true, result: { count: 90, results: [] } });
    expect((await collect({ ...broken, [API]: JSON.stringify(body), [second]: shifted })).state).toBe('succeeded');
    expect((await records()).c).toMatchObject({ state: 'published', gone: null });
  });

  it('is not looked for where pages lead to more than a run takes', async () => {
    const { collect, records, world } = makePortal();
    await collect(portalOf(six));
    const more = Object.fromEntries(Array.from({ length: MOST_PARTS }, (_, n) => [`x${n}`, {}]));
    // `c` stands on the next page.
    const site = portalOf({ ...without('c'), ...more });
    const { run } = await collectAll(world, source, withEtags(site));
    expect(run.errors[0]!.message).toContain(`A run has at most ${MOST_PARTS} parts`);
    expect((await records()).c).toMatchObject({ state: 'published', gone: null });
  });

  it('gives its address to another resource that has it too', async () => {
    const { collect, records } = makePortal();
    const url = 'http://port.test/files/same.csv';
    const others = named('b', 'c', 'd', 'e', 'f');
    await collect(portalOf({ a: { url }, ...others, z: { url } }));
    expect((await records()).z).toMatchObject({ state: 'excluded', same_as: 'a' });
    await collect(portalOf({ ...others, z: { url } }));
    const run = await collect(portalOf({ ...others, z: { url } }));
    expect(run).toMatchObject({ versions: ['port_z@1'], resources: { listed: 6, published: 1, unchanged: 5 } });
  });
});

describe('An operator', () => {
  it('excludes a resource, and sets its contract', async () => {
    const { collect, world } = makePortal();
    await collect(portalOf(named('a', 'b')));
    const excluded = { reason: 'People are in it.', by: 'me', at: '2026-11-21T00:00:00.000Z' };
    expect(await world.resources.decide('port', 'a', { excluded, contract: null })).toBe(true);
    await world.resources.decide('port', 'b', { excluded: null, contract: { new_columns: 'freeze' } });
    const asked: string[] = [];
    const wider = 'place;mm;note\nFaro;1;x\nLagos;2;y\n';
    const run = await collect(portalOf(named('a', 'b'), { '/files/b.csv': wider }), { asked });
    expect(run.resources).toMatchObject({ listed: 2, refused: 1, excluded: 1, failing: 0 });
    expect(asked.some((one) => one.endsWith('/a.csv'))).toBe(false);
    expect(await world.resources.getRecord('port', 'a')).toMatchObject({
      state: 'excluded',
      reason: 'An operator excluded it: People are in it.',
    });
    expect((await world.resources.getRecord('port', 'b'))!.reason).toContain('It has a column note');
    expect(await world.resources.decide('port', 'x', { excluded, contract: null })).toBe(false);
  });

  it('has a resource looked at that waits: a run of its own, which nobody can make fetch anything else', async () => {
    const { collect, world, records } = makePortal();
    const site = portalOf(named('a', 'lost'));
    delete site['/files/lost.csv'];
    await collect(site);
    const fetch = withEtags(portalOf(named('a', 'lost')));
    const base = { sources: fixedSources(source), findSource: () => source, baseUrl: () => source.base_url };
    const deps = { ...world, ...base, fetch };
    const [known] = await deps.sources.list();
    const run = await startCheck(deps)(known!, (await records()).lost!);
    const { message } = world.queue.sent.at(-1)!;
    const delivery = { receive_count: 1, receipt_handle: 'r', memory_gb: 1 };
    const forged = { ...message, resource: { ...(await records()).a!.resource } } as typeof message;
    expect(await workOnPart(deps)(forged, delivery)).toMatchObject({ error: expect.any(MessageNotBelieved) });
    expect(await workOnPart(deps)(message, delivery)).toMatchObject({ outcome: 'published' });
    expect(await world.runs.getRun(run.id)).toMatchObject({
      state: 'succeeded',
      versions: ['port_lost@1'],
      checks: 'lost',
    });
    expect((await records()).lost).toMatchObject({ state: 'published', failures: 0, retry_at: null });
  });
});

it('A worker that dies anywhere loses nothing, and the counts add up all the same', async () => {
  const site = portalOf(named('a', 'b'), { '/files/b.csv': '<html></html>' });
  for (let n = 1; ; n++) {
    const world = makeWorld();
    const base = { sources: fixedSources(source), findSource: () => source, baseUrl: () => source.base_url };
    const deps = { ...world, ...base, fetch: withEtags(site) };
    const { runs } = await planCollection(deps)({ force: true });
    const { dying } = makeDying(n, n % 2 === 0 ? 'before' : 'after');
    const stores = { runs: dying(world.runs), objects: dying(world.objects), catalog: dying(world.catalog) };
    const mortal = { ...deps, ...stores, resources: dying(world.resources), queue: dying(world.queue) };
    let died = false;
    for (let at = 0; at < world.queue.sent.length && at < 60; at++) {
      const delivery = { receive_count: 1, receipt_handle: 'r', memory_gb: 1 };
      const { message } = world.queue.sent[at]!;
      const worked: unknown = died
        ? undefined
        : await workOnPart(mortal)(message, delivery).catch((error) => ({ error }));
      died ||= (worked as { error?: unknown } | undefined)?.error instanceof Died;
      const again = await workOnPart(deps)(message, delivery);
      if (again.decision === 'defer') world.pass(again.delay_s * 1000);
    }
    expect(await world.runs.getRun(runs[0]!.id)).toMatchObject({
      ...{ state: 'partial', versions: ['port_a@1'] },
      resources: { listed: 2, published: 1, unchanged: 0, refused: 1, excluded: 0, gone: 0, failing: 0 },
    });
    if (!died) return expect(n).toBeGreaterThan(20);
  }
});
