import type { AthenaClient } from '@aws-sdk/client-athena';
import { makeAthenaQueryEngine } from '@granary/stores/athena-query-engine';
import { describe, expect, it } from '@jest/globals';
import { callArea } from '../testing/call-area.ts';
import { MINUTE, rowsOf, SQL, START, world } from '../testing/query-world.ts';
import { routes } from './query.ts';

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
