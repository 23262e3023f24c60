import { describe, expect, it } from '@jest/globals';
import { RefusedContent, VersionHeld } from '../../errors.ts';
import type { CollectMessage } from '../../messages/collect.ts';
import type { Resource, SourceDefinition } from '../../source.ts';
import { makeDying } from '../testing/dying.ts';
import { fixedSources } from '../testing/fixed-sources.ts';
import { expectSound } from '../testing/invariants.ts';
import { sheets } from '../testing/sheets-source.ts';
import { makeWorld, type World } from '../testing/world.ts';
import { planCollection } from './plan-collection.ts';
import { workOnPart } from './work-on-part.ts';

const A = '#A\n2000;1\n2001;2\n';
const B = '#B\n2000;3\n';
const delivery = { receive_count: 1, receipt_handle: 'r', memory_gb: 1 };
const of = (world: World, source: SourceDefinition = sheets) => ({
  ...world,
  sources: fixedSources(source),
  findSource: () => source,
  baseUrl: () => source.base_url,
});

/** Plans a run of its own, a day after the one before, and works on each of its parts once. */
const collect = async (world: World, bytes: string, source = sheets) => {
  world.source.bytes = bytes;
  world.pass(86_400_000);
  const from = world.queue.sent.length;
  const { runs } = await planCollection(of(world, source))({ force: true });
  const worked = [];
  for (const { message } of world.queue.sent.slice(from))
    worked.push(await workOnPart(of(world, source))(message, delivery));
  return { worked: worked[0]!, run: (await world.runs.getRun(runs[0]!.id))! };
};
/** `id: latest version, rows`, with a cross where it is gone. */
const datasets = async ({ catalog }: World) =>
  (await catalog.listDatasets()).map(
    ({ id, latest, rows, gone_at }) => `${id}: ${latest}, ${rows}${gone_at ? ' †' : ''}`,
  );

