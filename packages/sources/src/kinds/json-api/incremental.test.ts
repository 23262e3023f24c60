import { createHash, randomUUID } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { SourceUnavailable } from '@granary/domain/errors';
import type { Fetcher } from '@granary/domain/ports/collecting';
import { workOnPart } from '@granary/domain/use-cases/collect/work-on-part';
import { expectSound } from '@granary/domain/use-cases/testing/invariants';
import { describe, expect, it } from '@jest/globals';
import { collectAll, latestRows, makeWorld, portSource } from '../../testing/source-world.ts';
import { kind } from './kind.ts';

type Ship = { id: number; tons?: number; seen?: string | number | null; name?: string };

/** An API that answers what was seen since, two at a time, the latest first. */
const apiOf =
  (ships: Ship[], asked: string[] = []): Fetcher =>
  async ({ url, before }) => {
    const { pathname, search, searchParams } = new URL(url);
    await before(new URL(url));
    asked.push(`${pathname}${search}`);
    const since = searchParams.get('since') ?? '';
    const isNumber = /^-?\d+$/.test(since);
    const changed = ships.filter(
      ({ seen }) => since === '' || seen == null || (isNumber ? Number(seen) >= Number(since) : String(seen) >= since),
    );
    const page = Number(searchParams.get('page') ?? 1);
    const body = JSON.stringify({ items: changed.slice(page * 2 - 2, page * 2) }, null, page);
    const path = join(tmpdir(), `granary-test-${randomUUID()}`);
    writeFileSync(path, body);
    const sha256 = createHash('sha256').update(body).digest('hex');
    const said = { etag: null, last_modified: null, content_type: null, link: null };
    return { status: 'fetched', path, bytes: Buffer.byteLength(body), sha256, ...said };
  };

const INCREMENTAL = { parameter: 'since', at: '$.seen', key: ['$.id'], lag: 2 };
const sourceOf = (incremental: object = INCREMENTAL) =>
  portSource(
    kind as never,
    {
      resources: [
        {
          ...{ dataset: 'port_ships', url: 'ships', records: '$.items[*]', incremental },
          paging: { by: 'page', parameter: 'page' },
        },
      ],
    },
    { datasets: [{ id: 'port_ships', title: 'Ships', description: 'Ships.', key: ['id'] }] },
  );
const ship = (id: number, day: string, tons = id): Ship => ({ id, tons, seen: `2026-11-${day}T10:00:00Z` });
const rowsOf = async (world: ReturnType<typeof makeWorld>) =>
  (await latestRows(world, 'port_ships')).map(([id, tons]) => [id, tons]);

