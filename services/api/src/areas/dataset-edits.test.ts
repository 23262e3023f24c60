import type { Dataset } from '@granary/domain/dataset';
import { makeMemoryCatalog } from '@granary/stores/memory-catalog';
import { makeMemoryObjectStore } from '@granary/stores/memory-object-store';
import { makeMemoryRunStore } from '@granary/stores/memory-run-store';
import { makeMemorySqlCatalog } from '@granary/stores/memory-sql-catalog';
import { describe, expect, it } from '@jest/globals';
import { callArea } from '../testing/call-area.ts';
import { publishCsv } from '../testing/publish-csv.ts';
import { routes as catalogRoutes } from './catalog.ts';
import { routes } from './decisions.ts';

const ID = 'embrapa_producao';
const CSV = 'id;control;produto;1970\n1;VINHO DE MESA;VINHO DE MESA;1\n';

const world = async () => {
  const [catalog, objects] = [makeMemoryCatalog(), makeMemoryObjectStore()];
  const deps = { catalog, objects, tables: makeMemorySqlCatalog(), clock: Date.now, random: Math.random };
  const { prefix } = await publishCsv({ catalog, objects }, ID, CSV);
  await objects.put(`${prefix}data.csv.gz`, Buffer.from('csv'));
  const ask = callArea(deps, routes, ['operators']);
  const patch = (body: object, if_match?: string, id = ID) =>
    ask(`/v1/admin/datasets/${id}`, {
      method: 'PATCH',
      body: JSON.stringify(body),
      headers: if_match === undefined ? {} : { 'If-Match': if_match },
    });
  const read = callArea({ catalog, runs: makeMemoryRunStore() }, catalogRoutes);
  const shown = async () => (await read(`/v1/datasets/${ID}`)).json();
  return { ...deps, ask, patch, read, shown };
};

describe('PATCH /v1/admin/datasets/{id}', () => {
  it('says something of a dataset in place of its source, marks it, and takes it back', async () => {
    const { catalog, ask, patch, read, shown } = await world();
    const { title, tags } = (await catalog.getDataset(ID))!;
    const before = await ask(`/v1/admin/datasets/${ID}`);
    expect([before.headers.ETag, before.json().values]).toEqual(['"0"', {}]);
    const edited = await patch({ title: 'Uvas', tags: ['harvest'] }, '"0"');
    expect([edited.statusCode, edited.headers.ETag]).toEqual([200, '"1"']);
    expect(edited.json()).toMatchObject({
      revision: 1,
      edited_by: '1',
      values: { title: 'Uvas' },
      source: { title, tags },
    });
    expect(await shown()).toMatchObject({ title: 'Uvas', tags: ['harvest'], edited: { source: { title, tags } } });
    expect((await shown()).edited.by).toBeUndefined();
    const found = (await read('/v1/datasets?q=uvas&tag=harvest')).json();
    expect(found.items.map(({ id }: Dataset) => id)).toEqual([ID]);

    // What its source says anew is kept beside it.
    const { edited: _, ...dataset } = (await catalog.getDataset(ID))!;
    await catalog.describeDataset({ ...dataset, title: 'Renamed', tags });
    expect(await shown()).toMatchObject({ title: 'Uvas', edited: { source: { title: 'Renamed' } } });
    await patch({ title: null }, '"1"');
    expect(await shown()).toMatchObject({ title: 'Renamed', tags: ['harvest'], edited: { source: { tags } } });
    await patch({ tags: null }, '*');
    expect(await shown()).toMatchObject({ title: 'Renamed', tags, edited: null });
  });

  it('wants to know which revision it is about, and loses no edit of somebody else', async () => {
    const { patch } = await world();
    const unsaid = await patch({ title: 'A' });
    expect([unsaid.statusCode, unsaid.json().detail]).toEqual([428, expect.stringContaining('If-Match: "0"')]);
    expect((await patch({ title: 'A' }, '"0"')).statusCode).toBe(200);
    const late = await patch({ title: 'B' }, '"0"');
    expect([late.statusCode, late.headers.ETag]).toEqual([412, '"1"']);
    // Again, as after a lost answer.
    expect((await patch({ title: 'A' }, '"0"')).headers.ETag).toBe('"1"');
  });

  it('moves the copy as CSV with the theme, and back', async () => {
    const { objects, patch, catalog } = await world();
    const { theme } = (await catalog.getDataset(ID))!;
    await objects.put(`csv_data/${theme}/${ID}.csv.gz`, Buffer.from('csv'), { metadata: { version: '1' } });
    await patch({ theme: 'wine' }, '*');
    expect(await objects.list('csv_data/')).toEqual([`csv_data/wine/${ID}.csv.gz`]);
    // Somebody died before this one was deleted: it is, when the edit is made again.
    await objects.put(`csv_data/${theme}/${ID}.csv.gz`, Buffer.from('csv'), { metadata: { version: '1' } });
    await patch({ theme: 'wine' }, '*');
    expect(await objects.list('csv_data/')).toEqual([`csv_data/wine/${ID}.csv.gz`]);
    await patch({ theme: null }, '*');
    expect(await objects.list('csv_data/')).toEqual([`csv_data/${theme}/${ID}.csv.gz`]);
  });

  it('refuses what does not fit, by its name, and anybody but operators', async () => {
    const { patch, catalog, objects, tables } = await world();
    for (const [body, field] of [
      [{ theme: '../users' }, 'theme'],
      [{ tags: [''] }, 'tags.0'],
      [{ licence: { name: 'CC0-1.0' } }, 'licence.title'],
      [{ licence: { name: 'x', title: 'x', path: 'javascript:1' } }, 'licence.path'],
      [{ publisher: 'x' }, 'publisher'],
      [{ title: '' }, 'title'],
    ] as const) {
      const { statusCode, json } = await patch(body, '*');
      expect({
        body,
        statusCode,
        field: json().errors[0].field,
      }).toEqual({
        ...{ body, statusCode: 400, field },
      });
    }
    expect((await patch({}, '*')).json().detail).toContain('names nothing to edit');
    expect((await patch({ title: 'x' }, 'x')).json().detail).toContain('ETag of the edits');
    expect((await patch({ title: 'x' }, '*', 'none')).statusCode).toBe(404);
    const deps = { catalog, objects, tables, clock: Date.now, random: Math.random };
    for (const method of ['GET', 'PATCH']) {
      const body = method === 'PATCH' ? { body: '{"title":"x"}' } : {};
      const asked = await callArea(deps, routes, ['analysts'])(`/v1/admin/datasets/${ID}`, { method, ...body });
      expect(asked.statusCode).toBe(403);
    }
  });
});
