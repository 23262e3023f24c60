import { makeMemoryCatalog } from '@granary/stores/memory-catalog';
import { makeMemoryObjectStore } from '@granary/stores/memory-object-store';
import { makeMemorySourceStore } from '@granary/stores/memory-source-store';
import { describe, expect, it } from '@jest/globals';
import { callArea } from '../testing/call-area.ts';
import { publishCsv } from '../testing/publish-csv.ts';
import { routes } from './history.ts';

const FIRST = `id;control;produto;1970;1971
1;VINHO DE MESA;VINHO DE MESA;83300735,25;98327606
2;vm_Tinto;  Tinto  seco;83300735;12
3;vm_Branco;Branco d'Água;nd;*
`;
/** A line more above the others, a figure corrected, a year more. */
const SECOND = `id;control;produto;1970;1971;1972
1;VINHO DE MESA;VINHO DE MESA;83300735,25;98327606;1
2;vm_Rosado;Rosado;5;6;7
3;vm_Tinto;Tinto seco;83300735;13;2
4;vm_Branco;Branco d'Água;nd;*;3
`;
const SPOILT = `id;control;produto;1970;1971
1;VINHO DE MESA;VINHO DE MESA;1;2
2;vm_Tinto;"Tinto, ""seco""";3;muito
`;

const setUp = async (...files: readonly string[]) => {
  const stores = { catalog: makeMemoryCatalog(), objects: makeMemoryObjectStore(), now: Date.now };
  for (const file of files) await publishCsv(stores, 'embrapa_comercio', file);
  const call = callArea({ ...stores, configurations: makeMemorySourceStore() }, routes);
  const at = (path: string, headers?: Record<string, string>) =>
    call(`/v1/datasets/embrapa_comercio${path}`, headers && { headers });
  return { at, publish: (csv: string) => publishCsv(stores, 'embrapa_comercio', csv) };
};

describe('the diff of a dataset', () => {
  it('compares the latest with the version before it, and no line that moved is in it', async () => {
    const { at } = await setUp(FIRST, SECOND);
    const { statusCode, headers, json } = await at('/diff');
    expect(statusCode).toBe(200);
    expect(headers['Cache-Control']).toBe('private, no-cache');
    const answer = json();
    expect(answer).toMatchObject({
      from: 1,
      to: 2,
      key: ['section', 'line', 'year'],
      matched_by: ['section', 'year', 'product', 'is_total'],
      ignored: ['line', 'processing_date'],
      counts: { added: 6, removed: 0, changed: 1, unchanged: 5 },
      fields: { added: [], removed: [], retyped: [] },
      next: null,
    });
    expect(answer.items.filter(({ op }: { op: string }) => op === 'change')).toEqual([
      {
        op: 'change',
        key: { section: 'VINHO DE MESA', year: 1971, product: 'Tinto seco', is_total: false },
        cells: { quantity: [12, 13] },
        at: { from: 'section:VINHO DE MESA,line:3,year:1971', to: 'section:VINHO DE MESA,line:4,year:1971' },
      },
    ]);
    const back = (await at('/diff?from=2&to=1')).json();
    expect(back.counts).toEqual({ added: 0, removed: 6, changed: 1, unchanged: 5 });
  });

  it('is kept for ever by its pair of versions, is empty for one and the same, and answers 304 to its ETag', async () => {
    const { at } = await setUp(FIRST, SECOND);
    const { headers } = await at('/diff?from=1&to=2');
    expect(headers['Cache-Control']).toBe('private, max-age=31536000, immutable');
    expect(headers.Vary).toContain('Accept, ');
    expect((await at('/diff?from=1&to=2', { 'If-None-Match': headers.ETag })).statusCode).toBe(304);
    expect((await at('/diff?from=2&to=1', { 'If-None-Match': headers.ETag })).statusCode).toBe(200);
    expect((await at('/diff?from=2&to=2')).json()).toMatchObject({
      counts: { added: 0, removed: 0, changed: 0, unchanged: 12 },
      items: [],
    });
  });

  it('pages by a cursor that stays with its versions, whatever is published meanwhile', async () => {
    const { at, publish } = await setUp(FIRST, SECOND);
    const all = (await at('/diff')).json().items;
    const items = [];
    let query = '?limit=2';
    for (;;) {
      const page = (await at(`/diff${query}`)).json();
      expect(page).toMatchObject({ from: 1, to: 2, counts: { added: 6, removed: 0, changed: 1, unchanged: 5 } });
      items.push(...page.items);
      if (page.next === null) break;
      await publish(FIRST.replace('83300735,25', String(items.length)));
      query = `?limit=2&cursor=${page.next}`;
    }
    expect(items).toEqual(all);
    expect((await at('/diff?cursor=e30')).statusCode).toBe(400);
  });

  it('is a line of NDJSON per change when asked for, with a link to the rest when it is cut', async () => {
    const { at } = await setUp(FIRST, SECOND);
    const all = await at('/diff?from=1&to=2', { Accept: 'application/x-ndjson' });
    expect(all.headers['Content-Type']).toBe('application/x-ndjson');
    expect(all.headers.Link).toBeUndefined();
    const lines = all.body.trimEnd().split('\n');
    expect(lines.map((line) => JSON.parse(line))).toEqual((await at('/diff')).json().items);
    const part = await at('/diff?from=1&to=2&format=ndjson&limit=3');
    const link = /^<\/dev\/v1\/datasets\/embrapa_comercio(\/diff\?[^>]+)>; rel="next"$/.exec(part.headers.Link);
    expect(part.body.trimEnd().split('\n')).toEqual(lines.slice(0, 3));
    expect((await at(link?.[1] ?? '')).body.trimEnd().split('\n')).toEqual(lines.slice(3, 6));
    expect((await at('/diff?from=1&to=1&format=ndjson')).body).toBe('');
  });

  it('is 404 for a version or a dataset that is not there, and before there are two', async () => {
    const { at } = await setUp(FIRST);
    expect((await at('/diff')).json().detail).toContain('no version before 1');
    expect((await at('/diff?from=1&to=2')).json().detail).toContain('no version 2');
    expect((await at('/diff?from=9')).statusCode).toBe(404);
    expect((await at('/diff?from=0')).statusCode).toBe(400);
    const { at: nowhere } = await setUp();
    expect((await nowhere('/diff')).statusCode).toBe(404);
  });
});

