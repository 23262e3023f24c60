import type { AthenaClient } from '@aws-sdk/client-athena';
import { NotFound, TooManyRequests } from '@granary/domain/errors';
import type { SqlDeps } from '@granary/sql/sql-deps';
import { makeAthenaQueryEngine } from '@granary/stores/athena-query-engine';
import { makeMemoryCatalog } from '@granary/stores/memory-catalog';
import { makeMemoryObjectStore } from '@granary/stores/memory-object-store';
import { type MemoryResult, makeMemoryQueryEngine } from '@granary/stores/memory-query-engine';
import { describe, expect, it } from '@jest/globals';
import { callArea } from '../testing/call-area.ts';
import { publishCsv } from '../testing/publish-csv.ts';
import { routes } from './query.ts';

const CSV = 'id;control;produto;1970\n1;VINHO DE MESA;VINHO DE MESA;1000\n2;vm_Tinto;Tinto;900\n';
const SQL = 'SELECT year, quantity FROM embrapa_comercio';
const START = Date.parse('2026-11-20T12:00:00Z');
const MINUTE = 60_000;

const rowsOf = (count: number, text = 'x'): MemoryResult => ({
  columns: [
    { name: 'n', type: 'integer' },
    { name: 'word', type: 'varchar' },
  ],
  rows: Array.from({ length: count }, (_, index) => [String(index), text]),
});

type World = { answer?: (sql: string) => MemoryResult; changed?: number | undefined; groups?: readonly string[] };
const world = async ({ answer = () => rowsOf(3), groups = ['analysts'], ...rest }: World = {}) => {
  const catalog = makeMemoryCatalog();
  const objects = makeMemoryObjectStore();
  await publishCsv({ catalog, objects }, 'embrapa_comercio', CSV);
  let now = START;
  const clock = () => now;
  const sent: { sql: string; reuse_minutes: number }[] = [];
  const slept: number[] = [];
  const memory = makeMemoryQueryEngine({ answer, now: clock, objects });
  const deps: SqlDeps = {
    catalog,
    engine: {
      ...memory,
      start: (query) => {
        sent.push(query);
        return memory.start(query);
      },
    },
    objects,
    times: { changedAt: async () => ('changed' in rest ? rest.changed : START - 1000 * MINUTE) },
    clock,
    sleep: async (ms) => {
      slept.push(ms);
      now += ms;
    },
    limits: { seconds: 300, reuse_minutes: 60, bytes: 1_073_741_824 },
  };
  const lines: string[] = [];
  const call = callArea(deps, routes, groups, (line) => lines.push(line));
  const post = (body: object, headers: Record<string, string> = {}, path = '/v1/query') =>
    call(path, { method: 'POST', headers, body: JSON.stringify(body) });
  const started = async (body: object = { sql: SQL }) =>
    (await post(body, { prefer: 'respond-async' })).json().id as string;
  const pass = (ms: number): void => {
    now += ms;
  };
  return { call, post, started, sent, slept, lines, deps, catalog, objects, pass };
};

