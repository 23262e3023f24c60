import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { DuckDBInstance } from '@duckdb/node-api';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { download, EMBRAPA_DATASETS, endedRun, listRuns, planNow, setReplica } from './collecting.ts';
import { ATHENA, itOn, needsLocal } from './needs-local.ts';
import { dropState, eventually, newState, type Stack, startStack } from './stack.ts';

type Role = 'reader' | 'analyst' | 'operator';
type Rows = Record<string, unknown>[];
type Answer = {
  id: string;
  state: string;
  columns: { name: string; type: string }[];
  items: Rows;
  next: string | null;
  bytes_scanned: number;
  reused: boolean;
};
type Problem = { status: number; detail: string; errors?: { field: string; message: string }[] };

const state = newState();
let stack: Stack;

const send = async (
  role: Role | null,
  method: string,
  path: string,
  options: { body?: unknown; headers?: Record<string, string> } = {},
): Promise<Response> =>
  fetch(stack.url(path), {
    method,
    redirect: 'manual',
    headers: {
      ...(role && { authorization: `Bearer ${await stack.token(role)}` }),
      ...(options.body !== undefined && { 'content-type': 'application/json' }),
      ...options.headers,
    },
    ...(options.body !== undefined && { body: JSON.stringify(options.body) }),
  });

const ask = (sql: string, more: Record<string, unknown> = {}, headers: Record<string, string> = {}) =>
  send('analyst', 'POST', '/v1/query', { body: { sql, ...more }, headers });

const query = async (sql: string, more: Record<string, unknown> = {}): Promise<Answer> => {
  const answer = await ask(sql, more);
  const text = await answer.text();
  if (answer.status !== 200) throw new Error(`${sql} → ${answer.status}: ${text.slice(0, 500)}`);
  return JSON.parse(text) as Answer;
};

/** Publishes the next version of embrapa_producao: the same figures in other bytes. */
const publishAgain = async (kind: string): Promise<void> => {
  const [before] = await listRuns(stack);
  await setReplica(stack, { faults: [{ path: '/download/Producao.csv', kind }] });
  await planNow(stack);
  await endedRun(stack, before);
};

beforeAll(async () => {
  // Its queries are looked at in X-Ray as well.
  stack = await startStack({ state, args: ['--tracing'] });
  await endedRun(stack);
}, 540_000);
afterAll(async () => {
  await stack?.stop();
  dropState(state);
}, 90_000);

