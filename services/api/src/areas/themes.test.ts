import { makeMemoryCatalog } from '@granary/stores/memory-catalog';
import { makeMemoryObjectStore } from '@granary/stores/memory-object-store';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { parse } from 'csv-parse/sync';
import { callArea } from '../testing/call-area.ts';
import { publishCsv } from '../testing/publish-csv.ts';
import { routes } from './records.ts';

const [catalog, objects] = [makeMemoryCatalog(), makeMemoryObjectStore()];
const call = callArea({ catalog, objects, now: Date.now }, routes);
const CSV =
  'id;control;produto;1970;1971\n1;VINHO DE MESA;VINHO DE MESA;1000;nd\n2;vm_Tinto;Tinto "seco", 1 L;900;7,5\n';

beforeAll(async () => {
  await publishCsv({ catalog, objects }, 'embrapa_producao', CSV);
  await publishCsv({ catalog, objects }, 'embrapa_comercio', CSV);
  await catalog.describeDataset({
    ...{
      id: 'embrapa_never',
      title: 'Never',
      description: '',
      publisher: 'Embrapa',
      theme: 'never_published',
      tags: [],
    },
    ...{ licence: { name: 'CC0-1.0', title: 'CC0' }, source: 'embrapa', source_url: 'http://site.test/a' },
    ...{ fields: [], key: [] },
  });
  const version = await publishCsv({ catalog, objects }, 'embrapa_exp_uva', 'Id;País;1970;1970\n1;Chile;30;1\n');
  await catalog.editDataset(version.dataset, {
    revision: 1,
    at: version.created_at,
    by: '1',
    values: { theme: 'trade' },
  });
});

describe('The routes of the ancestor', () => {
  it('list the themes of what is published', async () => {
    expect((await call('/themes')).json()).toEqual(['agriculture', 'trade']);
  });

  it('list the datasets of a theme as files of an object store', async () => {
    const { files, published_at } = (await catalog.listVersions('embrapa_exp_uva', { limit: 1 }))[0]!;
    expect((await call('/data?theme=trade')).json()).toEqual([
      { Name: 'embrapa_exp_uva', LastModified: published_at, Size: files['data.csv.gz'].bytes },
    ]);
    const names = (await call('/data?theme=agriculture')).json().map(({ Name }: { Name: string }) => Name);
    expect(names).toEqual(['embrapa_comercio', 'embrapa_producao']);
  });

  it('get a table as lists of the texts of its CSV, the header first', async () => {
    const { headers, json } = await call('/data?theme=agriculture&dataset=embrapa_producao');
    const { body } = await call('/v1/records/embrapa_producao?format=csv&guard=off');
    expect(json()).toEqual(parse(body));
    expect(json().slice(0, 1)).toEqual([expect.arrayContaining(['product', 'year', 'quantity'])]);
    expect(json().flat()).toEqual(expect.arrayContaining(['Tinto "seco", 1 L', '7.5', '']));
    const again = await call('/data?theme=agriculture&dataset=embrapa_producao', {
      headers: { 'If-None-Match': headers.ETag },
    });
    expect(again.statusCode).toBe(304);
    expect((await call('/data?theme=trade&dataset=embrapa_exp_uva', { method: 'HEAD' })).statusCode).toBe(200);
  });

  it('redirect to a file where a table is too large for an answer', async () => {
    const long = Array.from({ length: 40_000 }, (_, n) => `${n};a;${'x'.repeat(90)}${n};1\n`).join('');
    await publishCsv({ catalog, objects }, 'embrapa_comercio', `id;control;produto;1970\n${long}`);
    const { statusCode, json } = await call('/data?theme=agriculture&dataset=embrapa_comercio');
    expect([statusCode, json()]).toMatchObject([303, { dataset: 'embrapa_comercio', version: 2, rows: 40_000 }]);
    const [key] = await objects.list('exports/records/');
    const rows = JSON.parse(Buffer.from((await objects.get(key!))!).toString());
    expect([rows.length, rows[0].length]).toEqual([40_001, rows[40_000].length]);
  });

  it('name what may be meant where there is no such theme or dataset', async () => {
    const detail = async (path: string) => {
      const { statusCode, json } = await call(path);
      return `${statusCode} ${json().detail}`;
    };
    expect(await detail('/data?theme=Agricultur')).toBe(
      "404 There is no theme 'Agricultur' (is it 'agriculture'?); GET /themes lists them.",
    );
    expect(await detail('/data?theme=never_published')).toMatch(/^404 There is no theme 'never_published'; /);
    expect(await detail('/data?theme=trade&dataset=embrapa_producao')).toMatch(/^404 The theme 'trade' has no dataset/);
    expect(await detail('/data?theme=agriculture&dataset=producao')).toContain("(is it 'embrapa_producao'?)");
    expect((await call('/data')).statusCode).toBe(400);
    expect((await call('/data?dataset=embrapa_producao')).json().errors[0].field).toBe('theme');
  });
});
