import type { Dataset } from '@granary/domain/dataset';
import { makeMemoryCatalog } from '@granary/stores/memory-catalog';
import { makeMemoryObjectStore } from '@granary/stores/memory-object-store';
import { describe, expect, it } from '@jest/globals';
import { callArea } from '../testing/call-area.ts';
import { publishCsv } from '../testing/publish-csv.ts';
import { routes } from './plots.ts';

const COMERCIO = `id;control;produto;1970;1971
1;VINHO DE MESA;VINHO DE MESA;83300735,25;98327606
2;vm_Tinto;  Tinto  seco;83300735;
3;ESPUMANTES ;ESPUMANTES;1;0
`;
const PATH = '/v1/plots/embrapa_comercio';

const setUp = async () => {
  const stores = { catalog: makeMemoryCatalog(), objects: makeMemoryObjectStore() };
  let reads = 0;
  const getRange = (...place: Parameters<typeof stores.objects.getRange>) => {
    reads++;
    return stores.objects.getRange(...place);
  };
  const call = callArea({ catalog: stores.catalog, objects: { get: stores.objects.get, getRange } }, routes);
  const publish = (csv: string, later_ms = 0) => publishCsv(stores, 'embrapa_comercio', csv, later_ms);
  return { call, publish, reads: () => reads, ...stores };
};

describe('GET /v1/plots/{id}', () => {
  it('answers SVG, PNG and the specification, with a link to the rows', async () => {
    const { call, publish } = await setUp();
    await publish(COMERCIO);
    const svg = await call(`${PATH}?year=gte.1970&year=lte.1971`);
    expect(svg.statusCode).toBe(200);
    expect(svg.headers).toMatchObject({
      'Content-Type': 'image/svg+xml',
      'Content-Security-Policy': "default-src 'none'; frame-ancestors 'none'",
      Link: '</dev/v1/records/embrapa_comercio?year=gte.1970&year=lte.1971&version=1>; rel="alternate"; type="application/json"',
    });
    expect(svg.body).toMatch(/^<svg /);
    expect(svg.body).toContain('the largest is 98,327,606 (1971, VINHO DE MESA)');
    const png = await call(`${PATH}?format=png`);
    expect(png.headers['Content-Type']).toBe('image/png');
    expect(png.isBase64Encoded).toBe(true);
    expect(Buffer.from(png.body, 'base64').toString('latin1', 1, 4)).toBe('PNG');
    const vega = (await call(`${PATH}?format=vega`)).json();
    expect(vega.$schema).toContain('vega-lite');
    expect(vega.data.values).toHaveLength(4);
    const head = await call(PATH, { method: 'HEAD' });
    const get = await call(PATH);
    expect([head.statusCode, head.headers.ETag, head.body]).toEqual([200, get.headers.ETag, get.body]);
  });

  it('has an ETag of version and query, by which it answers 304 without reading the data', async () => {
    const { call, publish, reads } = await setUp();
    await publish(COMERCIO);
    const first = await call(`${PATH}?mark=bar&format=svg`);
    const read = reads();
    const again = await call(`${PATH}?format=svg&mark=bar`, { headers: { 'If-None-Match': first.headers.ETag } });
    expect([again.statusCode, reads()]).toEqual([304, read]);
    const other = await call(`${PATH}?mark=area`, { headers: { 'If-None-Match': first.headers.ETag } });
    expect(other.statusCode).toBe(200);
    await publish(COMERCIO.replace('98327606', '5'));
    const next = await call(`${PATH}?mark=bar`, { headers: { 'If-None-Match': first.headers.ETag } });
    expect(next.statusCode).toBe(200);
    expect(next.body).not.toBe(first.body);
  });

  it('keeps to a version for ever, and finds the one of a time', async () => {
    const { call, publish } = await setUp();
    const { published_at } = await publish(COMERCIO);
    const old = await call(PATH);
    await publish(COMERCIO.replace('98327606', '5'), 3_600_000);
    const pinned = await call(`${PATH}?version=1`);
    expect(pinned.headers['Cache-Control']).toBe('private, max-age=31536000, immutable');
    expect(pinned.body).toBe(old.body);
    expect((await call(PATH)).headers['Cache-Control']).toBe('private, no-cache');
    const then = await call(`${PATH}?as_of=${published_at}`);
    expect([then.body, then.headers['Cache-Control']]).toEqual([old.body, 'private, no-cache']);
    const before = await call(`${PATH}?as_of=2000-01-01`);
    expect(before.statusCode).toBe(404);
    expect(before.json().detail).toContain(published_at);
    expect((await call(`${PATH}?as_of=2026-02-31`)).statusCode).toBe(400);
    expect((await call(`${PATH}?version=9`)).statusCode).toBe(404);
    expect((await call('/v1/plots/nope')).json().detail).toContain('/v1/datasets');
  });

  it('of a number keeps the title that the version was published with, and another has the present one', async () => {
    const { call, publish, catalog } = await setUp();
    await publish(COMERCIO);
    const pinned = await call(`${PATH}?version=1`);
    const before = await call(PATH);
    const { latest, rows, rows_quarantined, bytes, updated_at, checked_at, gone_at, ...described } =
      (await catalog.getDataset('embrapa_comercio')) as Dataset;
    await catalog.describeDataset({ ...described, title: 'Wine & trade' });
    const again = await call(`${PATH}?version=1`);
    expect([again.body, again.headers.ETag]).toEqual([pinned.body, pinned.headers.ETag]);
    const after = await call(PATH, { headers: { 'If-None-Match': before.headers.ETag } });
    expect(after.statusCode).toBe(200);
    expect(after.body).toContain('<title>Wine &#38; trade</title>');
    expect(pinned.body).toContain(`<title>${described.title}</title>`);
  });

  it.each([
    ['width=1e9', 'width'],
    ['width=-5', 'width'],
    ['height=100000', 'height'],
    ['width=abc', 'width'],
    ['scale=50', 'scale'],
    ['mark=pie', 'mark'],
    ['format=exe', 'format'],
    ['theme=%3Cscript%3E', 'theme'],
    ['aggregate=median', 'aggregate'],
    ['x=__proto__', 'x'],
    ['x=a&x=b', 'x'],
    ['y=product', 'y'],
    ['__proto__=eq.1', 'filter'],
    ['nope=1', 'filter'],
    ['year=2020', 'filter'],
    ['order=year', 'order'],
    ['version=1&as_of=2026-01-01', 'as_of'],
    ['constructor=eq.1', 'filter'],
    ['__proto__=eq.1', 'filter'],
  ])('answers 400 to %s, naming the field', async (query, field) => {
    const { call, publish } = await setUp();
    await publish(COMERCIO);
    const { statusCode, json } = await call(`${PATH}?${query}`);
    expect(statusCode).toBe(400);
    expect(json().errors.map((error: { field: string }) => error.field)).toContain(field);
  });

  it('names the columns that there are', async () => {
    const { call, publish } = await setUp();
    await publish(COMERCIO);
    const known = 'section, product, product_code, year, quantity, note, is_total, line, processing_date';
    for (const query of ['x=nope', 'nope=eq.1'])
      expect((await call(`${PATH}?${query}`)).json().detail).toContain(known);
  });
});
