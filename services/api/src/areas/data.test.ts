import { makeMemoryCatalog } from '@granary/stores/memory-catalog';
import { makeMemoryObjectStore } from '@granary/stores/memory-object-store';
import { makeMemoryRunStore } from '@granary/stores/memory-run-store';
import { describe, expect, it } from '@jest/globals';
import { callArea } from '../testing/call-area.ts';
import { publishCsv } from '../testing/publish-csv.ts';
import { makeKeptBodies } from '../wide-tables/kept-bodies.ts';
import { routes } from './data.ts';

const COMERCIO = `id;control;produto;1970;1971
1;VINHO DE MESA;VINHO DE MESA;83300735,25;98327606
2;vm_Tinto;  Tinto  seco;83300735;
3;vm_Branco;Branco d'Água;nd;*
4;ESPUMANTES ;ESPUMANTES;1;0
5;;OUTROS PRODUTOS COMERCIALIZADOS;20;10
6;op_Outros;Outros, etc.;20;10
`;
const IMPORTS = 'Id\tPaís\t1970\t1970\t1971\t1971\n1\tAfrica\t0\t0\t11,5\t-\n2\tÁfrica do Sul\t5\t7\t1\t2\n';
const SEMCLASS = 'id;control;cultivar;1970;1971\n1;sc;Sem classificação;3675463;665425\n';

const setUp = async (max_bytes = 1_000_000) => {
  const stores = { catalog: makeMemoryCatalog(), objects: makeMemoryObjectStore() };
  let reads = 0;
  const get = (key: string) => {
    reads++;
    return stores.objects.get(key);
  };
  const objects = { ...stores.objects, get, presign: async (key: string) => `https://bucket.test/${key}?signed` };
  const bodies = makeKeptBodies({ max_bytes });
  const now = () => Date.parse('2026-11-20T00:00:00.000Z');
  const deps = { catalog: stores.catalog, runs: makeMemoryRunStore(), objects, bodies, now };
  return {
    publish: (dataset: string, csv: string, later_ms = 0) => publishCsv(stores, dataset, csv, later_ms),
    call: callArea(deps, routes),
    reads: () => reads,
  };
};

