import type { WithheldVersion } from '@granary/domain/dataset';
import { makeMemoryCatalog } from '@granary/stores/memory-catalog';
import { makeMemoryObjectStore } from '@granary/stores/memory-object-store';
import { makeMemoryRunStore } from '@granary/stores/memory-run-store';
import { makeMemorySourceStore } from '@granary/stores/memory-source-store';
import { makeMemorySqlCatalog } from '@granary/stores/memory-sql-catalog';
import { describe, expect, it } from '@jest/globals';
import { callArea } from '../testing/call-area.ts';
import { publishCsv } from '../testing/publish-csv.ts';
import { makeKeptBodies } from '../wide-tables/kept-bodies.ts';
import { routes as catalogRoutes } from './catalog.ts';
import { routes as dataRoutes } from './data.ts';
import { routes } from './decisions.ts';
import { routes as historyRoutes } from './history.ts';
import { routes as recordsRoutes } from './records.ts';

const ID = 'embrapa_producao';
const csv = (figure: number) => `id;control;produto;1970\n1;VINHO DE MESA;VINHO DE MESA;${figure}\n`;
const ADMIN = `/v1/admin/datasets/${ID}/versions`;

/** A dataset with version 1, and version 2 with another figure, which is held. */
const world = async () => {
  const catalog = makeMemoryCatalog();
  const objects = makeMemoryObjectStore();
  const tables = makeMemorySqlCatalog();
  await publishCsv({ catalog, objects }, ID, csv(1));
  const aside = makeMemoryCatalog();
  await publishCsv({ catalog: aside, objects }, ID, csv(1));
  const { published_at, ...second } = await publishCsv({ catalog: aside, objects }, ID, csv(2));
  const held: WithheldVersion = {
    ...second,
    state: 'held',
    held: { at: published_at, reasons: ['It has 1 row.'], compared_with: 1 },
  };
  const { prefix: _, raw: __, ...pending } = held;
  await catalog.reserve({ ...pending, state: 'pending', lease_until: published_at });
  await catalog.commit(held);
  await objects.put(`${held.prefix}data.csv.gz`, Buffer.from('the CSV of version 2'));
  const lines: Record<string, unknown>[] = [];
  const write = (line: string): void => void lines.push(JSON.parse(line));
  const deps = { catalog, objects, tables, clock: Date.now, random: Math.random };
  const data = {
    ...deps,
    runs: makeMemoryRunStore(),
    bodies: makeKeptBodies({ max_bytes: 1000 }),
    now: Date.now,
    configurations: makeMemorySourceStore(),
  };
  const of = (...groups: string[]) => ({
    decide: (path: string) => callArea(deps, routes, groups, write)(`${ADMIN}/${path}`, { method: 'POST' }),
    catalog: callArea(data, catalogRoutes, groups),
    data: callArea(data, dataRoutes, groups),
    history: callArea(data, historyRoutes, groups),
    records: callArea(data, recordsRoutes, groups),
  });
  return { ...deps, held, lines, operator: of('readers', 'operators'), reader: of('readers'), analyst: of('analysts') };
};

const PATHS = {
  catalog: [`/v1/datasets/${ID}/versions/2`],
  data: [`/v1/datasets/${ID}/download?version=2`, `/v1/datasets/${ID}/quarantine?version=2`],
  records: [
    `/v1/records/${ID}?version=2`,
    `/v1/datasets/${ID}/profile?version=2`,
    `/v1/datasets/${ID}/facets?version=2&columns=year`,
  ],
  history: [`/v1/datasets/${ID}/diff?from=1&to=2`],
} as const;

