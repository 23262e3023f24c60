import { makeMemoryCatalog } from '@granary/stores/memory-catalog';
import { makeMemoryObjectStore } from '@granary/stores/memory-object-store';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { callArea } from '../testing/call-area.ts';
import { publishCsv } from '../testing/publish-csv.ts';
import { routes } from './records.ts';

const YEARS = [1970, 1971, 1972];
const CSV = [
  `id;control;produto;${YEARS.join(';')}`,
  '1;VINHO DE MESA;VINHO DE MESA;10;20;30',
  '2;vm_Tinto;Hebdon, John;1;2;',
  '3;vm_Branco;David White;4;5;6',
  '',
].join('\n');

let call: ReturnType<typeof callArea>;
let get: (query: string, headers?: Record<string, string>, method?: string) => ReturnType<ReturnType<typeof callArea>>;
beforeAll(async () => {
  const deps = { catalog: makeMemoryCatalog(), objects: makeMemoryObjectStore(), now: Date.now };
  await publishCsv(deps, 'embrapa_comercio', CSV);
  call = callArea(deps, routes);
  get = (query, headers = {}, method = 'GET') => call(`/v1/records/embrapa_comercio${query}`, { headers, method });
});

describe('records, asked as PostgREST is', () => {
  it('R1, R2: give all columns for select=, and skip blanks in lists', async () => {
    const all = (await get('?limit=1')).body;
    expect((await get('?select=&limit=1')).body).toBe(all);
    const named = (
      await get('?select=product,year&year=eq.1970&product=in.(%20%22Hebdon,%20John%22,%22David%20White%22)')
    ).json();
    expect(named.map(({ product }: { product: string }) => product).sort()).toEqual(['David White', 'Hebdon, John']);
    expect((await get('?year=in.(%20%20%20)')).body).toBe('[]');
  });

  it('R6: leave out nulls of many rows, and of one', async () => {
    const accept = 'application/vnd.pgrst.array+json;nulls=stripped';
    const query = '?select=year,quantity&product=eq.Hebdon,%20John&order=year';
    const many = await get(query, { accept });
    expect(many.headers['Content-Type']).toBe(`${accept}; charset=utf-8`);
    expect(many.json()).toEqual([{ year: 1970, quantity: 1 }, { year: 1971, quantity: 2 }, { year: 1972 }]);
    const object = 'application/vnd.pgrst.object+json;nulls=stripped';
    const one = await get(`${query}&year=eq.1972`, { accept: object });
    expect(one.headers['Content-Type']).toBe(`${object}; charset=utf-8`);
    expect(one.json()).toEqual({ year: 1972 });
    const plain = await get(query, { accept: 'application/vnd.pgrst.array+json' });
    expect(plain.headers['Content-Type']).toBe('application/json; charset=utf-8');
    expect(plain.json()).toHaveLength(3);
  });

  it('R7: name what preferences they heed, and refuse what they do not know when told to be strict', async () => {
    const applied = async (prefer: string) => (await get('?limit=1', { prefer })).headers['Preference-Applied'];
    expect(await applied('handling=lenient, anything, count=exact')).toBe('count=exact, handling=lenient');
    expect(await applied('count=planned, count=exact')).toBe('count=planned');
    expect(await applied('Count = "exact"; x=1')).toBe('count=exact');
    expect(await applied('handling=strict, max-affected=5, timezone=UTC, return=minimal')).toBe(
      'handling=strict, timezone=UTC, max-affected=5',
    );
    expect(await applied('max-affected=5, anything')).toBeUndefined();
    for (const [prefer, unknown] of [
      ['handling=strict, anything', 'anything'],
      ['anything,more=1 , handling=strict', 'anything, more=1'],
      ['handling=strict, count=all', 'count=all'],
      ['handling=strict, timezone=Mars/Olympus', 'timezone=Mars/Olympus'],
    ]) {
      const answer = await get('?limit=1', { prefer });
      expect(answer.statusCode).toBe(400);
      expect(answer.json()).toMatchObject({
        code: 'PGRST122',
        message: 'Invalid preferences given with handling=strict',
        details: `Invalid preferences: ${unknown}`,
        hint: null,
      });
    }
  });

  it('R10: HEAD has the headers that GET has, and makes no rows for them', async () => {
    for (const [query, headers] of [
      ['', {}],
      ['?limit=1', { 'accept-encoding': 'gzip' }],
      ['?year=gte.1971', { 'accept-encoding': 'br', prefer: 'count=exact' }],
      ['?limit=1', { 'accept-encoding': 'gzip', prefer: 'count=exact' }],
      ['?format=csv', { 'accept-encoding': 'gzip' }],
      ['?format=parquet', { 'accept-encoding': 'gzip' }],
      ['?year=eq.1', {}],
    ] as [string, Record<string, string>][]) {
      const [of, head] = [await get(query, headers), await get(query, headers, 'HEAD')];
      for (const name of ['ETag', 'Content-Type', 'Content-Encoding', 'Content-Range', 'Link', 'Preference-Applied'])
        expect({ query, name, value: head.headers[name] }).toEqual({ query, name, value: of.headers[name] });
      expect([head.statusCode, head.body]).toEqual([of.statusCode, '']);
      const again = await get(query, { ...headers, 'if-none-match': head.headers.ETag! });
      expect(again.statusCode).toBe(304);
    }
  });

  it('are there below /rest/v1 too, and described at the root of both', async () => {
    const rest = await call('/rest/v1/embrapa_comercio?limit=2');
    expect(rest.body).toBe((await get('?limit=2')).body);
    for (const root of ['/rest/v1/', '/rest/v1', '/v1/records']) {
      const described = await call(root);
      expect(described.headers['Content-Type']).toBe('application/openapi+json; charset=utf-8');
      expect(described.json()).toMatchObject({ swagger: '2.0', paths: { '/embrapa_comercio': {} } });
    }
  });

  it('R8: say that they are not written, and what may be asked', async () => {
    for (const path of ['/v1/records/embrapa_comercio', '/rest/v1/embrapa_comercio', '/v1/records']) {
      const refused = await call(path, { method: 'POST', body: '{}' });
      expect([refused.statusCode, refused.headers.Allow]).toEqual([405, 'GET, HEAD, OPTIONS']);
      expect(refused.json()).toMatchObject({ code: 'PGRST117', details: null, hint: null });
      expect((await call(path, { method: 'OPTIONS' })).headers.Allow).toBe('GET, HEAD, OPTIONS');
    }
  });

  it('match and imatch: expressions of RE2, wherever conditions may be', async () => {
    const products = async (query: string) =>
      [
        ...new Set((await get(`?select=product&${query}`)).json().map(({ product }: { product: string }) => product)),
      ].sort();
    expect(await products('product=match.%5EDavid')).toEqual(['David White']);
    expect(await products('product=imatch.white$')).toEqual(['David White']);
    expect(await products('product=not.match.,')).toEqual(['David White', 'VINHO DE MESA']);
    expect(await products('or=(product.match.%22%5EHebdon,%22,product.imatch.^vinho)')).toEqual([
      'Hebdon, John',
      'VINHO DE MESA',
    ]);
    expect(await products('product=match(any).{John$,White$}')).toEqual(['David White', 'Hebdon, John']);
    const refused = await get('?product=match.(');
    expect([refused.statusCode, refused.json().code]).toEqual([400, '2201B']);
    expect((await get('?year=match.1')).json().code).toBe('42883');
  });
});