describe('the wide routes', () => {
  it('write sections, records and years in the order of the file, totals first, missing figures as null', async () => {
    const { publish, call } = await setUp();
    await publish('embrapa_comercio', COMERCIO);
    const { statusCode, body, headers } = await call('/comercializacaoCSV');
    expect(statusCode).toBe(200);
    expect(headers['Content-Type']).toBe('application/json');
    expect(body).toBe(
      '{"VINHO DE MESA":[{"produto":"VINHO DE MESA","1970":83300735.25,"1971":98327606},' +
        '{"produto":"Tinto seco","1970":83300735,"1971":null},{"produto":"Branco d\'Água","1970":null,"1971":null}],' +
        '"ESPUMANTES":[{"produto":"ESPUMANTES","1970":1,"1971":0}],' +
        '"OUTROS PRODUTOS COMERCIALIZADOS":[{"produto":"OUTROS PRODUTOS COMERCIALIZADOS","1970":20,"1971":10},' +
        '{"produto":"Outros, etc.","1970":20,"1971":10}]}',
    );
  });

  it('do not take version 1 of a catalog begun anew for the version 1 that a client knows', async () => {
    const etags = [];
    for (const text of [COMERCIO, COMERCIO.replace('98327606', '1')]) {
      const { publish, call } = await setUp();
      await publish('embrapa_comercio', text, etags.length);
      const latest = (await call('/comercializacaoCSV')).headers.ETag;
      expect((await call('/comercializacaoCSV?version=1')).headers.ETag).toBe(latest);
      etags.push(latest);
    }
    expect(etags[0]).not.toBe(etags[1]);
  });

  it('write quantity and US$ of each year side by side for trade, as a list', async () => {
    const { publish, call } = await setUp();
    await publish('embrapa_imp_vinhos', IMPORTS);
    expect((await call('/importacaoCSV/tipo/Vinhos')).body).toBe(
      '[{"pais":"Africa","1970":0,"1970_usd":0,"1971":11.5,"1971_usd":null},' +
        '{"pais":"África do Sul","1970":5,"1970_usd":7,"1971":1,"1971_usd":2}]',
    );
  });

  it('write a list where the file has no sections', async () => {
    const { publish, call } = await setUp();
    await publish('embrapa_processa_semclass', SEMCLASS);
    expect((await call('/processamentoCSV/tipo/Semclass')).body).toBe(
      '[{"produto":"Sem classificação","1970":3675463,"1971":665425}]',
    );
  });

  it('answer 404 to an unknown tipo, naming the known ones', async () => {
    const { call } = await setUp();
    const { statusCode, json } = await call('/exportacaoCSV/tipo/constructor');
    expect(statusCode).toBe(404);
    expect(json().detail).toBe("There is no tipo 'constructor'; the known ones are Vinho, Espumantes, Uva, Suco.");
  });

  it('say where to look when nothing was published yet', async () => {
    const { call } = await setUp();
    const { statusCode, json } = await call('/producaoCSV');
    expect({ statusCode, detail: json().detail }).toEqual({
      statusCode: 404,
      detail: "There is no dataset 'embrapa_producao'; the known ones are listed at /v1/datasets.",
    });
  });

  it('read a version once, answer 304 without reading it, and show the next version at once', async () => {
    const { publish, call, reads } = await setUp();
    await publish('embrapa_comercio', COMERCIO);
    const first = await call('/comercializacaoCSV');
    const cached = await call('/comercializacaoCSV', { headers: { 'If-None-Match': first.headers.ETag } });
    await call('/comercializacaoCSV', { headers: { 'Accept-Encoding': 'gzip' } });
    expect({ status: cached.statusCode, reads: reads() }).toEqual({ status: 304, reads: 1 });

    await publish('embrapa_comercio', COMERCIO.replace('98327606', '1'));
    const second = await call('/comercializacaoCSV', { headers: { 'If-None-Match': first.headers.ETag } });
    expect(second.statusCode).toBe(200);
    expect(second.body).toContain('"1971":1}');
    const old = await call('/comercializacaoCSV?version=1');
    expect(old.body).toBe(first.body);
    expect(old.headers['Cache-Control']).toContain('immutable');
  });

  it('answer 304 to the first request of a new container without reading the data', async () => {
    const [known, fresh] = [await setUp(), await setUp()];
    for (const { publish } of [known, fresh]) await publish('embrapa_comercio', COMERCIO);
    const { ETag } = (await known.call('/comercializacaoCSV')).headers;
    const { statusCode } = await fresh.call('/comercializacaoCSV', { headers: { 'If-None-Match': ETag } });
    expect({ statusCode, reads: fresh.reads() }).toEqual({ statusCode: 304, reads: 0 });
  });

  it('refuse versions that do not exist and parameters that they do not know', async () => {
    const { publish, call } = await setUp();
    await publish('embrapa_comercio', COMERCIO);
    const missing = await call('/comercializacaoCSV?version=9', {
      headers: { 'If-None-Match': '"embrapa_comercio@9.1"' },
    });
    expect(missing.statusCode).toBe(404);
    expect(missing.json().detail).toContain('/v1/datasets/embrapa_comercio/versions');
    for (const query of ['version=0', 'version=x', 'version=1&version=2', 'versao=1']) {
      expect({ query, status: (await call(`/comercializacaoCSV?${query}`)).statusCode }).toEqual({
        query,
        status: 400,
      });
    }
    expect((await call('/comercializacaoCSV?versao=1')).json().errors).toEqual([
      { field: 'versao', message: "'versao' is not known here" },
    ]);
  });
});