describe('the provenance of a row', () => {
  it('is the file, the line as it stands there, and the cells of each column', async () => {
    const { at } = await setUp(FIRST, SECOND);
    const { statusCode, headers, json } = await at('/provenance?row=line:3,year:1970');
    expect(statusCode).toBe(200);
    expect(headers['Cache-Control']).toBe('private, no-cache');
    expect(json()).toEqual({
      dataset: 'embrapa_comercio',
      version: 2,
      row: {
        section: 'VINHO DE MESA',
        product: 'Rosado',
        product_code: 'vm_Rosado',
        year: 1970,
        quantity: 5,
        note: null,
        is_total: false,
        line: 3,
        processing_date: '2026-01-02',
      },
      matches: 1,
      source: {
        url: 'http://site.test/download/Comercio.csv',
        fetched_at: expect.any(String),
        sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
        bytes: Buffer.byteLength(SECOND),
        raw: '/v1/datasets/embrapa_comercio/download?format=raw&version=2',
      },
      place: {
        line: 3,
        cells: {
          product: [{ position: 3, header: 'produto', text: 'Rosado' }],
          product_code: [{ position: 2, header: 'control', text: 'vm_Rosado' }],
          quantity: [{ position: 4, header: '1970', text: '5' }],
          note: [{ position: 4, header: '1970', text: '5' }],
        },
      },
      parser_version: 1,
      text: '2;vm_Rosado;Rosado;5;6;7',
      quarantine: [],
    });
  });

  it('takes what a diff names a row by, in the version that it is of', async () => {
    const { at } = await setUp(FIRST, SECOND);
    const { items } = (await at('/diff')).json();
    const change = items.find(({ op }: { op: string }) => op === 'change');
    for (const [side, version] of [
      ['from', 1],
      ['to', 2],
    ] as const) {
      const row = encodeURIComponent(change.at[side]);
      const answer = await at(`/provenance?row=${row}&version=${version}&column=quantity`);
      expect(answer.headers['Cache-Control']).toContain('immutable');
      const { row: traced, place, text } = answer.json();
      const [figure] = place.cells.quantity;
      expect(Object.keys(place.cells)).toEqual(['quantity']);
      expect(traced.quantity).toBe(change.cells.quantity[version - 1]);
      expect(Number(figure.text)).toBe(traced.quantity);
      expect(text.split(';')[figure.position - 1]).toBe(figure.text);
    }
  });

  it('tells all rows of a line at once, with what of it is in quarantine, quotes and all', async () => {
    const { at } = await setUp(SPOILT);
    const { row, matches, text, place, quarantine } = (await at('/provenance?row=line:3')).json();
    expect(row.product).toBe('Tinto, "seco"');
    expect(matches).toBe(1);
    expect(text).toBe('2;vm_Tinto;"Tinto, ""seco""";3;muito');
    expect(place.cells.product).toEqual([{ position: 3, header: 'produto', text: 'Tinto, "seco"' }]);
    expect(quarantine).toMatchObject([{ line: 3, column: '1971', positions: [5], raw: 'muito' }]);
    const whole = (await at('/provenance?row=line:2')).json();
    expect(whole.matches).toBe(2);
    expect(whole.quarantine).toEqual([]);
    expect((await at('/provenance?row=1')).json().row.line).toBe(2);
  });

  it('is 404 for a row that is not there, 400 for several or for none at all', async () => {
    const { at } = await setUp(SPOILT);
    const missing = await at('/provenance?row=line:3,year:1971');
    expect([missing.statusCode, missing.json().detail]).toEqual([
      404,
      expect.stringContaining('/quarantine?version=1'),
    ]);
    expect((await at('/provenance?row=99')).statusCode).toBe(404);
    const several = (await at('/provenance?row=year:1970')).json();
    expect([several.status, several.detail]).toEqual([400, expect.stringContaining('section, line, year')]);
    for (const query of ['', '?row=', '?row=nonsense', '?row=line:x', '?row=0', '?row=line:2&column=x', '?row=price:1'])
      expect({ query, status: (await at(`/provenance${query}`)).statusCode }).toEqual({ query, status: 400 });
    expect((await at('/provenance?row=line:2&version=7')).statusCode).toBe(404);
  });
});
