import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { makeMemoryCatalog } from '@granary/stores/memory-catalog';
import { makeMemoryObjectStore } from '@granary/stores/memory-object-store';
import { beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { quarantineOfLine } from '../history/source-line.ts';
import { ndjsonPage } from '../paging/ndjson-page.ts';
import { callArea } from '../testing/call-area.ts';
import { publishCsv } from '../testing/publish-csv.ts';
import { routes } from './records.ts';

const YEARS = Array.from({ length: 30 }, (_, index) => 1970 + index);
const csv = (products: number, first = 1): string =>
  [
    `id;control;produto;${YEARS.join(';')}`,
    '1;VINHO DE MESA;VINHO DE MESA;'.concat(YEARS.map((year) => year * 10).join(';')),
    ...Array.from(
      { length: products },
      (_, row) => `${row + 2};vm_${row};=Tinto ${row};${YEARS.map((year) => (year + row + first) * 10).join(';')}`,
    ),
    '',
  ].join('\n');
const PER_PRODUCT = YEARS.length;

let reads = 0;
let gets = 0;
const setUp = async (...files: readonly string[]) => {
  const catalog = makeMemoryCatalog();
  const memory = makeMemoryObjectStore();
  for (const [index, file] of files.entries())
    await publishCsv({ catalog, objects: memory }, 'embrapa_comercio', file, index * 86_400_000);
  const objects: typeof memory = {
    ...memory,
    getRange: (...range) => {
      reads++;
      return memory.getRange(...range);
    },
    get: (key) => {
      gets++;
      return memory.get(key);
    },
  };
  const call = callArea({ catalog, objects, now: Date.now }, routes);
  const get = (query: string, headers: Record<string, string> = {}, method = 'GET') =>
    call(`/v1/records/embrapa_comercio${query}`, { headers, method });
  return {
    get,
    objects,
    publish: (file: string) => publishCsv({ catalog, objects: memory }, 'embrapa_comercio', file),
  };
};

let records: Awaited<ReturnType<typeof setUp>>;
beforeAll(async () => {
  records = await setUp(csv(3), csv(5, 2));
});

describe('records', () => {
  it('are a bare array of the columns selected, with a range, the schema and a digest of what is sent', async () => {
    const { statusCode, headers, body, json } = await records.get(
      '?select=year,quantity&product=like.*Tinto%200&limit=2',
    );
    expect(statusCode).toBe(200);
    expect(json()).toEqual([
      { year: 1970, quantity: 19720 },
      { year: 1971, quantity: 19730 },
    ]);
    expect(headers['Content-Type']).toBe('application/json; charset=utf-8');
    expect(headers['Content-Range']).toBe('0-1/*');
    expect(headers['Cache-Control']).toBe('private, no-cache');
    expect(headers.Link).toContain('/v1/datasets/embrapa_comercio/versions/2>; rel="describedby"');
    expect(headers.Link).toContain('offset=2>; rel="next"');
    expect(headers['Repr-Digest']).toBe(`sha-256=:${createHash('sha256').update(body).digest('base64')}:`);
    expect(headers.Vary).toMatch(/Accept.*Prefer.*Range.*Accept-Encoding/);
  });

  it('say 206 and the total only where a count was asked for, 200 when all are there, 416 beyond the last', async () => {
    const all = 6 * PER_PRODUCT;
    const exact = { prefer: 'count=exact' };
    const outcome = async (query: string, headers: Record<string, string>, method?: string) => {
      const answer = await records.get(query, headers, method);
      return [answer.statusCode, answer.headers['Content-Range'], answer.headers['Preference-Applied']];
    };
    expect(await outcome('?limit=5', exact)).toEqual([206, `0-4/${all}`, 'count=exact']);
    expect(await outcome('', exact)).toEqual([200, `0-${all - 1}/${all}`, 'count=exact']);
    expect(await outcome('?limit=5', { prefer: 'count=planned' })).toEqual([206, `0-4/${all}`, 'count=planned']);
    expect(await outcome('?year=eq.1970', { prefer: 'count=estimated' })).toEqual([200, '0-5/6', 'count=estimated']);
    expect(await outcome('?year=eq.1970', exact, 'HEAD')).toEqual([200, '0-5/6', 'count=exact']);
    expect(await outcome('?year=eq.1970&limit=2', exact, 'HEAD')).toEqual([206, '0-1/6', 'count=exact']);
    expect(await outcome('?offset=10000', {})).toEqual([200, '*/*', undefined]);
    expect(await outcome('?offset=10000', exact)).toEqual([416, `*/${all}`, 'count=exact']);
    expect(await outcome('', { range: '3-4', 'range-unit': 'items' })).toEqual([200, '3-4/*', undefined]);
    expect(await outcome('', { range: 'bytes=0-9' })).toEqual([200, `0-${all - 1}/*`, undefined]);
    expect(await outcome('?limit=0', { range: '2-9', ...exact })).toEqual([206, `*/${all}`, 'count=exact']);
    for (const range of ['3-4', '9-3'])
      expect(await outcome('', { range, ...exact }, 'HEAD')).toEqual([200, `0-${all - 1}/${all}`, 'count=exact']);
    const { json } = await records.get('', { range: '9-3' });
    expect(json()).toMatchObject({ status: 416, code: 'PGRST103', message: 'Requested range not satisfiable' });
    expect((await records.get('?select=year', exact, 'HEAD')).body).toBe('');
  });

  it('have an ETag of version and query: 304 before anything is read', async () => {
    const { headers } = await records.get('?year=eq.1970');
    reads = 0;
    expect((await records.get('?year=eq.1970', { 'if-none-match': headers.ETag })).statusCode).toBe(304);
    expect(reads).toBe(0);
    expect((await records.get('?year=eq.1971', { 'if-none-match': headers.ETag })).statusCode).toBe(200);
    const counted = await records.get('?year=eq.1970&limit=1', { prefer: 'count=exact' });
    expect(counted.statusCode).toBe(206);
    const again = { prefer: 'count=exact', 'if-none-match': counted.headers.ETag };
    expect((await records.get('?year=eq.1970&limit=1', again)).statusCode).toBe(304);
  });

  it('of an older version are found by number or by time, and those by number never change', async () => {
    const numbered = await records.get('?version=1&select=count()');
    expect(numbered.json()).toEqual([{ count: 4 * PER_PRODUCT }]);
    expect(numbered.headers['Cache-Control']).toContain('immutable');
    const first = new Date(1_800_000_000_001);
    const later = new Date(1_800_000_100_000);
    expect((await records.get(`?as_of=${later.toISOString()}&select=count()`)).body).toBe(numbered.body);
    const negotiated = await records.get('?select=count()', { 'accept-datetime': later.toUTCString() });
    expect(negotiated.body).toBe(numbered.body);
    expect(negotiated.headers['Memento-Datetime']).toBe(first.toUTCString());
    expect(negotiated.headers.Link).toContain('rel="original timegate"');
    const before = await records.get('?as_of=2020-01-31');
    expect([before.statusCode, before.json().message]).toEqual([404, expect.stringContaining(first.toISOString())]);
    for (const time of ['yesterday', 'Sat, 31 Feb 2037 12:00:00 GMT', 'Sat, 31 Jan 2037 24:00:00 GMT'])
      expect((await records.get('', { 'accept-datetime': time })).statusCode).toBe(400);
    expect((await records.get('?version=9')).json()).toMatchObject({ status: 404, code: 'PGRST205' });
    expect((await records.get('?version=1&as_of=2030-01-01')).statusCode).toBe(400);
  });

  it('are pages of one version, however many are published between them', async () => {
    const { get, publish } = await setUp(csv(4));
    const seen: unknown[] = [];
    let path = '?select=product,year&limit=17&order=year.desc';
    let pages = 0;
    for (;;) {
      const { headers, json } = await get(path);
      seen.push(...json());
      await publish(csv(4, pages++ + 10));
      const next = /<\/dev\/v1\/records\/embrapa_comercio([^>]*)>; rel="next"/.exec(headers.Link);
      if (!next) break;
      expect(next[1]).toContain('version=1');
      path = next[1];
    }
    expect(pages).toBe(9);
    expect(new Set(seen.map((row) => JSON.stringify(row))).size).toBe(5 * PER_PRODUCT);
    expect(seen).toHaveLength(5 * PER_PRODUCT);
  });

  it('have a next page however long a list of the query is', async () => {
    const years = Array.from({ length: 950 }, (_, index) => 1970 + index);
    const { statusCode, headers } = await records.get(`?year=in.(${years.join(',')})&limit=1&select=a:product`);
    expect(statusCode).toBe(200);
    const next = /<\/dev\/v1\/records\/embrapa_comercio([^>]*)>; rel="next"/.exec(headers.Link);
    expect((await records.get(next![1])).headers['Content-Range']).toBe('1-1/*');
  });

  it('are one object where exactly one is asked for, without its nulls when they are stripped', async () => {
    const accept = 'application/vnd.pgrst.object+json';
    const one = '?year=eq.1970&product=eq.=Tinto%200&select=year,quantity';
    const { headers, json } = await records.get(one, { accept });
    expect(headers['Content-Type']).toBe('application/vnd.pgrst.object+json; charset=utf-8');
    expect(json()).toEqual({ year: 1970, quantity: 19720 });
    const several = await records.get('?year=eq.1970', { accept });
    expect(several.json()).toMatchObject({ status: 406, code: 'PGRST116', details: 'The result contains 6 rows' });
    const none = await records.get('?year=eq.1', { accept: `${accept};nulls=stripped` });
    expect(none.json()).toMatchObject({ code: 'PGRST116', details: 'The result contains 0 rows' });
    const head = async (query: string) => {
      const { statusCode, body, headers } = await records.get(query, { accept }, 'HEAD');
      return [statusCode, body, headers['Content-Range']];
    };
    expect(await head('?year=eq.1970')).toEqual([406, several.body, undefined]);
    expect(await head(one)).toEqual([200, '{"year":1970,"quantity":19720}', '0-0/*']);
    const part = await records.get('?year=eq.1970&limit=1', { accept, prefer: 'count=exact' });
    expect([part.statusCode, part.headers['Content-Range']]).toEqual([206, '0-0/6']);
  });

  it('come in the format that Accept or the address names, and the formats are named when it is unknown', async () => {
    const types = async (query: string, accept?: string) => {
      const { statusCode, headers } = await records.get(`?limit=2${query}`, accept ? { accept } : {});
      return [statusCode, headers['Content-Type'].split(';')[0]];
    };
    expect(await types('', 'text/html,application/xhtml+xml,*/*;q=0.8')).toEqual([200, 'application/json']);
    expect(await types('', 'text/csv;q=0.5, application/x-ndjson')).toEqual([200, 'application/x-ndjson']);
    expect(await types('&format=parquet', 'text/csv')).toEqual([200, 'application/vnd.apache.parquet']);
    expect(await types('', 'image/png')).toEqual([406, 'application/problem+json']);
    const { json } = await records.get('?format=xml');
    expect(json()).toMatchObject({ code: 'PGRST107', hint: expect.stringContaining('json|ndjson|csv|parquet|xlsx') });
    const texts = async (guard: string) =>
      (await records.get(`?select=product&limit=1&product=like.*T*&format=csv${guard}`)).body;
    expect(await texts('')).toBe("product\r\n'=Tinto 0\r\n");
    expect(await texts('&guard=off')).toBe('product\r\n=Tinto 0\r\n');
    const workbook = await records.get('?format=xlsx&limit=3');
    expect(Buffer.from(workbook.body, 'base64').subarray(0, 2).toString()).toBe('PK');
    expect(workbook.headers['Content-Disposition']).toBe('attachment; filename="embrapa_comercio_v2.xlsx"');
  });

  it('too many to be sent are a 303 to an object with their digest and number, written once', async () => {
    const many = await setUp(csv(59));
    const wide = `?select=${Array(60).fill('*').join(',')}`;
    const { statusCode, headers, json } = await many.get(wide, { prefer: 'count=exact' });
    expect(statusCode).toBe(303);
    expect(headers['Cache-Control']).toBe('no-store');
    const answer = json();
    expect(answer).toMatchObject({ rows: 60 * PER_PRODUCT, dataset: 'embrapa_comercio', version: 1 });
    expect(headers.Location).toMatch(/^memory:exports\/records\/[0-9a-f]{64}\.json/);
    const [key] = await many.objects.list('exports/');
    const bytes = (await many.objects.get(key))!;
    expect(bytes.length).toBe(answer.bytes);
    expect(createHash('sha256').update(bytes).digest('hex')).toBe(answer.sha256);
    expect(JSON.parse(Buffer.from(bytes).toString())).toHaveLength(answer.rows);
    expect((await many.objects.head(key))!.metadata).toEqual({ rows: String(answer.rows), sha256: answer.sha256 });
    reads = 0;
    expect((await many.get(wide)).json()).toMatchObject({ sha256: answer.sha256, rows: answer.rows });
    expect(reads).toBe(0);
    expect(await many.objects.list('exports/')).toHaveLength(1);
  });

  it('R12: are a file for who asks not to be redirected, however few they are, and its address is said', async () => {
    const few = await setUp(csv(3));
    const query = '?select=product,year&limit=3&format=csv';
    const sent = await few.get(query);
    const { statusCode, headers, json } = await few.get(`${query}&redirect=false`, { prefer: 'count=exact' });
    expect([statusCode, headers['Content-Type'], headers['Cache-Control'], headers.Location]).toEqual([
      200,
      'application/vnd.granary.file+json',
      'no-store',
      undefined,
    ]);
    const file = json();
    expect(file).toMatchObject({ rows: 3, dataset: 'embrapa_comercio', version: 1, bytes: sent.body.length });
    const [key] = await few.objects.list('exports/');
    expect(file.location).toContain(`memory:${key}`);
    expect(Buffer.from((await few.objects.get(key))!).toString()).toBe(sent.body);
    // Another time it lies elsewhere; the rows are sent as before to who asks for them.
    const again = await few.get(`${query}&redirect=false`, { 'if-none-match': '*' });
    expect([again.statusCode, again.json().sha256]).toEqual([200, file.sha256]);
    expect((await few.get(query)).body).toBe(sent.body);
    expect(await few.objects.list('exports/')).toHaveLength(1);
    const none = (await few.get('?year=eq.1&format=ndjson&redirect=false')).json();
    expect([none.rows, none.bytes]).toEqual([0, 0]);
    expect((await few.get(`${query}&redirect=no`)).json().errors[0].field).toBe('redirect');
    const one = await few.get('?limit=1&redirect=false', { accept: 'application/vnd.pgrst.object+json' });
    expect(one.json()).toMatchObject({ year: 1970 });
  });

  it('that cannot be asked for so are refused in the words of PostgREST', async () => {
    const refused = async (query: string) => {
      const { statusCode, headers, json } = await records.get(query);
      const { code, hint, detail, message } = json();
      expect(headers['Content-Type']).toBe('application/problem+json');
      expect(detail).toContain(message.slice(0, 20));
      return [statusCode, code, hint];
    };
    expect(await refused('?yeer=eq.1')).toEqual([400, '42703', expect.stringContaining('"year"')]);
    expect((await refused('?year=eq.x'))[1]).toBe('22P02');
    expect((await refused('?year=almost.1'))[1]).toBe('PGRST100');
    expect((await refused('?select=nothing'))[1]).toBe('42703');
    expect(await refused('?version=0')).toEqual([400, 'PGRST100', null]);
    expect((await refused('?guard=maybe'))[0]).toBe(400);
  });

  it.each<[string, string]>([
    ['*,*', '?select=*,*&limit=1'],
    ['1,000 conditions', `?and=(${Array(1000).fill('year.gt.0').join(',')})&limit=1`],
    ['50 levels', `?and=${'(and'.repeat(50)}(year.gt.0)${')'.repeat(50)}`],
    ['a list of 10,000', `?year=in.(${Array.from({ length: 10_000 }, (_, index) => index).join(',')})&limit=1`],
    ['a pattern made to be slow', `?product=ilike.${'*a'.repeat(500)}b`],
    ['NaN', '?quantity=eq.NaN'],
    ['a day that is none', '?processing_date=eq.2026-02-31'],
    ['a day out of range', '?processing_date=gt.999999-01-01'],
    ['a column called select', '?select=eq.1'],
    ['SQL', "?select=*;DROP%20TABLE%20x--&year=eq.1'%20OR%20'1'='1"],
    ['a prototype', '?__proto__=eq.1&constructor=eq.1'],
    ['a nought byte', '?product=eq.%00'],
    ['an endless limit', '?limit=99999999999999999999&offset=-1'],
  ])('answers %s with rows or a 400, not with a failure', async (_what, query) => {
    const { statusCode } = await records.get(query);
    expect([200, 303, 400]).toContain(statusCode);
  });

  it('never fails, whatever is asked', async () => {
    const names = fc.constantFrom(
      'select',
      'year',
      'or',
      'order',
      'limit',
      'offset',
      'version',
      'as_of',
      'format',
      'guard',
      'x',
    );
    const values = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 30 }),
      fc.constantFrom('eq.1', 'not.in.(1,2)', '*', 'year.desc', '(a.eq.1,b.is.null)', 'is.null', '1', 'csv', 'sum()'),
    );
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(names, values), { maxLength: 4 }),
        fc.string({ maxLength: 12 }),
        async (query, range) => {
          const text = query
            .map((pair) => pair.map((part) => encodeURIComponent(part.toWellFormed())).join('='))
            .join('&');
          const { statusCode } = await records.get(`?${text}`, { range, prefer: 'count=exact' });
          expect(statusCode).toBeLessThan(500);
        },
      ),
      { numRuns: 200 },
    );
  });
});

