import { randomUUID } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { MessageNotBelieved, RefusedContent } from '../../errors.ts';
import { withKind } from '../../kind.ts';
import type { CollectionMessage } from '../../messages/collect.ts';
import type { Fetcher } from '../../ports/collecting.ts';
import { Died, makeDying } from '../testing/dying.ts';
import { figures, figuresKind } from '../testing/figures-source.ts';
import { fixedSources } from '../testing/fixed-sources.ts';
import { gated, interleave } from '../testing/interleave.ts';
import { makeWorld, seeded, type World } from '../testing/world.ts';
import { planCollection } from './plan-collection.ts';
import { type WorkDeps, workOnPart } from './work-on-part.ts';

/** What the pages of a portal say: names of its files, and the page that comes next. */
type Pages = Record<string, { files: readonly string[]; next: readonly string[] } | string>;

const BASE = 'http://portal.test/';

/** A world whose source is a portal: nobody knows its files before its pages are read. */
const makePortal = (pages: Pages, datasets = ['wine', 'juice', 'must'], about: { title?: string } = {}) => {
  const world = makeWorld();
  const portal = withKind<{ names: string[] }>(
    {
      ...figuresKind,
      discover: undefined,
      listing: {
        accept: 'application/json',
        first: (_, base_url) => [{ url: `${base_url}first`, hints: {} }],
        read(_, page, body, base_url) {
          const text = Buffer.from(body).toString();
          if (text.startsWith('<')) throw new RefusedContent(`${page.url} is no listing`);
          const { files, next } = JSON.parse(text) as { files: string[]; next: string[] };
          return {
            resources: files.map((name) => ({
              dataset: `test_${name}`,
              url: `${base_url}${name}.csv`,
              hints: {},
              ...about,
            })),
            next: next.map((name) => ({ url: `${base_url}${name}`, hints: {} })),
          };
        },
      },
    },
    {
      ...figures,
      config: { names: [] },
      datasets: datasets.map((name) => ({ ...figures.datasets[0]!, id: `test_${name}` })),
    },
  );
  const asked: [url: string, accept: string | undefined][] = [];
  const fetch: Fetcher = async (request) => {
    asked.push([request.url, request.accept]);
    const page = pages[request.url.slice(BASE.length)];
    if (page === undefined) return world.fetch(request);
    await request.before(new URL(request.url));
    const path = join(tmpdir(), `granary-test-${randomUUID()}`);
    writeFileSync(path, typeof page === 'string' ? page : JSON.stringify(page));
    return {
      status: 'fetched',
      path,
      bytes: 1,
      sha256: 'a',
      etag: null,
      last_modified: null,
      content_type: null,
      link: null,
    };
  };
  const deps = { ...world, fetch, sources: fixedSources(portal), findSource: () => portal, baseUrl: () => BASE };
  return { world, deps, asked };
};

const TWO_PAGES: Pages = {
  first: { files: ['wine', 'juice'], next: ['second'] },
  second: { files: ['must'], next: [] },
};

const delivery = { receive_count: 1, receipt_handle: 'receipt', memory_gb: 1 };

/** Delivers what is in the queue until nothing is left, and what comes meanwhile. */
const deliverAll = async (world: World, deps: WorkDeps): Promise<void> => {
  for (let sent = world.queue.sent.shift(); sent; sent = world.queue.sent.shift())
    await workOnPart(deps)(sent.message, delivery);
};

const onlyRun = async (world: World) => {
  const { runs } = await world.runs.listRuns({ limit: 10 });
  expect(runs).toHaveLength(1);
  return runs[0]!;
};

/** Three files on two pages: five parts, each once. */
const expectComplete = async (world: World): Promise<void> => {
  expect(await onlyRun(world)).toMatchObject({
    state: 'succeeded',
    parts: 5,
    parts_done: 5,
    versions: ['test_juice@1', 'test_must@1', 'test_wine@1'],
    errors: [],
  });
};