describe('a query', () => {
  it.each(['GET', 'DELETE'])(
    '%s of one that the function may not see is our failure, and the log says why',
    async (method) => {
      const message =
        'is not authorized to perform: athena:GetQueryExecution on resource: arn:aws:athena:x:1:workgroup/ours';
      const denied = Object.assign(new Error(message), {
        name: 'AccessDeniedException',
        $fault: 'client',
        $metadata: { httpStatusCode: 400, requestId: 'R1' },
      });
      const { deps } = await world();
      const client = { send: () => Promise.reject(denied) } as unknown as AthenaClient;
      const engine = makeAthenaQueryEngine({ client, workgroup: 'ours', database: 'd', bucket: 'b' });
      const lines: string[] = [];
      const call = callArea({ ...deps, engine }, routes, ['analysts'], (line) => lines.push(line));
      const answer = await call('/v1/query/00000000-0000-0000-0000-000000000000', { method });
      expect(answer.json()).toMatchObject({ status: 500, type: 'urn:granary:problem:internal' });
      expect(JSON.stringify(answer.json())).not.toContain('authorized');
      const failed = lines.map((line) => JSON.parse(line)).find((line) => line.message === 'request failed');
      expect(failed.error).toMatchObject({ name: 'AccessDeniedException', message, request_id: 'R1' });
    },
  );

  it('is answered with typed columns, rows as objects, and where it can be asked for again', async () => {
    const { post } = await world({
      answer: () => ({
        columns: [
          { name: 'big', type: 'bigint' },
          { name: 'price', type: 'decimal(38,2)' },
          { name: 'half', type: 'double' },
          { name: 'none', type: 'double' },
          { name: 'yes', type: 'boolean' },
          { name: 'day', type: 'date' },
          { name: 'moment', type: 'timestamp' },
          { name: 'zoned', type: 'timestamp with time zone' },
          { name: 'exact', type: 'timestamp(6)' },
          { name: 'list', type: 'array' },
          { name: '"odd" ç', type: 'varchar' },
          { name: '__proto__', type: 'real' },
        ],
        rows: [
          [
            '9007199254740993',
            '123456789012345678901234567890.10',
            '1.0E10',
            'NaN',
            'true',
            '1970-01-31',
            '2020-01-02 03:04:05.000',
            '2020-01-02 03:04:05.678 UTC',
            '2020-01-02 03:04:05.000001',
            '[1, 2]',
            'a "b"\n',
            '-Infinity',
          ],
          [null, null, null, null, null, null, null, null, null, null, '', null],
        ],
        bytes_scanned: 1234,
      }),
    });
    const { statusCode, headers, body, json } = await post({ sql: SQL });
    const { id } = json();
    expect(statusCode).toBe(200);
    expect(id).toMatch(/^[0-9a-f-]{36}$/);
    expect(headers.Location).toBe(`/dev/v1/query/${id}`);
    expect(headers['Cache-Control']).toBe('no-store');
    expect(headers['Content-Type']).toBe('application/json; charset=utf-8');
    expect(json()).toMatchObject({
      state: 'succeeded',
      next: null,
      bytes_scanned: 1234,
      duration_ms: 0,
      reused: false,
    });
    expect(json().columns[1]).toEqual({ name: 'price', type: 'decimal(38,2)' });
    expect(body).toContain(
      '{"big":9007199254740993,"price":123456789012345678901234567890.10,"half":10000000000,"none":"NaN","yes":true,"day":"1970-01-31",' +
        '"moment":"2020-01-02T03:04:05.000Z","zoned":"2020-01-02T03:04:05.678Z","exact":"2020-01-02T03:04:05.000001Z","list":"[1, 2]",' +
        '"\\"odd\\" ç":"a \\"b\\"\\n","__proto__":"-Infinity"}',
    );
    expect(Object.values(json().items[1])).toEqual([...Array(10).fill(null), '', null]);
  });

  it('is for analysts', async () => {
    for (const groups of [['readers'], ['operators'], []]) {
      const { post, call, sent } = await world({ groups });
      expect((await post({ sql: SQL })).statusCode).toBe(403);
      const id = '00000000-0000-4000-8000-000000000000';
      for (const method of ['GET', 'DELETE']) expect((await call(`/v1/query/${id}`, { method })).statusCode).toBe(403);
      expect(sent).toEqual([]);
    }
  });

  it('is refused where the body does not fit', async () => {
    const { post, sent } = await world();
    const bodies = [
      {},
      { sql: '' },
      { sql: 'x'.repeat(20_001) },
      { sql: 5 },
      { sql: SQL, limit: 0 },
      { sql: SQL, limit: 1001 },
      { sql: SQL, limit: '10' },
      { sql: SQL, other: 1 },
      { sql: SQL, parameters: { x: [1] } },
      { sql: SQL, parameters: { x: 'y'.repeat(10_001) } },
      { sql: SQL, parameters: { X: 1 } },
      { sql: SQL, parameters: { "x'; DROP": 1 } },
      { sql: SQL, parameters: Object.fromEntries(Array.from({ length: 101 }, (_, n) => [`p${n}`, n])) },
    ];
    for (const body of bodies) {
      const { statusCode, json } = await post(body);
      expect({ body, statusCode }).toEqual({ body, statusCode: 400 });
      expect(json().errors.length).toBeGreaterThan(0);
    }
    expect(sent).toEqual([]);
  });

  it('is sent with its parameters written in, and logged without its text', async () => {
    const { post, sent, lines } = await world();
    await post({ sql: `${SQL} WHERE product = :name`, parameters: { name: 'secret of mine' } });
    expect(sent[0]?.sql).toContain("'secret of mine'");
    const text = lines.join('\n');
    expect(text).not.toContain('secret');
    expect(text).not.toContain('SELECT');
    const line = lines.map((one) => JSON.parse(one)).find(({ message }) => message === 'query started');
    expect(line).toMatchObject({ by: '1', tables: ['embrapa_comercio'], characters: SQL.length + 22 });
  });

  it('of a table that there is not is refused with those like it', async () => {
    const { post, catalog, sent } = await world();
    const detail = async (table: string) => {
      const { statusCode, json } = await post({ sql: `SELECT a FROM ${table}` });
      expect([table, statusCode]).toEqual([table, 400]);
      return json().detail;
    };
    expect(await detail('embrapa_comerico')).toContain("perhaps you mean 'embrapa_comercio'");
    expect(await detail('comercio_versions')).toContain("perhaps you mean 'embrapa_comercio'");
    expect(await detail(`"${'x'.repeat(5000)}"`)).toMatch(/There is no table 'x{128}'/);
    expect(await detail('_versions')).toContain("There is no table '_versions'");
    expect(await detail('users')).toMatch(/There is no table 'users'\. .*\/v1\/datasets/);
    const { title, description, publisher, theme, tags, licence, source, source_url, fields, key } =
      (await catalog.getDataset('embrapa_comercio'))!;
    await catalog.describeDataset({
      id: 'young',
      title,
      description,
      publisher,
      theme,
      tags,
      licence,
      source,
      source_url,
      fields,
      key,
    });
    expect(await detail('young')).toContain('not been published yet');
    const many = Array.from({ length: 21 }, (_, n) => `t${n}`);
    expect(await detail(many.join(', '))).toContain('20 are the most');
    expect(sent).toEqual([]);
    expect((await post({ sql: 'SELECT a FROM embrapa_comercio_versions' })).statusCode).toBe(200);
  });

  it('of a table that is not made yet is refused with where its rows are', async () => {
    const { post } = await world({ changed: undefined });
    const { statusCode, json } = await post({ sql: SQL });
    expect([statusCode, json().detail]).toEqual([400, expect.stringContaining('/v1/records/embrapa_comercio')]);
  });
});