describe('A resource of several tables', () => {
  it('becomes a dataset for each, of one part', async () => {
    const world = makeWorld();
    const { run } = await collect(world, A + B);
    expect(run).toMatchObject({
      state: 'succeeded',
      parts: 1,
      versions: ['test_book_a@1', 'test_book_b@1'],
      counts: { requests: 1, rows_read: 3, rows_published: 3, unchanged: 0 },
    });
    await expectSound(world, 'test_book_a', 1);
    await expectSound(world, 'test_book_b', 1);
    expect(await world.catalog.getDataset('test_book_b')).toMatchObject({ title: 'Book: Sheet B', source: 'test' });
    // The bytes are kept once.
    expect(await world.objects.list('raw/')).toHaveLength(1);
    // One was described before anybody looked; nothing was ever published of it.
    expect(await datasets(world)).toEqual(['test_book_a: 1, 2', 'test_book_b: 1, 1']);
    expect(await world.catalog.getDataset('test_book')).toMatchObject({ latest: null, gone_at: expect.any(String) });
  });

  it('costs one conditional request when it has not changed, and makes no version', async () => {
    const world = makeWorld();
    world.source.etag = '"one"';
    await collect(world, A + B);
    const { run, worked } = await collect(world, 'never sent');
    expect(worked).toMatchObject({ outcome: 'unchanged', versions: [{ version: 1 }, { version: 1 }] });
    expect(run).toMatchObject({ state: 'succeeded', versions: [], counts: { requests: 1, unchanged: 1 } });
    world.source.etag = null;
    expect((await collect(world, A + B)).run).toMatchObject({ versions: [], counts: { unchanged: 1 } });
    const checked = (await world.catalog.getDataset('test_book_a'))!.checked_at;
    expect(checked).toBe(new Date(world.clock()).toISOString());
  });

  it('keeps the dataset of its first table when there is another, and marks one that goes until it comes back', async () => {
    const world = makeWorld();
    await collect(world, A);
    expect(await datasets(world)).toEqual(['test_book: 1, 2']);
    await collect(world, B + A);
    expect(await datasets(world)).toEqual(['test_book: 2, 2', 'test_book_b: 1, 1']);
    await collect(world, A);
    expect(await datasets(world)).toEqual(['test_book: 3, 2', 'test_book_b: 1, 1 †']);
    await expectSound(world, 'test_book_b', 1);
    await collect(world, A + B);
    expect(await datasets(world)).toEqual(['test_book: 4, 2', 'test_book_b: 2, 1']);
  });

  it('publishes the others where one cannot be read, and says which', async () => {
    const world = makeWorld();
    const { run, worked } = await collect(world, `${A}#Secret\n!\n${B}`);
    expect(worked).toMatchObject({ decision: 'stop', error: expect.any(RefusedContent) });
    expect(run).toMatchObject({
      state: 'partial',
      versions: ['test_book_a@1', 'test_book_b@1'],
      counts: { rows_published: 3, errors: 1 },
      errors: [{ dataset: 'test_book_secret', message: "Table 'Sheet Secret': It is encrypted." }],
    });
    expect(await world.catalog.getDataset('test_book_secret')).toBeUndefined();
    // It is asked for again, and read once it can be: the others are unchanged.
    const mended = await collect(world, `${A}#Secret\n2000;9\n${B}`);
    expect(mended.run).toMatchObject({ state: 'succeeded', versions: expect.arrayContaining(['test_book_secret@1']) });
  });

  it('W3: publishes the others where the version of one is held, and says of both what befell them', async () => {
    const world = makeWorld();
    const years = (count: number) => Array.from({ length: count }, (_, at) => `${1900 + at};${at}\n`).join('');
    await collect(world, `#A\n${years(100)}${B}#C\n1;1\n`);
    const { run, worked } = await collect(world, `#A\n${years(10)}#B\n2000;4\n#C\n!\n`);
    expect(worked).toMatchObject({ decision: 'stop', error: expect.any(VersionHeld) });
    expect(run).toMatchObject({ versions: ['test_book_b@2'], counts: { rows_published: 1, errors: 1 } });
    expect(run.errors).toMatchObject([{ dataset: 'test_book_a', held: 2 }]);
    expect(run.errors[0]!.message).toMatch(/^Version 2 of 'test_book_a' is held.*Table 'Sheet C': It is encrypted\.$/s);
  });

  it('is looked at thoroughly where its only table turns out not to be', async () => {
    const world = makeWorld();
    await collect(world, `#more\n+\n${A}${B}`);
    expect(await datasets(world)).toEqual(['test_book_a: 1, 2', 'test_book_b: 1, 1']);
  });

  it('is refused where one table is declared', async () => {
    const world = makeWorld();
    const declared = { ...sheets, datasets: sheets.datasets.map((one) => ({ ...one, key: ['year'] })) };
    expect((await collect(world, A + B, declared)).run.errors).toMatchObject([
      {
        dataset: 'test_book',
        message:
          "It holds 2 tables: 'Sheet A', 'Sheet B'. 'test_book' is declared as one: declare which one it is, or declare neither its fields nor its key, and each becomes a dataset.",
      },
    ]);
    const own = [...sheets.datasets, { ...sheets.datasets[0]!, id: 'test_book_b', title: 'Own', key: ['year'] }];
    await collect(world, A + B, { ...sheets, datasets: own });
    expect(await world.catalog.getDataset('test_book_b')).toMatchObject({ title: 'Own', key: ['year'], latest: 1 });
  });

  it('is whole after it runs again, wherever it died, and every version is counted once', async () => {
    for (let n = 1, died = true; died; n++) {
      const world = makeWorld();
      world.source.bytes = A + B;
      await planCollection(of(world))({ force: true });
      const message = world.queue.sent[0]!.message;
      const { dying, writes } = makeDying(n, n % 2 === 0 ? 'before' : 'after');
      const { catalog, objects, runs, tables } = world;
      const mortal = {
        catalog: dying(catalog),
        objects: dying(objects),
        runs: dying(runs),
        tables: { ...dying(tables), uriOf: tables.uriOf },
      };
      await workOnPart({ ...of(world), ...mortal, queue: dying(world.queue) })(message, delivery).catch(() => {});
      died = writes() >= n;
      world.pass(120_000);
      await workOnPart(of(world))(message, delivery);
      const run = (await world.runs.getRun(message.run))!;
      expect({ n, state: run.state, versions: run.versions, rows: run.counts.rows_published }).toEqual({
        ...{ n, state: 'succeeded', versions: ['test_book_a@1', 'test_book_b@1'], rows: 3 },
      });
      await expectSound(world, 'test_book_a', 1);
      await expectSound(world, 'test_book_b', 1);
      // What the resource was taken for before anybody looked is none that is still to come.
      expect({ n, datasets: await datasets(world) }).toEqual({
        n,
        datasets: ['test_book_a: 1, 2', 'test_book_b: 1, 1'],
      });
    }
  });

  it('counts the tables that are published though another fails for good', async () => {
    const world = makeWorld();
    const broken: SourceDefinition = {
      ...sheets,
      async tables(...asked) {
        const found = await sheets.tables(...asked);
        const read = () => Promise.reject(new Error('The disk is gone'));
        return found.map((table) => (table.name === 'B' ? { ...table, read } : table));
      },
    };
    world.source.bytes = A + B;
    await planCollection(of(world, broken))({ force: true });
    const { message } = world.queue.sent[0]!;
    const worked = await workOnPart(of(world, broken))(message, { ...delivery, receive_count: 3 });
    expect(worked).toMatchObject({ decision: 'retry', last: true });
    expect(await world.runs.getRun(message.run)).toMatchObject({
      state: 'partial',
      versions: ['test_book_a@1'],
      counts: { rows_published: 2, errors: 1 },
    });
    // Redriven, once it can be read: each is counted once.
    await workOnPart(of(world))(message, delivery);
    expect(await world.runs.getRun(message.run)).toMatchObject({
      state: 'succeeded',
      versions: ['test_book_a@1', 'test_book_b@1'],
      counts: { rows_published: 3, errors: 0 },
    });
  });

  it('marks a table that is gone wherever the work died', async () => {
    for (let n = 1, died = true; died; n++) {
      const world = makeWorld();
      await collect(world, A + B);
      world.source.bytes = '#A\n2000;5\n';
      world.pass(86_400_000);
      const from = world.queue.sent.length;
      await planCollection(of(world))({ force: true });
      const { message } = world.queue.sent[from]!;
      const { dying, writes } = makeDying(n, n % 2 === 0 ? 'before' : 'after');
      const mortal = { catalog: dying(world.catalog), runs: dying(world.runs) };
      await workOnPart({ ...of(world), ...mortal })(message, delivery).catch(() => {});
      died = writes() >= n;
      world.pass(120_000);
      await workOnPart(of(world))(message, delivery);
      expect({ n, datasets: await datasets(world) }).toEqual({
        n,
        datasets: ['test_book_a: 2, 1', 'test_book_b: 1, 1 †'],
      });
    }
  });

  it('are not gone where what the file holds now cannot be read', async () => {
    const world = makeWorld();
    await collect(world, A + B);
    await collect(world, '#C\n!\n');
    expect(await datasets(world)).toEqual(['test_book_a: 1, 2', 'test_book_b: 1, 1']);
  });
});

