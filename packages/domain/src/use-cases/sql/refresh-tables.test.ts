import { makeMemoryCatalog } from '@granary/stores/memory-catalog';
import { makeMemoryObjectStore } from '@granary/stores/memory-object-store';
import { makeMemorySqlCatalog } from '@granary/stores/memory-sql-catalog';
import { describe, expect, it } from '@jest/globals';
import type { PublishedVersion } from '../../dataset.ts';
import { FollowersLag, ReservationLost } from '../../errors.ts';
import type { SqlTable } from '../../sql-table.ts';
import { collectResource } from '../collect/collect-resource.ts';
import { workOnPart } from '../collect/work-on-part.ts';
import { describe as describeDataset } from '../publish/describe-dataset.ts';
import { makeDying } from '../testing/dying.ts';
import { figures, message } from '../testing/figures-source.ts';
import { gated, interleave } from '../testing/interleave.ts';
import { expectSound, expectTables } from '../testing/invariants.ts';
import { makeWorld, seeded } from '../testing/world.ts';
import { refreshTables } from './refresh-tables.ts';

const ID = 'test_wine';
const FIELDS = [
  { name: 'year', type: 'int32', nullable: false },
  { name: 'litres', type: 'double', nullable: true },
] as const;

/** A catalog, objects and tables, and what was written to the latter two. */
const makeStores = () => {
  const written: string[] = [];
  const noted = <S extends object>(store: S, method: string, name: (...args: never[]) => string): S =>
    ({
      ...store,
      [method]: async (...args: never[]) => {
        written.push(name(...args));
        return (Reflect.get(store, method) as (...args: never[]) => unknown)(...args);
      },
    }) as S;
  const objects = noted(makeMemoryObjectStore(), 'put', (key: string) => key);
  const tables = noted(
    makeMemorySqlCatalog(),
    'putTable',
    (table: SqlTable) => `${table.kind} ${table.kind === 'latest' ? table.version : `${table.from}-${table.to}`}`,
  );
  return { catalog: makeMemoryCatalog(), objects, tables, written };
};
type Stores = ReturnType<typeof makeStores>;

/** The next version of the dataset, without its objects and without its tables. */
const publish = async (
  { catalog }: Pick<Stores, 'catalog'>,
  fields: PublishedVersion['fields'] = FIELDS,
  history = 'first',
): Promise<PublishedVersion> => {
  const [resource] = figures.discover({ base_url: figures.base_url });
  await catalog.describeDataset(describeDataset(figures, resource!));
  const number = ((await catalog.getDataset(ID))!.latest ?? 0) + 1;
  const attempt = `${history}-${number}`;
  const version = {
    ...{ dataset: ID, version: number, attempt, state: 'published', fields, counts: {} },
    ...{ prefix: `versions/${ID}/${number}-${attempt}/`, files: { 'data.parquet': {} } },
  } as PublishedVersion;
  await catalog.reserve({ ...version, state: 'pending' } as never);
  await catalog.commit(version);
  await catalog.advance(version);
  return version;
};
/** The catalog as it was when that version was the latest. */
const before = async (catalog: Stores['catalog'], latest: number): Promise<Stores['catalog']> => ({
  ...catalog,
  getDataset: async (id) => ({ ...(await catalog.getDataset(id))!, latest }),
});
const manifest = (number: number) => `tables/${ID}/${number}/symlink.txt`;