describe('a result of before', () => {
  const minutes = async (changed: number, sql = SQL, headers: Record<string, string> = {}) => {
    const { post, sent } = await world({ changed });
    await post({ sql }, headers);
    return sent[0]?.reuse_minutes;
  };

  it('may be given again only when it ended long enough after the tables changed that nobody planned it before', async () => {
    expect(await minutes(START - 1000 * MINUTE)).toBe(60);
    expect(await minutes(START - 45 * MINUTE)).toBe(13);
    expect(await minutes(START - 33 * MINUTE + 1)).toBe(0);
    expect(await minutes(START)).toBe(0);
    expect(await minutes(START + MINUTE)).toBe(0);
  });

  it('is not given where the query answers otherwise each time, or where none is wanted', async () => {
    const long_ago = START - 1000 * MINUTE;
    expect(await minutes(long_ago, `SELECT now() AS t FROM embrapa_comercio`)).toBe(0);
    expect(await minutes(long_ago, SQL, { 'cache-control': 'no-cache' })).toBe(0);
    expect(await minutes(long_ago, SQL, { 'cache-control': 'max-age=0, no-cache' })).toBe(0);
    expect(await minutes(long_ago, 'SELECT 1 AS one')).toBe(60);
  });

  it('is said to be one', async () => {
    const { post } = await world();
    await post({ sql: SQL });
    expect((await post({ sql: SQL })).json()).toMatchObject({ reused: true, bytes_scanned: 0 });
  });
});