describe('Two resources of one name', () => {
  const listed = (...resources: Partial<Resource>[]): SourceDefinition => ({
    ...sheets,
    datasets: [],
    discover: ({ base_url }) =>
      resources.map((resource) => ({
        ...{ dataset: 'test_book', url: `${base_url}book.txt`, hints: {}, title: 'Book' },
        ...resource,
      })),
  });

  it('become two datasets, of which the second has a mark of its own that stays', async () => {
    const world = makeWorld();
    const both = listed({ id: 'one' }, { id: 'two' });
    await collect(world, A, both);
    const ids = (await world.catalog.listDatasets()).map(({ id }) => id);
    expect(ids).toEqual(['test_book', expect.stringMatching(/^test_book_[0-9a-f]{8}$/)]);
    await collect(world, '#A\n2000;7\n', listed({ id: 'two', url: 'http://figures.test/moved.txt' }, { id: 'one' }));
    expect(await datasets(world)).toEqual(['test_book: 2, 1', `${ids[1]}: 2, 1`]);
    for (const id of ids) await expectSound(world, id!, 2);
  });

  it('do not mark each other as gone', async () => {
    const world = makeWorld();
    await collect(world, A, listed({ id: 'one' }));
    // It is not even described as what the first one is.
    await collect(world, A + B, listed({ id: 'two' }));
    expect(await datasets(world)).toEqual(['test_book: 1, 2', 'test_book_a: 1, 2', 'test_book_b: 1, 1']);
    // One of its tables cannot be read, and another resource becomes the dataset that it would have been.
    await collect(world, `${A}#C\n!\n${B}`, listed({ id: 'two' }));
    await collect(world, '#C\n1;1\n', listed({ id: 'three', dataset: 'test_book_c' }));
    await collect(world, A + B, listed({ id: 'two' }));
    expect(await datasets(world)).toContain('test_book_c: 1, 1');
  });

  it('do not take the dataset of the other for their own, though it is made of the same bytes', async () => {
    const world = makeWorld();
    await collect(world, `${A}#C\n!\n`, listed({ id: 'one' }));
    await collect(world, '#C\n1;1\n', listed({ id: 'two', dataset: 'test_book_c' }));
    const { run } = await collect(world, '#C\n1;1\n', listed({ id: 'one' }));
    expect(run.versions).toEqual([expect.stringMatching(/^test_book_c_[0-9a-f]{8}@1$/)]);
  });

  it('of which no dataset is one of another source', async () => {
    const world = makeWorld();
    await collect(world, A);
    const other = { ...listed({ dataset: 'test_book_b' }), id: 'test_book' };
    await collect(world, A, other);
    await collect(world, A + B);
    const ids = (await world.catalog.listDatasets()).map(({ id, source }) => [source, id]);
    expect(ids).toEqual([
      ['test', 'test_book'],
      ['test_book', 'test_book_b'],
      ['test', expect.stringMatching(/^test_book_b_[0-9a-f]{8}$/)],
    ]);
  });
});

it('A message of a resource may name what its source knows it by', async () => {
  const { CollectMessage: shape } = await import('../../messages/collect.ts');
  const message: CollectMessage = {
    ...{ type: 'collect', run: 'r', part: 1, source: 's', enqueued_at: '2026-11-20T08:00:00.000Z' },
    resource: { dataset: 's_x', id: '7c1e', url: 'http://x.test/', hints: {} },
  };
  expect(shape.parse(message)).toEqual(message);
});