describe('W3: a version that is held', () => {
  it('is read by its number by operators', async () => {
    const { operator } = await world();
    const version = (await operator.catalog(PATHS.catalog[0])).json();
    expect(version).toMatchObject({
      version: 2,
      state: 'held',
      published_at: null,
      held: { reasons: ['It has 1 row.'], compared_with: 1 },
    });
    expect(Object.keys(version)).not.toEqual(expect.arrayContaining(['prefix', 'owner', 'attempt', 'profile']));
    const download = await operator.data(PATHS.data[0]);
    expect(download).toMatchObject({ statusCode: 303 });
    expect(download.headers.Location).toContain('000002-abc/data.parquet');
    expect((await operator.records(PATHS.records[0])).json()).toMatchObject([{ quantity: 2 }]);
    expect((await operator.history(PATHS.history[0])).json().counts).toMatchObject({ changed: 1 });
    expect((await operator.data(PATHS.data[1])).json()).toMatchObject({ version: 2, items: [] });
  });

  it('is not there for others, also after an operator has read it, and is in no list', async () => {
    const { operator, reader, analyst } = await world();
    for (const [area, paths] of Object.entries(PATHS) as [keyof typeof PATHS, readonly string[]][])
      for (const path of paths)
        for (const caller of [operator, reader, analyst]) {
          const { statusCode } = await caller[area](path);
          expect({ path, statusCode: statusCode < 400 ? 'there' : statusCode }).toEqual({
            path,
            statusCode: caller === operator ? 'there' : 404,
          });
        }
    const listed = (await operator.catalog(`/v1/datasets/${ID}/versions`)).json();
    expect(listed.items.map(({ version }: { version: number }) => version)).toEqual([1]);
    expect((await reader.catalog(`/v1/datasets/${ID}`)).json()).toMatchObject({ latest: 1 });
    expect((await operator.records(`/v1/records/${ID}`)).json()).toMatchObject([{ quantity: 1 }]);
  });

  it('is listed for operators who ask for those that are held', async () => {
    const { operator, reader } = await world();
    const list = `/v1/datasets/${ID}/versions?state=held`;
    expect((await operator.catalog(list)).json()).toMatchObject({ items: [{ version: 2, state: 'held' }], next: null });
    expect((await operator.catalog(list.replace('held', 'rejected'))).json().items).toEqual([]);
    expect((await reader.catalog(list)).statusCode).toBe(403);
  });

  it('is released: the latest for everybody, with who did it for operators and in the log', async () => {
    const { operator, reader, objects, tables, lines } = await world();
    const { statusCode, headers, json } = await operator.decide('2/release');
    expect({ statusCode, cache: headers['Cache-Control'] }).toEqual({ statusCode: 200, cache: 'no-store' });
    expect(json()).toMatchObject({ version: 2, state: 'published', released: { by: '1' }, held: { compared_with: 1 } });
    expect(lines).toContainEqual(
      expect.objectContaining({ message: 'version released', dataset: ID, version: 2, by: '1' }),
    );
    expect((await reader.catalog(`/v1/datasets/${ID}`)).json().latest).toBe(2);
    expect((await reader.records(`/v1/records/${ID}`)).json()).toMatchObject([{ quantity: 2 }]);
    const seen = (await reader.catalog(PATHS.catalog[0])).json();
    expect(Object.keys(seen.released)).toEqual(['at']);
    expect(Buffer.from((await objects.get(`csv_data/agriculture/${ID}.csv.gz`))!).toString()).toBe(
      'the CSV of version 2',
    );
    expect(await tables.getLatest(ID)).toMatchObject({ version: 2 });
    expect((await operator.decide('2/release')).json()).toEqual(json());
    const rejected = await operator.decide('2/reject');
    expect(rejected.json()).toMatchObject({
      status: 409,
      title: 'Conflict',
      detail: expect.stringContaining('was released at'),
    });
  });

  it('is rejected: still for operators alone, and never released', async () => {
    const { operator, reader, lines } = await world();
    expect((await operator.decide('2/reject')).json()).toMatchObject({ state: 'rejected', rejected: { by: '1' } });
    expect(lines).toContainEqual(expect.objectContaining({ message: 'version rejected', version: 2, by: '1' }));
    expect((await operator.decide('2/release')).statusCode).toBe(409);
    expect((await reader.catalog(PATHS.catalog[0])).statusCode).toBe(404);
    expect((await operator.catalog(PATHS.catalog[0])).json()).toMatchObject({ state: 'rejected' });
    expect((await operator.decide('2/reject')).statusCode).toBe(200);
  });

  it('was published and is wrong: the one before it is restored, with who did it for operators and in the log', async () => {
    const { operator, reader, objects, tables, lines, held } = await world();
    // `publishCsv` writes no CSV, and says of it what it says of the quarantine.
    const of = (version: number, name: string) => held.prefix.replace('000002', `00000${version}`) + name;
    await objects.copy(of(1, 'quarantine.ndjson.gz'), of(1, 'data.csv.gz'));
    await operator.decide('2/release');
    const { statusCode, headers, json } = await operator.decide('1/restore');
    expect({ statusCode, cache: headers['Cache-Control'] }).toEqual({ statusCode: 200, cache: 'no-store' });
    expect(json()).toMatchObject({ version: 3, state: 'published', restores: { version: 1, by: '1' } });
    expect(lines).toContainEqual(
      expect.objectContaining({ message: 'version restored', dataset: ID, version: 1, published_as: 3, by: '1' }),
    );
    expect((await reader.catalog(`/v1/datasets/${ID}`)).json().latest).toBe(3);
    expect((await reader.records(`/v1/records/${ID}`)).json()).toMatchObject([{ quantity: 1 }]);
    expect((await reader.records(`/v1/records/${ID}?version=2`)).json()).toMatchObject([{ quantity: 2 }]);
    const diff = await reader.history(`/v1/datasets/${ID}/diff?from=1&to=3`);
    expect(diff.json().counts).toMatchObject({ added: 0, removed: 0, changed: 0 });
    const seen = (await reader.catalog(`/v1/datasets/${ID}/versions/3`)).json();
    expect(Object.keys(seen.restores)).toEqual(['version', 'at']);
    expect(await tables.getLatest(ID)).toMatchObject({ version: 3 });
    expect((await operator.decide('1/restore')).json()).toEqual(json());
    expect((await operator.decide('3/restore')).json()).toMatchObject({
      status: 409,
      title: 'Conflict',
      detail: expect.stringContaining('is the latest, which readers have already'),
    });
  });

  it('is decided about by operators alone; what cannot be is said', async () => {
    const { operator, reader, analyst, catalog } = await world();
    for (const caller of [reader, analyst])
      for (const verb of ['release', 'reject', 'restore'])
        expect((await caller.decide(`2/${verb}`)).statusCode).toBe(403);
    expect((await catalog.getVersion(ID, 2))!.state).toBe('held');
    expect((await operator.decide('1/release')).json()).toMatchObject({ status: 409 });
    expect((await operator.decide('3/release')).json()).toMatchObject({ status: 404 });
    expect((await operator.decide('2/restore')).json()).toMatchObject({ status: 409 });
    expect((await operator.decide('3/restore')).json()).toMatchObject({ status: 404 });
    expect((await operator.decide('0/release')).statusCode).toBe(400);
    expect((await operator.decide('x/reject')).statusCode).toBe(400);
  });
});