describe('The tables of a dataset in SQL', () => {
  it('are none before it has a version', async () => {
    const stores = makeStores();
    await refreshTables(stores)('unknown');
    await stores.catalog.describeDataset(
      describeDataset(figures, figures.discover({ base_url: figures.base_url })[0]!),
    );
    await refreshTables(stores)(ID);
    expect(stores.written).toEqual([]);
  });

  it('follow each version: its manifest first, then the history, then the latest', async () => {
    const stores = makeStores();
    for (let number = 1; number <= 3; number++) {
      await publish(stores);
      await refreshTables(stores)(ID);
      await expectTables(stores, ID, number);
      expect(stores.written.splice(0)).toEqual([manifest(number), `history 1-${number}`, `latest ${number}`]);
      await refreshTables(stores)(ID);
      expect(stores.written).toEqual([]);
    }
  });

  it('are all made, in blocks, for versions of before there were tables', async () => {
    const stores = makeStores();
    for (let number = 1; number <= 60; number++) await publish(stores);
    await refreshTables(stores)(ID);
    await expectTables(stores, ID, 60);
    expect(stores.written.filter((name) => !name.startsWith('tables/'))).toEqual([
      ...['history 1-25', 'history 1-50', 'history 1-60', 'latest 60'],
    ]);
  });

  it('leave out a number that is no published version', async () => {
    const stores = makeStores();
    await publish(stores);
    const { catalog } = stores;
    await publish(stores);
    await publish(stores);
    const getVersion: typeof catalog.getVersion = async (id, number) =>
      number === 2 ? undefined : catalog.getVersion(id, number);
    await refreshTables({ ...stores, catalog: { ...catalog, getVersion } })(ID);
    expect(stores.written).toEqual([manifest(1), manifest(3), 'history 1-3', 'latest 3']);
  });

  it('have the columns that a version brought or left, and begin anew where one changed its type', async () => {
    const stores = makeStores();
    const [year, litres] = FIELDS;
    const kilos = { ...litres, name: 'kilos' };
    for (const fields of [[year, litres], [year, kilos], [{ ...year, type: 'int64' as const }]]) {
      await publish(stores, fields);
      await refreshTables(stores)(ID);
    }
    expect(stores.written.filter((name) => name.startsWith('history'))).toEqual([
      ...['history 1-1', 'history 1-2', 'history 3-3'],
    ]);
    expect(await stores.tables.getHistory(ID)).toMatchObject({ columns: [{ name: 'year', type: 'bigint' }] });
    const all = makeStores();
    for (const fields of [
      [year, litres],
      [year, kilos],
    ])
      await publish(all, fields);
    await refreshTables(all)(ID);
    expect((await all.tables.getHistory(ID))!.columns.map(({ name }) => name)).toEqual(['year', 'kilos', 'litres']);
    expect((await all.tables.getLatest(ID))!.columns.map(({ name }) => name)).toEqual(['year', 'kilos']);
  });

  it('begin anew with each change of a type, also of one that comes back, or of a column that had gone', async () => {
    const stores = makeStores();
    const [year, litres] = FIELDS;
    const wide = { ...year, type: 'int64' as const };
    for (const fields of [[year, litres], [wide, litres], [year, litres], [litres], [wide, litres]]) {
      await publish(stores, fields);
      await refreshTables(stores)(ID);
    }
    const histories = ['history 1-1', 'history 2-2', 'history 3-3', 'history 3-4', 'history 5-5'];
    expect(stores.written.filter((name) => name.startsWith('history'))).toEqual(histories);
  });

  it('have the number in another column from the version on that has one called version', async () => {
    const stores = makeStores();
    const [year] = FIELDS;
    const own = { ...year, name: 'version' };
    const columns: (string | undefined)[] = [];
    for (const fields of [[year], [year, own], [year], [year, own, { ...year, name: 'version_number' }]]) {
      await publish(stores, fields);
      await refreshTables(stores)(ID);
      columns.push((await stores.tables.getHistory(ID))?.number_column);
    }
    expect(columns).toEqual(['version', 'version_number', 'version_number', 'version_number_']);
    expect(await stores.tables.getHistory(ID)).toMatchObject({ from: 1, to: 4 });
  });

  it('cost as much to follow after three thousand versions as after one', async () => {
    const stores = makeStores();
    let reads = 0;
    const getVersion: typeof stores.catalog.getVersion = (...asked) => {
      reads += 1;
      return stores.catalog.getVersion(...asked);
    };
    const counted = { ...stores, catalog: { ...stores.catalog, getVersion } };
    const costs: [number, string[]][] = [];
    for (let number = 1; number <= 3000; number++) {
      await publish(stores);
      if (number > 2 && number < 3000) continue;
      if (number === 3000) await refreshTables({ ...stores, catalog: await before(stores.catalog, 2999) })(ID);
      stores.written.length = 0;
      reads = 0;
      await refreshTables(counted)(ID);
      costs.push([reads, stores.written.map((name) => name.replace(/\d+$/, 'n').replace(/\/\d+\//, '/n/'))]);
    }
    expect(costs[2]).toEqual(costs[1]);
    expect(costs[2]).toEqual([4, [`tables/${ID}/n/symlink.txt`, 'history 1-n', 'latest n']]);
  });

  it.each([1, 2, 3])('are made again for a catalog that was begun anew and has %i versions again', async (versions) => {
    const stores = makeStores();
    await publish(stores);
    await publish(stores);
    await refreshTables(stores)(ID);
    const anew = { ...stores, catalog: makeMemoryCatalog() };
    for (let number = 1; number <= versions; number++) await publish(anew, FIELDS, 'second');
    await refreshTables(anew)(ID);
    expect(await anew.tables.getLatest(ID)).toMatchObject({ version: versions, attempt: `second-${versions}` });
    expect(await anew.tables.getHistory(ID)).toMatchObject({ from: 1, to: versions, attempt: `second-${versions}` });
    for (let number = 1; number <= versions; number++) {
      const text = Buffer.from((await anew.objects.get(manifest(number)))!).toString();
      expect(text).toBe(`s3://memory/versions/${ID}/${number}-second-${number}/data.parquet\n`);
    }
  });

  it('are made again, each by itself, when one was lost', async () => {
    for (const lost of ['getLatest', 'getHistory'] as const) {
      const stores = makeStores();
      await publish(stores);
      await publish(stores);
      await refreshTables(stores)(ID);
      stores.written.length = 0;
      let isLost = true;
      const putTable: typeof stores.tables.putTable = async (table) => {
        isLost = false;
        await stores.tables.putTable(table);
      };
      const tables = { ...stores.tables, putTable, [lost]: async () => (isLost ? undefined : stores.tables[lost](ID)) };
      await refreshTables({ ...stores, tables })(ID);
      expect(stores.written).toEqual(lost === 'getLatest' ? ['latest 2'] : [manifest(1), manifest(2), 'history 1-2']);
    }
  });

  it('are not begun anew by a worker that saw the pointer just before another moved it and them', async () => {
    const stores = makeStores();
    for (let number = 1; number <= 30; number++) await publish(stores);
    await refreshTables(stores)(ID);
    stores.written.length = 0;
    let isAsked = false;
    const getHistory: typeof stores.tables.getHistory = async (id) => {
      // Glue is asked, and is slow to answer: meanwhile another worker publishes.
      if (!isAsked) {
        isAsked = true;
        await new Promise(setImmediate);
        await publish(stores);
        await refreshTables(stores)(ID);
      }
      return stores.tables.getHistory(id);
    };
    await refreshTables({ ...stores, tables: { ...stores.tables, getHistory } })(ID);
    // A history that begins anew lacks versions until it is whole again.
    expect(new Set(stores.written)).toEqual(new Set([manifest(31), 'history 1-31', 'latest 31']));
    await expectTables(stores, ID, 31);
  });

  it('give the part back to the queue when others change them each time', async () => {
    const stores = makeStores();
    await publish(stores);
    const tables = { ...stores.tables, getLatest: async () => undefined };
    await expect(refreshTables({ ...stores, tables })(ID)).rejects.toThrow(ReservationLost);
    expect(stores.written.filter((name) => name === 'latest 1')).toHaveLength(5);
  });

  it('say what the pointer says, whoever is slow, with a hundred orders of three workers while versions are published', async () => {
    for (let seed = 1; seed <= 100; seed++) {
      const stores = makeStores();
      await publish(stores);
      const worker = (versions: number) => async (gate: () => Promise<void>) => {
        const { catalog, objects, tables } = stores;
        const own = {
          catalog: gated(catalog, gate),
          objects: gated(objects, gate),
          tables: { ...gated(tables, gate), uriOf: tables.uriOf },
        };
        for (let count = 0; count < versions; count++) {
          await gate();
          await publish(stores);
          await refreshTables(own)(ID);
        }
        await refreshTables(own)(ID);
      };
      const outcomes = await interleave([worker(2), worker(1), worker(0)], seeded(seed));
      expect(outcomes.filter(({ status }) => status === 'rejected')).toEqual([]);
      await expectTables(stores, ID, 4);
    }
  });

  it('are whole after a worker died at any single write and another came', async () => {
    for (const when of ['before', 'after'] as const) {
      for (let n = 1; n <= 5; n++) {
        const stores = makeStores();
        for (let number = 1; number <= 3; number++) await publish(stores);
        const { dying } = makeDying(n, when);
        const { catalog, objects, tables } = stores;
        const dead = { catalog, objects: dying(objects), tables: { ...dying(tables), uriOf: tables.uriOf } };
        await expect(refreshTables(dead)(ID)).rejects.toThrow(`at write ${n}`);
        await refreshTables(stores)(ID);
        await expectTables(stores, ID, 3);
      }
    }
  });
});

describe('A collection', () => {
  it('published three times makes one latest table of one file, and a history of three', async () => {
    const world = makeWorld();
    for (const [index, bytes] of ['1970;10\n', '1970;10\n1971;20\n', '1970;11\n1971;20\n'].entries()) {
      world.source.bytes = bytes;
      await world.startRun(`run-${index}`);
      await collectResource(world)(message(`run-${index}`));
      await expectSound(world, ID, index + 1);
    }
    expect(await world.tables.getLatest(ID)).toMatchObject({ version: 3 });
    expect(await world.objects.list(`tables/${ID}/3/`)).toHaveLength(1);
    expect(await world.tables.getHistory(ID)).toMatchObject({ from: 1, to: 3, number_column: 'version' });
  });

  it('makes the tables of a dataset of before there were any when its source is unchanged', async () => {
    const world = makeWorld();
    const before = { ...world, tables: makeMemorySqlCatalog(), objects: { ...world.objects } };
    for (const [index, bytes] of ['1970;10\n', '1970;10\n1971;20\n'].entries()) {
      world.source.bytes = bytes;
      await world.startRun(`run-${index}`);
      await collectResource(before)(message(`run-${index}`));
    }
    await world.objects.delete(await world.objects.list('tables/'));
    await world.startRun('run-2');
    expect(await collectResource(world)(message('run-2'))).toMatchObject({ outcome: 'unchanged' });
    await expectSound(world, ID, 2);
  });

  it.each([
    ['tables', (world: ReturnType<typeof makeWorld>) => ({ tables: { ...world.tables, putTable: refuse } })],
    ['copy', (world: ReturnType<typeof makeWorld>) => ({ objects: { ...world.objects, copy: refuse } })],
  ])(
    'whose %s cannot be written fails, but writes the rest, and is mended by its next delivery',
    async (lame, spoil) => {
      const world = makeWorld();
      await world.startRun('run-1');
      await expect(collectResource({ ...world, ...spoil(world) })(message('run-1'))).rejects.toThrow(FollowersLag);
      expect((await world.catalog.getDataset(ID))!.latest).toBe(1);
      const copy = await world.objects.head(`csv_data/agriculture/${ID}.csv.gz`);
      const table = await world.tables.getLatest(ID);
      expect([copy !== undefined, table !== undefined]).toEqual(lame === 'tables' ? [true, false] : [false, true]);
      expect(await world.runs.getRun('run-1')).toMatchObject({ state: 'running', parts_done: 0 });
      await collectResource(world)(message('run-1'));
      expect(await world.runs.getRun('run-1')).toMatchObject({ state: 'succeeded', versions: [`${ID}@1`] });
      await expectSound(world, ID, 1);
    },
  );
});

describe('Glue that is away for longer than a part is tried', () => {
  const deliver = (world: ReturnType<typeof makeWorld>, run: string, receive_count: number, away: boolean) => {
    const calls = { getLatest: refuse, getHistory: refuse, putTable: refuse };
    const tables = away ? { ...world.tables, ...calls } : world.tables;
    return workOnPart({ ...world, tables })(message(run), { receive_count, receipt_handle: 'receipt', memory_gb: 1 });
  };
  const failed = async () => {
    const world = makeWorld();
    await world.startRun('run-1');
    for (const count of [1, 2, 3]) {
      const last = count === 3;
      expect(await deliver(world, 'run-1', count, true)).toMatchObject({ decision: 'retry', last });
    }
    return world;
  };

  it('fails the part, which says that the version is there', async () => {
    const world = await failed();
    expect((await world.catalog.getDataset(ID))!.latest).toBe(1);
    expect(await world.objects.head(`csv_data/agriculture/${ID}.csv.gz`)).toBeDefined();
    const { state, errors } = (await world.runs.getRun('run-1'))!;
    expect(state).toBe('failed');
    expect(errors.map(({ message: text }) => text)).toEqual([
      `'${ID}' is published, but its tables in SQL could not be updated (Error). The next delivery or collection updates it`,
    ]);
  });

  it('is made good by a redrive, which asks the source for nothing', async () => {
    const world = await failed();
    expect(await deliver(world, 'run-1', 1, false)).toMatchObject({ outcome: 'published', versions: [{ version: 1 }] });
    await expectSound(world, ID, 1);
    expect(world.asked).toHaveLength(1);
    expect(await world.runs.getRun('run-1')).toMatchObject({ state: 'succeeded', versions: [`${ID}@1`] });
  });

  it('is made good by the next collection, whether its source has changed or not, and by a redrive after that', async () => {
    for (const bytes of ['1970;10\n1971;20\n', '1970;11\n']) {
      const world = await failed();
      const changed = bytes !== world.source.bytes;
      world.source.bytes = bytes;
      await world.startRun('run-2');
      const outcome = changed ? 'published' : 'unchanged';
      expect(await deliver(world, 'run-2', 1, false)).toMatchObject({ outcome });
      await expectSound(world, ID, changed ? 2 : 1);
      await deliver(world, 'run-1', 1, false);
      await expectSound(world, ID, changed ? 2 : 1);
      expect(await world.runs.getRun('run-1')).toMatchObject({ state: 'succeeded' });
    }
  });
});

const refuse = async (): Promise<never> => {
  throw new Error('Refused');
};