describe('A resource of which only changes are asked for', () => {
  it('is asked for everything at first, then since the latest record less its lag; its version has all records', async () => {
    const world = makeWorld();
    const ships = [ship(1, '01'), ship(2, '02'), ship(3, '10')];
    const asked: string[] = [];
    const first = await collectAll(world, sourceOf(), apiOf(ships, asked));
    expect(first.run).toMatchObject({ state: 'succeeded', versions: ['port_ships@1'], counts: { rows_read: 3 } });
    expect(asked).toEqual(['/ships?page=1', '/ships?page=2', '/ships?page=3']);

    asked.length = 0;
    ships.push(ship(4, '12'));
    ships[1] = ship(2, '11', 222);
    const second = await collectAll(world, sourceOf(), apiOf(ships, asked));
    const since = encodeURIComponent('2026-11-08T10:00:00Z');
    expect(asked).toEqual([1, 2, 3].map((page) => `/ships?page=${page}&since=${since}`));
    expect(second.run).toMatchObject({ versions: ['port_ships@2'], counts: { rows_read: 4 } });
    expect(await rowsOf(world)).toEqual([
      [1, 1],
      [2, 222],
      [3, 3],
      [4, 4],
    ]);
    await expectSound(world, 'port_ships', 2);
  });

  it('is unchanged where what comes again is what was there', async () => {
    const world = makeWorld();
    const ships = [ship(1, '01'), ship(2, '02')];
    await collectAll(world, sourceOf(), apiOf(ships));
    const { run } = await collectAll(world, sourceOf(), apiOf(ships));
    expect(run).toMatchObject({ state: 'succeeded', versions: [], counts: { unchanged: 1, rows_read: 0 } });
    expect((await world.objects.list('raw/port_ships/')).length).toBe(1);
    // Nothing at all has changed since.
    const none = await collectAll(world, sourceOf({ ...INCREMENTAL, lag: 0 }), apiOf([]));
    expect(none.run).toMatchObject({ versions: [], counts: { unchanged: 1 } });
  });

  it('may count by numbers or days; records that do not say are taken as they come', async () => {
    for (const [seen, since] of [
      [[7, 9, null], '7'],
      [['2026-11-05', '2026-11-09', null], '2026-11-07'],
    ] as const) {
      const world = makeWorld();
      const ships: Ship[] = seen.map((one, id) => ({ id, tons: 1, seen: one }));
      await collectAll(world, sourceOf(), apiOf(ships));
      const asked: string[] = [];
      ships[2]!.tons = 5;
      const { run } = await collectAll(world, sourceOf(), apiOf(ships, asked));
      expect(asked[0]).toBe(`/ships?page=1&since=${since}`);
      expect(run.versions).toEqual(['port_ships@2']);
      expect((await rowsOf(world)).map(([, tons]) => tons)).toEqual([1, 1, 5]);
    }
  });

  it('keeps what the API deletes, until all records are asked for as often as is declared', async () => {
    const world = makeWorld();
    const every = { ...INCREMENTAL, whole_every: 2 };
    const ships = [ship(1, '01'), ship(2, '02'), ship(3, '10')];
    await collectAll(world, sourceOf(every), apiOf(ships));
    ships.splice(1, 1);
    const wholes: boolean[] = [];
    const rows: number[] = [];
    for (let day = 0; day < 4; day++) {
      const asked: string[] = [];
      const { run } = await collectAll(world, sourceOf(every), apiOf(ships, asked));
      expect(run.state).toBe('succeeded');
      wholes.push(!asked[0]!.includes('since'));
      rows.push((await rowsOf(world)).length);
    }
    // Every second day; what was kept is left out from the first of them on.
    expect(wholes.filter((whole) => whole)).toHaveLength(2);
    expect(rows).toEqual(wholes[0] ? [2, 2, 2, 2] : [3, 2, 2, 2]);
    expect(await rowsOf(world)).toEqual([
      [1, 1],
      [3, 3],
    ]);
    await expectSound(world, 'port_ships', 2);
  });

  it('keeps texts with any signs as they are, line by line', async () => {
    const world = makeWorld();
    const name = 'a\u2028b\n"c"\r\\ \u001e é';
    const ships: Ship[] = [{ ...ship(1, '01'), name }];
    await collectAll(world, sourceOf(), apiOf(ships));
    ships.push({ ...ship(2, '02'), name });
    const { run } = await collectAll(world, sourceOf(), apiOf(ships));
    expect(run).toMatchObject({ versions: ['port_ships@2'], counts: { rows_read: 2, rows_quarantined: 0 } });
    expect((await latestRows(world, 'port_ships')).map((row) => row[3])).toEqual([name, name]);
  });

  it('keeps a record that is further than the one that comes again', async () => {
    const world = makeWorld();
    const ships = [ship(1, '10', 11), ship(2, '09')];
    await collectAll(world, sourceOf(), apiOf(ships));
    // As from a copy of the API's database that lags.
    const { run } = await collectAll(world, sourceOf(), apiOf([ship(1, '08', 8), ship(2, '10', 22)]));
    expect(run).toMatchObject({ versions: ['port_ships@2'], counts: { rows_read: 2 } });
    expect(await rowsOf(world)).toEqual([
      [1, 11],
      [2, 22],
    ]);
  });

  it('is not asked since a moment that is yet to come, nor keeps a record for that', async () => {
    const world = makeWorld();
    const ships = [ship(1, '10'), { ...ship(2, '01'), seen: '2062-11-01T10:00:00Z' }];
    await collectAll(world, sourceOf(), apiOf(ships));
    const asked: string[] = [];
    ships.push(ship(3, '12'));
    ships[1] = ship(2, '11', 22);
    const { run } = await collectAll(world, sourceOf(), apiOf(ships, asked));
    expect(asked[0]).toBe(`/ships?page=1&since=${encodeURIComponent('2026-11-08T10:00:00Z')}`);
    expect(run.versions).toEqual(['port_ships@2']);
    expect(await rowsOf(world)).toEqual([
      [1, 1],
      [2, 22],
      [3, 3],
    ]);
  });

  it.each<[string, (world: ReturnType<typeof makeWorld>) => Promise<object>]>([
    ['lack what they are now known by', async () => ({ ...INCREMENTAL, key: ['$.imo'] })],
    [
      'are not what was fetched',
      async ({ objects }) => {
        const [key] = await objects.list('raw/port_ships/');
        await objects.put(key!, gzipSync('\u001e{"id":1,"tons":7,"seen":"2026-11-10T10:00:00Z","imo":1}\n'));
        return INCREMENTAL;
      },
    ],
    [
      'are damaged',
      async ({ objects }) => {
        await objects.put((await objects.list('raw/port_ships/'))[0]!, Buffer.from('no gzip'));
        return INCREMENTAL;
      },
    ],
    [
      'are gone',
      async ({ objects }) => {
        await objects.delete(await objects.list('raw/port_ships/'));
        return INCREMENTAL;
      },
    ],
  ])('is asked for everything where its records before %s', async (_, change) => {
    const world = makeWorld();
    await collectAll(world, sourceOf(), apiOf([ship(1, '01'), ship(2, '10')]));
    const incremental = await change(world);
    const asked: string[] = [];
    const now = [ship(1, '01'), ship(2, '11', 22)].map((one) => ({ ...one, imo: one.id }));
    const { run } = await collectAll(world, sourceOf(incremental), apiOf(now, asked));
    expect(run).toMatchObject({ state: 'succeeded', versions: ['port_ships@2'] });
    expect(asked[0]).toBe('/ships?page=1');
    expect(await rowsOf(world)).toEqual([
      [1, 1],
      [2, 22],
    ]);
  });

  it('forgets pages that were kept before others were published: its message was redriven', async () => {
    const world = makeWorld();
    const ships = [ship(1, '01', 11), ship(2, '02'), ship(3, '10')];
    const api = apiOf(ships);
    const cut: Fetcher = (request) => {
      if (request.url.includes('page=2')) throw new SourceUnavailable('The port is closed');
      return api(request);
    };
    const source = sourceOf({ ...INCREMENTAL, at: '$.none' });
    await collectAll(world, source, cut);
    const old = world.queue.sent.at(-1)!.message;
    ships[0] = ship(1, '01', 12);
    expect((await collectAll(world, source, api)).run).toMatchObject({ versions: ['port_ships@1'] });
    const deps = { ...world, fetch: api, findSource: () => source, baseUrl: () => source.base_url };
    const worked = await workOnPart(deps)(old, { receive_count: 1, receipt_handle: 'r', memory_gb: 1 });
    expect(worked).toMatchObject({ decision: 'done', outcome: 'unchanged' });
    expect((await rowsOf(world))[0]).toEqual([1, 12]);
  });

  it.each<[string, Ship[], RegExp]>([
    [
      'what grows is a number here and a moment there',
      [ship(1, '01'), { ...ship(2, '01'), seen: 7 }],
      /a number in some of them, and a moment in others/,
    ],
    [
      'a record has no key',
      [{ tons: 1 } as Ship],
      /^A record has nothing at '\$\.id' \(incremental\.key\): \{"tons":1\}/,
    ],
    [
      'what grows is no moment',
      [{ id: 1, seen: 'yesterday' }],
      /'yesterday' at '\$\.seen' of a record is no day, moment or whole number/,
    ],
  ])('is refused where %s', async (_, ships, reason) => {
    const { run } = await collectAll(makeWorld(), sourceOf(), apiOf(ships));
    expect(run).toMatchObject({ state: 'failed', errors: [{ message: expect.stringMatching(reason) }] });
  });

  it('has a place for what is no record', async () => {
    const world = makeWorld();
    const ships = Array.from({ length: 30 }, (_, id) => ship(id, '01'));
    const { run } = await collectAll(world, sourceOf(), apiOf([7 as never, ...ships]));
    expect(run).toMatchObject({ versions: ['port_ships@1'], counts: { rows_read: 31, rows_quarantined: 1 } });
    expect(await rowsOf(world)).toEqual(ships.map(({ id, tons }) => [id, tons]));
  });
});