describe('the quarantine of a dataset', () => {
  const RAGGED = `${COMERCIO}7;x;Ragged;1;2;3;4\n8;y;Texto;abc;5\n`;

  it('is listed with its reasons, by pages that stay on the version of the first', async () => {
    const { publish, call } = await setUp();
    await publish('embrapa_comercio', RAGGED);
    const whole = (await call('/v1/datasets/embrapa_comercio/quarantine')).json();
    expect(whole.next).toBeNull();
    expect(whole.items.map(({ line }: { line: number }) => line)).toEqual([8, 9]);
    const page = (await call('/v1/datasets/embrapa_comercio/quarantine?limit=1')).json();
    expect(page.items).toEqual(whole.items.slice(0, 1));
    await publish('embrapa_comercio', COMERCIO);
    const rest = (await call(`/v1/datasets/embrapa_comercio/quarantine?limit=1&cursor=${page.next}`)).json();
    expect(rest).toEqual({ version: 1, items: whole.items.slice(1), next: null });
    expect((await call('/v1/datasets/embrapa_comercio/quarantine')).json()).toEqual({
      version: 2,
      items: [],
      next: null,
    });
  });

  it('refuses a cursor that is not its own', async () => {
    const { publish, call } = await setUp();
    await publish('embrapa_comercio', RAGGED);
    for (const cursor of ['x', Buffer.from('{"version":1}').toString('base64url'), 'null']) {
      expect((await call(`/v1/datasets/embrapa_comercio/quarantine?cursor=${cursor}`)).statusCode).toBe(400);
    }
  });
});

describe('the download of a dataset', () => {
  it('is a redirect to a presigned URL of the file of the version, never kept by caches', async () => {
    const { publish, call } = await setUp();
    const { raw } = await publish('embrapa_comercio', COMERCIO);
    const path = '/v1/datasets/embrapa_comercio/download';
    const { statusCode, headers, json } = await call(`${path}?format=csv`);
    expect([statusCode, json().location]).toEqual([303, headers.Location]);
    expect(headers).toMatchObject({
      Location: 'https://bucket.test/versions/embrapa_comercio/000001-abc/data.csv.gz?signed',
      'Cache-Control': 'no-store',
    });
    expect((await call(path)).headers.Location).toContain('data.parquet');
    expect((await call(`${path}?format=raw&version=1`)).headers.Location).toContain(raw.key);
    expect((await call(`${path}?version=2`)).statusCode).toBe(404);
    const unknown = await call(`${path}?format=xlsx`);
    expect(unknown.json().errors).toEqual([
      { field: 'format', message: 'must be one of parquet, csv, datapackage, quarantine, profile, raw' },
    ]);
  });

  it('R12: is where the file lies, as JSON, for who asks not to be redirected', async () => {
    const { publish, call } = await setUp();
    const { files } = await publish('embrapa_comercio', COMERCIO);
    const path = '/v1/datasets/embrapa_comercio/download';
    const { statusCode, headers, json } = await call(`${path}?format=csv&redirect=false`);
    expect([statusCode, headers['Content-Type'], headers['Cache-Control'], headers.Location]).toEqual([
      200,
      'application/json',
      'no-store',
      undefined,
    ]);
    expect(json()).toEqual({
      location: 'https://bucket.test/versions/embrapa_comercio/000001-abc/data.csv.gz?signed',
      filename: 'embrapa_comercio_v1.csv.gz',
      content_type: 'application/gzip',
      ...files['data.csv.gz'],
      expires_at: '2026-11-20T00:15:00.000Z',
      dataset: 'embrapa_comercio',
      version: 1,
    });
    const raw = (await call(`${path}?format=raw&redirect=false`)).json();
    expect([raw.bytes, raw.sha256, raw.location]).toEqual([null, null, expect.stringContaining('raw/')]);
    expect((await call(`${path}?redirect=true`)).statusCode).toBe(303);
    expect((await call(`${path}?redirect=no`)).json().errors).toEqual([
      { field: 'redirect', message: expect.stringContaining('boolean') },
    ]);
  });
});