needsLocal('it asks the X-Ray of this machine').describe('One trace, as npm run trace shows it', () => {
  const traced = async (id: string): Promise<{ title: string; rows: string[] }> => {
    const args = ['scripts/bootstrap.mjs', 'scripts/trace.ts', id, '--state', state];
    const options = { cwd: join(import.meta.dirname, '../..'), maxBuffer: 16 << 20 };
    // What is not in the log yet is no error, and no table.
    const { stdout } = await promisify(execFile)(process.execPath, args, options).catch(() => ({ stdout: '' }));
    const [title = '', , ...rows] = stdout.trimEnd().split('\n');
    return { title, rows: rows.map((row) => row.replace(/ +/g, ' ')) };
  };
  const matching = (rows: readonly string[], pattern: RegExp) => rows.filter((row) => pattern.test(row));

  it('leads from the schedule through the messages to the objects of each dataset', async () => {
    const run = await endedRun(stack);
    const { title, rows } = await traced(run.id);
    expect(title).toMatch(/^Trace 1-[0-9a-f]{8}-[0-9a-f]{24} \(W3C [0-9a-f]{32}\): \d+ spans by X-Ray$/);
    expect(matching(rows, / ok granary-ingestion-local-plan /)).toHaveLength(1);
    expect(matching(rows, / ok 200 SQS SendMessageBatch granary-local-collect$/).length).toBeGreaterThan(0);
    expect(matching(rows, / ok (granary-ingestion-local-collect|message) /).length).toBeGreaterThan(7);
    for (const id of EMBRAPA_DATASETS) {
      const puts = matching(rows, new RegExp(` ok 200 S3 PutObject \\S+/versions/${id}/\\S+/data.parquet$`));
      expect({ id, puts: puts.length }).toEqual({ id, puts: 1 });
    }
  });

  it("leads from a request, by its caller's traceparent or its X-Request-Id, to its queries", async () => {
    const id = '4bf92f3577b34da6a3ce929d0e0e4736';
    const traceparent = `00-${id}-00f067aa0ba902b7-01`;
    const answer = await ask('SELECT count(*) AS n FROM embrapa_producao', {}, { traceparent });
    expect(answer.headers.get('traceparent')).toContain(id);
    const request_id = answer.headers.get('x-request-id')!;
    const seen = await eventually(
      () => traced(request_id),
      ({ rows }) => rows.some((row) => row.includes('POST /v1/query')),
    );
    expect(seen.title).toContain(`(W3C ${id})`);
    expect(await traced(traceparent)).toEqual(seen);
    expect(matching(seen.rows, / ok granary-api-local-query route=POST \/v1\/query$/)).toHaveLength(1);
    const calls = ['StartQueryExecution', 'GetQueryExecution', 'GetQueryResults'].map((call) => `Athena ${call}`);
    for (const call of ['DynamoDB GetItem', ...calls])
      expect({ call, found: matching(seen.rows, new RegExp(` ok 200 ${call}`)).length > 0 }).toEqual({
        call,
        found: true,
      });
  });

  it("leads from an operator's call through its message to the pages it stores", async () => {
    // One fetch at a time.
    await eventually(
      async () => (await stack.json('/v1/runs?kind=users')).items as { state: string }[],
      (runs) => runs.every((run) => run.state !== 'running'),
    );
    const answer = await send('operator', 'POST', '/fetch-data', { body: { users: 10, size: 10 } });
    expect(answer.status).toBe(202);
    const request_id = answer.headers.get('x-request-id')!;
    const { rows } = await eventually(
      () => traced(request_id),
      // A call is sent when it has ended, the function that made it when that has.
      (seen) =>
        seen.rows.some((row) => row.includes('S3 PutObject')) &&
        matching(seen.rows, / ok (granary-ingestion-local-fetch-users|message) /).length > 0,
    );
    expect(matching(rows, / ok granary-api-local-operations route=POST \/fetch-data$/)).toHaveLength(1);
    expect(matching(rows, / ok (granary-ingestion-local-fetch-users|message) /).length).toBeGreaterThan(0);
    expect(matching(rows, / ok 200 S3 PutObject \S+\/raw\/users\//).length).toBe(1);
  });
});

describe('SQL over datasets', () => {
  it('has a table for each dataset, with as many rows as the catalog says', async () => {
    const counts = EMBRAPA_DATASETS.map((id) => `SELECT '${id}' AS id, count(*) AS n FROM ${id}`);
    const { items, columns, next } = await query(`${counts.join(' UNION ALL ')} ORDER BY id`);
    const { items: datasets } = await stack.json('/v1/datasets?limit=100');
    expect(items).toEqual(datasets.map(({ id, rows }: { id: string; rows: number }) => ({ id, n: rows })));
    expect(columns).toEqual([
      { name: 'id', type: expect.stringContaining('varchar') },
      { name: 'n', type: 'bigint' },
    ]);
    expect(next).toBeNull();
  }, 180_000);

  it('gives what DuckDB finds in the very Parquet that can be downloaded', async () => {
    const sql =
      'SELECT section, year, sum(quantity) AS litres, count(*) AS n, max(product) AS last, avg(quantity) AS mean FROM embrapa_producao WHERE NOT is_total AND year BETWEEN :from AND :to GROUP BY section, year ORDER BY section, year';
    const { items } = await query(sql, { parameters: { from: 1980, to: 2020 } });
    const folder = mkdtempSync(join(tmpdir(), 'granary-query-'));
    try {
      const path = join(folder, 'data.parquet');
      writeFileSync(path, await download(stack, 'embrapa_producao', 'format=parquet'));
      const duck = await (await DuckDBInstance.create()).connect();
      await duck.run(`CREATE VIEW embrapa_producao AS FROM read_parquet('${path}')`);
      const reader = await duck.runAndReadAll(sql.replace(':from', '1980').replace(':to', '2020'));
      const expected = reader
        .getRowObjectsJson()
        .map((row) => ({ ...row, litres: Number(row.litres), n: Number(row.n), mean: row.mean }));
      duck.closeSync();
      expect(items.length).toBeGreaterThan(50);
      expect(items).toEqual(expected);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }, 180_000);

  const sql = 'SELECT sum(quantity) AS litres, count(*) AS n FROM embrapa_producao';
  let once: Rows;
  it('gives the same sum after a dataset was published three times', async () => {
    once = (await query(sql)).items;
    await publishAgain('crlf');
    await publishAgain('bom');
    expect((await stack.json('/v1/datasets/embrapa_producao')).latest).toBe(3);
    const again = await query(sql);
    expect(again.items).toEqual(once);
    // A result of the version before is not given again, however young it is.
    expect(again.reused).toBe(false);
  }, 360_000);

  itOn(
    ATHENA,
    'has each version in the history of a dataset',
    async () => {
      const { items } = await query(
        'SELECT version, sum(quantity) AS litres, count(*) AS n FROM embrapa_producao_versions GROUP BY version ORDER BY version',
      );
      expect(items).toEqual([1, 2, 3].map((version) => ({ version, ...once[0] })));
      const { items: one } = await query('SELECT count(*) AS n FROM embrapa_producao_versions WHERE version = :v', {
        parameters: { v: 2 },
      });
      expect(one).toEqual([{ n: once[0].n }]);
    },
    360_000,
  );

  it('walks the pages of a result, each row once, in order', async () => {
    const sql = 'SELECT line, year, product FROM embrapa_producao ORDER BY line, year';
    const rows: Rows = [];
    let page = await query(sql, { limit: 700 });
    for (rows.push(...page.items); page.next !== null; rows.push(...page.items)) {
      const answer = await send(
        'analyst',
        'GET',
        `/v1/query/${page.id}?limit=700&cursor=${encodeURIComponent(page.next)}`,
      );
      expect(answer.status).toBe(200);
      page = (await answer.json()) as Answer;
    }
    const { rows: expected } = await stack.json('/v1/datasets/embrapa_producao');
    expect(rows.length).toBe(expected);
    expect(new Set(rows.map(({ line, year }) => `${line} ${year}`)).size).toBe(expected);
  }, 180_000);

  it('answers 202 where it is not to wait, and the result where Location leads', async () => {
    const started = await ask('SELECT count(*) AS n FROM embrapa_comercio', {}, { prefer: 'respond-async' });
    expect(started.status).toBe(202);
    expect(started.headers.get('preference-applied')).toBe('respond-async');
    const location = started.headers.get('location') as string;
    expect(stack.url(location)).toBe(stack.url(`/v1/query/${((await started.json()) as Answer).id}`));
    const ended = await eventually(
      () => send('analyst', 'GET', location),
      ({ status }) => status !== 202,
    );
    expect(ended.status).toBe(200);
    const { rows } = await stack.json('/v1/datasets/embrapa_comercio');
    expect(((await ended.json()) as Answer).items).toEqual([{ n: rows }]);
  }, 180_000);

  itOn(
    ATHENA,
    'leads to the whole result as CSV',
    async () => {
      const answer = await ask(
        'SELECT product, quantity FROM embrapa_producao WHERE year = 1970 ORDER BY line',
        {},
        { accept: 'text/csv' },
      );
      expect(answer.status).toBe(303);
      const object = await fetch(answer.headers.get('location') as string);
      expect(object.status).toBe(200);
      const lines = (await object.text()).trimEnd().split('\n');
      expect(lines[0]).toBe('"product","quantity"');
      const { items } = await query('SELECT count(*) AS n FROM embrapa_producao WHERE year = 1970');
      expect(lines.length - 1).toBe(items[0].n);
    },
    180_000,
  );

  it('answers what stands in docs/sql.md as it says there', async () => {
    const page = readFileSync(join(import.meta.dirname, '../../docs/sql.md'), 'utf8');
    const bodies = [/-d '([^']*)'/.exec(page)?.[1], /```json\n(\{\s+"sql"[^`]*)```/.exec(page)?.[1]];
    for (const body of bodies) {
      const answer = await send('analyst', 'POST', '/v1/query', { body: JSON.parse(body as string) });
      expect({ body, status: answer.status }).toEqual({ body, status: 200 });
      const { columns, items } = (await answer.json()) as Answer;
      expect(columns).toEqual([
        { name: 'year', type: 'integer' },
        { name: 'litres', type: 'double' },
      ]);
      if (body !== bodies[0]) continue;
      const shown = JSON.parse(/```json\n(\{\s+"id"[^`]*)```/.exec(page)?.[1] as string) as Answer;
      expect([columns, items[0]]).toEqual([shown.columns, shown.items[0]]);
    }
    const list = /`(WHERE product IN [^`]+)`/.exec(page)?.[1];
    const sql = `SELECT DISTINCT product FROM embrapa_producao ${list} ORDER BY product`;
    const { items } = await query(sql, { parameters: { products: 'VINHO DE MESA;Tinto' } });
    expect(items.length).toBeGreaterThan(0);
    const refusal = /`(Line 1, column 8: [^`]+)`/.exec(page)?.[1];
    const refused = await ask('SELECT summ(quantity) FROM embrapa_producao');
    expect(((await refused.json()) as Problem).detail).toBe(refusal);
  }, 180_000);

  itOn(
    ATHENA,
    'answers what docs/sql.md asks of one version of a history',
    async () => {
      const page = readFileSync(join(import.meta.dirname, '../../docs/sql.md'), 'utf8');
      const version = /`(SELECT \* FROM <id>_versions WHERE version = )3`/.exec(page)?.[1] as string;
      expect((await query(`${version.replace('<id>', 'embrapa_comercio')}1`)).items.length).toBeGreaterThan(0);
    },
    180_000,
  );

  it('stops a query that somebody gave up', async () => {
    const many = ['a', 'b', 'c', 'd', 'e'].map((name) => `embrapa_producao ${name}`).join(' CROSS JOIN ');
    const started = await ask(
      `SELECT sum(a.quantity + b.quantity * c.quantity - d.quantity + e.quantity) AS n FROM ${many}`,
      {},
      { prefer: 'wait=1' },
    );
    expect(started.status).toBe(202);
    const location = started.headers.get('location') as string;
    expect((await send('analyst', 'DELETE', location)).status).toBe(200);
    const ended = await eventually(
      () => send('analyst', 'GET', location),
      ({ status }) => status !== 202,
    );
    expect(ended.status).toBe(409);
    expect(((await ended.json()) as Problem).detail).toMatch(/stopped/i);
    // Nobody else has to wait for it.
    expect((await query('SELECT 1 AS one')).items).toEqual([{ one: 1 }]);
  }, 180_000);

  it('is for analysts', async () => {
    for (const [role, status] of [
      [null, 401],
      ['reader', 403],
      ['operator', 403],
    ] as const) {
      expect((await send(role, 'POST', '/v1/query', { body: { sql: 'SELECT 1' } })).status).toBe(status);
      expect((await send(role, 'GET', '/v1/query/123e4567-e89b-42d3-a456-426614174000')).status).toBe(status);
    }
  });

  const refused: [sql: string, named: string][] = [
    ['SELECT 1 -- or not', 'comment'],
    ['SELECT 1 /* or not */', 'comment'],
    ['SELECT 1;', 'semicolon'],
    ['SELECT 1; DROP TABLE embrapa_producao', 'semicolon'],
    ["ATTACH '/etc/passwd' AS x", 'ATTACH'],
    ["SELECT * FROM read_csv('/etc/passwd')", ''],
    ["SELECT read_text('/etc/passwd')", 'read_text'],
    ["SELECT * FROM '/etc/passwd'", ''],
    ['SELECT * FROM "/etc/passwd"', '/etc/passwd'],
    ["COPY embrapa_producao TO '/tmp/out.csv'", 'COPY'],
    ['SELECT * FROM "granary-local-users"', 'granary-local-users'],
    ['SELECT * FROM users', 'users'],
    ['SELECT * FROM information_schema.tables', ''],
    ['SELECT * FROM duckdb_settings()', ''],
    ["SELECT getenv('HOME')", 'getenv'],
    ['DELETE FROM embrapa_producao', 'DELETE'],
    ['CREATE TABLE x AS SELECT 1', 'CREATE'],
    ['SELECT nothing FROM embrapa_producao', 'nothing'],
    ['SELECT * FROM embrapa_producto', 'embrapa_producao'],
    ['SELECT :x', 'x'],
    ['SELEC 1', ''],
    [`SELECT ${'('.repeat(5000)}1${')'.repeat(5000)}`, ''],
    [`SELECT ${'1+'.repeat(100_000)}1`, ''],
    ['', 'sql'],
  ];
  const cases = refused.map(([sql, named]) => ({ sql, named, name: sql.slice(0, 60) }));
  it.each(cases)(
    'refuses `$name` with a 400 that says why',
    async ({ sql, named }) => {
      const answer = await ask(sql);
      const text = await answer.text();
      expect({ status: answer.status, text }).toMatchObject({ status: 400 });
      expect(answer.headers.get('content-type')).toContain('application/problem+json');
      expect(text.toLowerCase()).toContain(named.toLowerCase());
      expect(text).not.toMatch(/root:|s3:\/\/|arn:|\.granary|node_modules/);
    },
    180_000,
  );
});