describe('waiting for a query', () => {
  const slow = (ms: number) => ({ answer: () => ({ ...rowsOf(1), ms }) });

  it('looks often at first, and gives up after twenty seconds with 202 and the way to ask again', async () => {
    const { post, slept } = await world(slow(19_000));
    expect((await post({ sql: SQL })).json()).toMatchObject({ state: 'succeeded', duration_ms: 19_000 });
    expect(slept.slice(0, 3)).toEqual([50, 75, 112.5]);
    expect(Math.max(...slept)).toBe(500);

    const longer = await world(slow(25_000));
    const { statusCode, headers, json } = await longer.post({ sql: SQL });
    const { id } = json();
    expect(statusCode).toBe(202);
    expect(json()).toEqual({ id, state: 'running', submitted_at: '2026-11-20T12:00:00.000Z', duration_ms: 20_000 });
    expect([headers.Location, headers['Retry-After'], headers['Preference-Applied']]).toEqual([
      `/dev/v1/query/${id}`,
      '1',
      undefined,
    ]);
    longer.pass(10_000);
    expect((await longer.call(`/v1/query/${id}`)).statusCode).toBe(200);
  });

  it('is as long as the caller prefers, and not at all where that is preferred', async () => {
    const outcome = async (prefer: string) => {
      const { post, slept } = await world(slow(10_000));
      const { statusCode, headers } = await post({ sql: SQL }, { prefer });
      return [statusCode, Math.round(slept.reduce((sum, ms) => sum + ms, 0)), headers['Preference-Applied']];
    };
    expect(await outcome('wait=2')).toEqual([202, 2000, 'wait=2']);
    expect((await outcome('wait=100'))[0]).toBe(200);
    expect((await outcome('wait=100'))[2]).toBe('wait=20');
    expect(await outcome('wait=0')).toEqual([202, 0, 'wait=0']);
    expect(await outcome('respond-async')).toEqual([202, 0, 'respond-async']);
    expect(await outcome('Respond-Async, wait=3')).toEqual([202, 3000, 'respond-async, wait=3']);
    expect((await outcome('respond-async; x=1, wait="15"'))[2]).toBe('wait=15');
    expect((await outcome('wait=soon, handling=lenient'))[2]).toBeUndefined();
  });

  it('can go on later, as long as is preferred then', async () => {
    const { call, started } = await world(slow(5000));
    const id = await started();
    const { statusCode, headers } = await call(`/v1/query/${id}`);
    expect([statusCode, headers.Location, headers['Retry-After']]).toEqual([202, `/dev/v1/query/${id}`, '1']);
    const later = await call(`/v1/query/${id}`, { headers: { prefer: 'wait=6' } });
    expect([later.statusCode, later.headers['Preference-Applied']]).toEqual([200, 'wait=6']);
  });
});

describe('a query that was started and cannot be followed', () => {
  it('is answered with its id, to be asked about later', async () => {
    const { post, call, deps, lines } = await world();
    const { status } = deps.engine;
    deps.engine.status = async () => Promise.reject(new Error('too many looks'));
    const { statusCode, json } = await post({ sql: SQL });
    expect([statusCode, json().state]).toEqual([202, 'queued']);
    expect(lines.join('')).toContain('too many looks');
    deps.engine.status = status;
    expect((await call(`/v1/query/${json().id}`)).statusCode).toBe(200);
  });
});