describe('A source that lists its resources on pages', () => {
  it('is planned by its first page, and collected as its pages say', async () => {
    const { world, deps, asked } = makePortal(TWO_PAGES);
    const { runs } = await planCollection(deps)({});
    expect(runs[0]).toMatchObject({ parts: 1 });
    expect(world.queue.sent.map(({ message }) => message)).toMatchObject([
      { type: 'discover', part: 1, page: { url: `${BASE}first` } },
    ]);
    expect(await workOnPart(deps)(world.queue.sent.shift()!.message, delivery)).toMatchObject({
      outcome: 'discovered',
      found: 3,
      counts: { requests: 1 },
    });
    expect(world.queue.sent.map(({ message }) => [message.type, message.part])).toEqual([
      ['collect', 2],
      ['collect', 3],
      ['discover', 4],
    ]);
    expect((await world.catalog.listDatasets()).map(({ id }) => id)).toEqual(['test_juice', 'test_wine']);
    await deliverAll(world, deps);
    await expectComplete(world);
    expect(asked.map(([url, accept]) => [url.slice(BASE.length), accept])).toEqual([
      ['first', 'application/json'],
      ['wine.csv', 'text/csv'],
      ['juice.csv', 'text/csv'],
      ['second', 'application/json'],
      ['must.csv', 'text/csv'],
    ]);
  });

  it.each(['before', 'after'] as const)(
    'loses nothing and doubles nothing where a worker died, %s any single write of a page',
    async (when) => {
      for (let n = 1; ; n++) {
        const { world, deps } = makePortal(TWO_PAGES);
        await planCollection(deps)({});
        const page = world.queue.sent.shift()!.message;
        const { dying } = makeDying(n, when);
        const stores = { runs: dying(world.runs), objects: dying(world.objects), catalog: dying(world.catalog) };
        const worked = await workOnPart({ ...deps, ...stores, queue: dying(world.queue) })(page, delivery);
        const died = worked.decision === 'retry' && worked.error instanceof Died;
        // The queue delivers it again, whatever had been sent already.
        await workOnPart(deps)(page, delivery);
        await deliverAll(world, deps);
        await expectComplete(world);
        if (!died) return expect(n).toBeGreaterThan(5);
      }
    },
  );

  it('keeps to what a page said when it was first read, however often it is delivered', async () => {
    const pages = { ...TWO_PAGES };
    const { world, deps, asked } = makePortal(pages);
    await planCollection(deps)({});
    const page = world.queue.sent.shift()!.message;
    await workOnPart(deps)(page, delivery);
    pages.first = { files: ['must', 'wine', 'other'], next: [] };
    expect(await workOnPart(deps)(page, delivery)).toMatchObject({ outcome: 'ended-before', found: 3 });
    await deliverAll(world, deps);
    await expectComplete(world);
    expect(asked.filter(([url]) => url === `${BASE}first`)).toHaveLength(1);
  });

  it('is numbered once where two workers read a page at the same time', async () => {
    for (let seed = 1; seed <= 30; seed++) {
      const { world, deps } = makePortal(TWO_PAGES);
      await planCollection(deps)({});
      const page = world.queue.sent.shift()!.message;
      const worker = async (gate: () => Promise<void>) => {
        const stores = { runs: gated(world.runs, gate), objects: gated(world.objects, gate) };
        await workOnPart({ ...deps, ...stores, queue: gated(world.queue, gate) })(page, delivery);
      };
      await interleave([worker, worker], seeded(seed));
      await deliverAll(world, deps);
      await expectComplete(world);
    }
  });

  it('reads each page once, though pages lead to each other in a circle', async () => {
    const { world, deps, asked } = makePortal({
      first: { files: ['wine'], next: ['first', 'second'] },
      second: { files: ['must'], next: ['first', 'second'] },
    });
    await planCollection(deps)({});
    for (let n = 0; n < 50 && world.queue.sent.length > 0; n++)
      await workOnPart(deps)(world.queue.sent.shift()!.message, delivery);
    expect(asked.map(([url]) => url.slice(BASE.length)).sort()).toEqual(['first', 'must.csv', 'second', 'wine.csv']);
    expect(await onlyRun(world)).toMatchObject({ state: 'succeeded', versions: ['test_must@1', 'test_wine@1'] });
  });

  it('follows so many pages of a list that never ends, and says so', async () => {
    let page = 0;
    const pages = new Proxy<Pages>({}, { get: () => ({ files: [], next: [`page-${page++}`] }) });
    const { world, deps } = makePortal(pages);
    await planCollection(deps)({});
    for (let n = 0; n < 1100 && world.queue.sent.length > 0; n++)
      await workOnPart(deps)(world.queue.sent.shift()!.message, delivery);
    const run = await onlyRun(world);
    expect(run).toMatchObject({ state: 'partial', parts: 1001, parts_done: 1001, counts: { errors: 1 } });
    expect(run.errors[0]!.message).toMatch(/^The listing pages of 'test' lead to 1002 resources and pages so far\./);
  });

  it('fails with the reason where its page is none, and ends', async () => {
    const { world, deps } = makePortal({ first: '<html>' });
    await planCollection(deps)({});
    await deliverAll(world, deps);
    expect(await onlyRun(world)).toMatchObject({
      state: 'failed',
      errors: [{ part: 1, dataset: null, url: `${BASE}first`, message: `${BASE}first is no listing` }],
    });
  });

  it('may list what is not declared: that part fails alone, and says so', async () => {
    const { world, deps } = makePortal(TWO_PAGES, ['wine', 'must']);
    await planCollection(deps)({});
    await deliverAll(world, deps);
    expect(await onlyRun(world)).toMatchObject({
      state: 'partial',
      parts_done: 5,
      errors: [{ part: 3, message: "Source 'test' declares no dataset 'test_juice'" }],
    });
  });

  it('may say itself what the datasets are that it lists: they need no declaration', async () => {
    const { world, deps } = makePortal(TWO_PAGES, ['wine'], { title: 'As the page has it' });
    await planCollection(deps)({});
    await deliverAll(world, deps);
    await expectComplete(world);
    expect(await world.catalog.getDataset('test_must')).toMatchObject({ title: 'As the page has it', latest: 1 });
    expect(await world.catalog.getDataset('test_wine')).toMatchObject({ title: 'wine', latest: 1 });
  });

  it.each([
    [
      'of a resource that the page did not list',
      { resource: { dataset: 'test_wine', url: 'http://evil.test/', hints: {} } },
    ],
    ['of the resource of another part', { part: 3 }],
    ['of a part that is not there', { part: 9 }],
  ])('does not believe a message %s', async (_, change) => {
    const { world, deps, asked } = makePortal(TWO_PAGES);
    await planCollection(deps)({});
    await workOnPart(deps)(world.queue.sent.shift()!.message, delivery);
    const forged = { ...world.queue.sent[0]!.message, ...change } as CollectionMessage;
    const worked = await workOnPart(deps)(forged, delivery);
    expect((worked as { error: unknown }).error).toBeInstanceOf(MessageNotBelieved);
    expect(asked).toHaveLength(1);
  });

  it('does not believe a page that no page led to', async () => {
    const { world, deps, asked } = makePortal(TWO_PAGES);
    await planCollection(deps)({});
    const page = world.queue.sent.shift()!.message;
    const worked = await workOnPart(deps)(
      { ...page, page: { url: 'http://evil.test/', hints: {} } } as never,
      delivery,
    );
    expect((worked as { error: unknown }).error).toBeInstanceOf(MessageNotBelieved);
    expect(asked).toEqual([]);
  });
});