describe('records of a quarantine', () => {
  const SPOILT = csv(3)
    .replace(/(vm_1;.*?;)\d+;/, '$1nonsense;')
    .replace(/(vm_2;.*?;)\d+;/, '$1worse;');
  it('are queried as rows are: what was not published, with line, column, text and reason', async () => {
    const { get } = await setUp(SPOILT);
    const { statusCode, headers, json } = await get('?from=quarantine&order=line&select=line,column,raw,rows');
    expect(statusCode).toBe(200);
    expect(json()).toMatchObject([{ line: 4 }, { line: 5 }]);
    expect(json()[0].raw).toContain('nonsense');
    const rows = json().reduce((sum: number, entry: { rows: number }) => sum + entry.rows, 0);
    expect(headers.Link).toContain('from=quarantine');
    expect((await get('?from=quarantine&raw=like.*worse*&select=line')).json()).toEqual([{ line: 5 }]);
    expect((await get('?from=quarantine&select=rows.sum()')).json()).toEqual([{ sum: rows }]);
    expect((await get('?from=quarantine&format=csv&select=line,positions')).body).toMatch(
      /^line,positions\r\n4,.*\r\n5,.*\r\n$/,
    );
    const etags = [await get('?from=quarantine&limit=1'), await get('?limit=1')].map(({ headers }) => headers.ETag);
    expect(etags[0]).not.toBe(etags[1]);
  });

  it('are made of the quarantine once, however many pages of it are read', async () => {
    const { get, publish } = await setUp(SPOILT);
    gets = 0;
    for (const offset of [0, 1])
      expect((await get(`?from=quarantine&limit=1&offset=${offset}`)).json()).toHaveLength(1);
    expect(gets).toBe(1);
    await publish(SPOILT.replace('nonsense', 'rubbish'));
    expect((await get('?from=quarantine&order=line&limit=1')).json()[0].raw).toContain('rubbish');
    expect((await get('?from=quarantine&order=line&limit=1&version=1')).json()[0].raw).toContain('nonsense');
  });

  it('are read where an earlier release wrote signs that end lines elsewhere', async () => {
    const { get, objects } = await setUp(SPOILT);
    const key = (await objects.list('versions/')).find((one) => one.endsWith('quarantine.ndjson.gz'))!;
    const entry = (line: number) => ({
      line,
      column: null,
      positions: [],
      raw: 'a\u2028b',
      reason: 'It is odd',
      rows: 1,
    });
    await objects.put(key, gzipSync([4, 5].map((line) => `${JSON.stringify(entry(line))}\n`).join('')));
    expect((await get('?from=quarantine&select=raw')).json()).toEqual([{ raw: 'a\u2028b' }, { raw: 'a\u2028b' }]);
    const gzipped = (await objects.get(key))!;
    expect(await ndjsonPage(gzipped, 1, 10)).toEqual({ items: [entry(5)], more: false });
    expect(await quarantineOfLine(gzipped, 4)).toEqual([entry(4)]);
  });

  it('are none where all was published, and have no columns of the rows', async () => {
    const { get } = await setUp(csv(1));
    expect((await get('?from=quarantine')).json()).toEqual([]);
    expect((await get('?from=quarantine&year=eq.1970')).body).toContain('column year does not exist');
    expect((await get('?from=elsewhere')).body).toContain('from: must be rows or quarantine');
  });
});