describe('pages of a result', () => {
  type Item = { n: number; word: string };
  const walk = async (given: Awaited<ReturnType<typeof world>>, first: Awaited<ReturnType<typeof given.post>>) => {
    const pages: Item[][] = [];
    for (let page = first; ; ) {
      expect(page.statusCode).toBe(200);
      const answered = page.isBase64Encoded ? JSON.parse(Buffer.from(page.body, 'base64').toString()) : page.json();
      pages.push(answered.items);
      const link = page.headers.Link;
      expect(link === undefined).toBe(answered.next === null);
      if (!link) return pages;
      const path = /^<\/dev([^>]+)>; rel="next"$/.exec(link)?.[1] as string;
      expect(new URL(path, 'http://x').searchParams.get('cursor')).toBe(answered.next);
      page = await given.call(path);
    }
  };

  it('follow one another by cursor and by link', async () => {
    const given = await world({ answer: () => rowsOf(25) });
    const pages = await walk(given, await given.post({ sql: SQL, limit: 10 }));
    expect(pages.map((items) => items.length)).toEqual([10, 10, 5]);
    expect(pages.flat().map(({ n }) => n)).toEqual(Array.from({ length: 25 }, (_, n) => n));
  });

  it('are cut where they would be too big to be sent, and have every row once', async () => {
    const given = await world({ answer: () => rowsOf(2500, 'é'.repeat(5000)) });
    const pages = await walk(given, await given.post({ sql: SQL }));
    expect(pages.length).toBeGreaterThan(5);
    expect(pages.flat().map(({ n }) => n)).toEqual(Array.from({ length: 2500 }, (_, n) => n));
    const sizes = pages.map((items) => Buffer.byteLength(JSON.stringify(items)));
    expect(Math.max(...sizes)).toBeLessThanOrEqual(4 * 2 ** 20);
  });

  it('are refused for a cursor that is not theirs, and for a row that is too big alone', async () => {
    const { call, started } = await world();
    const id = await started();
    const cursor = (place: unknown) => Buffer.from(JSON.stringify(place)).toString('base64url');
    for (const text of ['x', cursor({ from: 'garbage', skip: 0 }), cursor({ from: null, skip: 1000 }), cursor(1)])
      expect((await call(`/v1/query/${id}?cursor=${text}`)).statusCode).toBe(400);
    const big = await world({ answer: () => rowsOf(1, 'x'.repeat(5_000_000)) });
    const { statusCode, json } = await big.post({ sql: SQL });
    expect([statusCode, json().detail]).toEqual([
      400,
      expect.stringMatching(/too big.*\/v1\/query\/[0-9a-f-]+\?format=csv/),
    ]);
  });

  it('cannot have two columns of one name, which CSV can', async () => {
    const { post, call } = await world({
      answer: () => ({
        columns: [
          { name: 'a', type: 'integer' },
          { name: 'a', type: 'integer' },
        ],
        rows: [['1', '2']],
      }),
    });
    const { statusCode, json } = await post({ sql: SQL });
    expect([statusCode, json().detail]).toEqual([
      400,
      expect.stringContaining("called 'a'. Name one of them otherwise with AS"),
    ]);
    expect((await call(`/v1/query/${json().query}?format=csv`)).statusCode).toBe(303);
  });
});

