import { NotFound, TooManyRequests } from '@granary/domain/errors';
import { describe, expect, it } from '@jest/globals';
import { MINUTE, rowsOf, SQL, world } from '../testing/query-world.ts';

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