describe('a result as CSV', () => {
  it('is a redirect to the object, by format or by Accept', async () => {
    const { post, call } = await world();
    const ways: [string, Record<string, string>][] = [
      ['/v1/query?format=csv', {}],
      ['/v1/query', { accept: 'text/csv' }],
      ['/v1/query', { accept: 'text/csv, application/json;q=0.5' }],
      ['/v1/query', { accept: 'text/csv, */*' }],
    ];
    for (const [path, headers] of ways) {
      const answer = await post({ sql: SQL }, headers, path);
      expect([path, headers, answer.statusCode]).toEqual([path, headers, 303]);
      expect(answer.headers.Location).toMatch(/exports\/queries\/[0-9a-f-]{36}\.csv/);
      expect([answer.json().location, answer.headers['Cache-Control']]).toEqual([answer.headers.Location, 'no-store']);
    }
    for (const accept of ['*/*', 'application/json', 'application/json, text/csv', 'text/csv;q=0', 'image/png'])
      expect((await post({ sql: SQL }, { accept })).statusCode).toBe(200);
    const { id } = (await post({ sql: SQL })).json();
    expect((await call(`/v1/query/${id}?format=csv`, { method: 'HEAD' })).statusCode).toBe(303);
    expect((await post({ sql: SQL }, { accept: 'text/csv' }, '/v1/query?format=json')).statusCode).toBe(200);
    expect((await post({ sql: SQL }, {}, '/v1/query?format=xml')).statusCode).toBe(400);
  });

  it('R12: is where the object lies for who asks not to be redirected', async () => {
    const { post, call } = await world();
    const answer = await post({ sql: SQL }, {}, '/v1/query?format=csv&redirect=false');
    expect([answer.statusCode, answer.headers['Content-Type'], answer.headers.Location]).toEqual([
      200,
      'application/vnd.granary.file+json',
      undefined,
    ]);
    const { query, location, bytes } = answer.json();
    expect([location, bytes]).toEqual([expect.stringContaining(`${query}.csv`), expect.any(Number)]);
    expect((await call(`/v1/query/${query}?format=csv&redirect=false`)).json()).toMatchObject({ query, bytes });
    expect((await call(`/v1/query/${query}?redirect=false`)).json().items).toBeDefined();
  });

  it('is not there any more when it has expired', async () => {
    const { call, started, objects, deps } = await world();
    const id = await started();
    await objects.delete(await objects.list('exports/'));
    expect((await call(`/v1/query/${id}?format=csv`)).statusCode).toBe(404);
    deps.engine.page = async () => Promise.reject(new NotFound('gone'));
    expect((await call(`/v1/query/${id}`)).statusCode).toBe(404);
  });
});

describe('a query that fails', () => {
  const failing = (by: 'query' | 'limit' | 'engine', message: string) => ({
    answer: () => ({ failure: { by, message } }),
  });

  it('says what to do when it wanted too much memory', async () => {
    const { post } = await world(failing('query', 'Query exhausted resources at this scale factor'));
    const { statusCode, json } = await post({ sql: SQL });
    expect([statusCode, json().detail]).toEqual([
      400,
      'Query exhausted resources at this scale factor. Ask for less: filter early, join fewer tables, or name fewer columns.',
    ]);
  });

  it('names the columns that there are where one is not, and the near ones', async () => {
    const { post } = await world(failing('query', "COLUMN_NOT_FOUND: line 1:8: Column 'qantity' cannot be resolved"));
    const { status, detail, query, errors } = (
      await post({ sql: 'SELECT qantity FROM embrapa_comercio_versions' })
    ).json();
    expect({ status, query }).toEqual({ status: 400, query: expect.any(String) });
    expect(detail).toMatch(
      /^COLUMN_NOT_FOUND: line 1:8: Column 'qantity' cannot be resolved\. Perhaps you mean 'quantity'\. Columns of embrapa_comercio: .*quantity/,
    );
    expect(errors).toEqual([{ field: 'sql', message: detail }]);
  });

  it('says why when it is its own fault, without what is ours', async () => {
    const { post } = await world(
      failing(
        'query',
        'TYPE_MISMATCH: line 1:8: \'+\' cannot be applied to integer, varchar in s3://granary-000000000000-us-east-1-dev-data/versions/x/data.parquet (arn:aws:s3:::granary-000000000000-us-east-1-dev-data, Service: Amazon S3; Status Code: 403; Request ID: ABC; Extended Request ID: abc=)\nThis query ran against the "granary_dev" database, unless qualified by the query. Please contact customer support with Query Id: 1',
      ),
    );
    const { statusCode, json, body } = await post({ sql: SQL });
    expect(statusCode).toBe(400);
    expect(json().detail).toContain("TYPE_MISMATCH: line 1:8: '+' cannot be applied to integer, varchar");
    expect(json().query).toMatch(/^[0-9a-f-]{36}$/);
    for (const inner of ['s3:', 'arn:', 'granary-0', 'data.parquet', 'Request ID', 'granary_dev', 'customer'])
      expect(body).not.toContain(inner);
  });

  it('says how much it may read when it read too much', async () => {
    const { post } = await world(failing('limit', 'Bytes scanned limit was exceeded'));
    const { statusCode, json } = await post({ sql: SQL });
    expect([statusCode, json().detail]).toEqual([400, expect.stringMatching(/1073741824 bytes.*\/v1\/records/)]);
  });

  it('is the engine that fails, which callers are told and operators can read', async () => {
    const { post, lines } = await world(failing('engine', "INTERNAL_ERROR in /var/lib/node7: 'it''s mine', 'x"));
    const { statusCode, json, body } = await post({ sql: SQL });
    expect([statusCode, json().type]).toEqual([502, 'urn:granary:problem:query-engine-failed']);
    expect(body).not.toContain('node7');
    expect(lines.join('')).toContain('node7');
    // What may be of the query's own text is not.
    expect(lines.join('')).not.toContain('mine');
  });

  it('is not started while there is too much to do, and says when to try again', async () => {
    const busy = Object.assign(new TooManyRequests('busy'), { headers: { 'Retry-After': '5' } });
    const { post } = await world({
      answer: () => {
        throw busy;
      },
    });
    const { statusCode, headers } = await post({ sql: SQL });
    expect([statusCode, headers['Retry-After']]).toEqual([429, '5']);
  });
});

describe('stopping a query', () => {
  const slow = { answer: () => ({ ...rowsOf(1), ms: 10 * MINUTE }) };

  it('ends it, once and again, and its answer is a conflict then', async () => {
    const { call, started, pass, lines } = await world(slow);
    const id = await started();
    pass(2000);
    for (let times = 0; times < 2; times++) {
      const { statusCode, json, headers } = await call(`/v1/query/${id}`, { method: 'DELETE' });
      expect([statusCode, json(), headers['Cache-Control']]).toEqual([200, { id, state: 'cancelled' }, 'no-store']);
    }
    expect(lines.filter((line) => line.includes('query stopped'))).toHaveLength(1);
    const { statusCode, json } = await call(`/v1/query/${id}`);
    expect([statusCode, json()]).toEqual([
      409,
      expect.objectContaining({
        type: 'urn:granary:problem:query-stopped',
        query: id,
        detail: `The query '${id}' was stopped.`,
      }),
    ]);
  });

  it('leaves what has ended as it is', async () => {
    const { call, started } = await world();
    const id = await started();
    expect((await call(`/v1/query/${id}`, { method: 'DELETE' })).json()).toEqual({ id, state: 'succeeded' });
    expect((await call(`/v1/query/${id}`)).statusCode).toBe(200);
  });

  it('happens to one that runs too long, when it is asked about', async () => {
    const { call, started, pass, deps } = await world(slow);
    const id = await started();
    pass(301_000);
    const { statusCode, json } = await call(`/v1/query/${id}`);
    expect([statusCode, json().detail]).toEqual([409, expect.stringContaining('ran longer than 300 s')]);
    expect((await deps.engine.status(id))?.state).toBe('cancelled');
    expect((await call(`/v1/query/${id}`)).json().detail).toContain('ran longer than 300 s');
  });

  it('and asking are 404 for what is not there, and 400 for what is no id', async () => {
    const { call } = await world();
    for (const method of ['GET', 'DELETE']) {
      expect((await call('/v1/query/00000000-0000-4000-8000-000000000000', { method })).statusCode).toBe(404);
      expect((await call('/v1/query/nothing', { method })).statusCode).toBe(400);
    }
  });
});
