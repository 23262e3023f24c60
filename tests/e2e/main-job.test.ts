import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { DuckDBInstance } from '@duckdb/node-api';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { download, EMBRAPA_DATASETS, endedRun, expectBalanced, listRuns, planNow } from './collecting.ts';
import { compareWithDuckDb } from './compare-with-duckdb.ts';
import { needsLocal } from './needs-local.ts';
import { dropState, isFree, newState, portsOf, type Stack, startStack } from './stack.ts';

/** One stack for the story a newcomer lives through; the tests run in this order and build on one another. */
describe('npm start', () => {
  const state = newState();
  let stack: Stack;
  const first = new Map<string, string>();

  beforeAll(async () => {
    stack = await startStack({ state });
  }, 360_000);
  afterAll(async () => {
    await stack?.stop();
    dropState(state);
  }, 90_000);

  it('collects the 15 datasets once', async () => {
    const run = await endedRun(stack);
    expect(run.state).toBe('succeeded');
    expect(run.versions).toHaveLength(15);
    expectBalanced(run);
    const { items } = await stack.json('/v1/datasets?limit=100');
    expect(items.map((dataset: { id: string }) => dataset.id).sort()).toEqual(EMBRAPA_DATASETS);
  }, 360_000);

  needsLocal('it reads what npm start prints').it('says so in a summary with one address', () => {
    expect(stack.output()).toContain(`http://localhost:${stack.port}`);
    expect(stack.output()).toMatch(/15 datasets/);
  });

  it('profiles and counts the values of every dataset as DuckDB does', async () => {
    const { datasets, columns, differences } = await compareWithDuckDb((path) => stack.json(path));
    expect(differences).toEqual([]);
    expect(datasets).toHaveLength(15);
    expect(columns).toBeGreaterThan(75);
  }, 120_000);

  it('serves the wide routes with the sections and key order of the file', async () => {
    const production = await (await stack.get('/producaoCSV')).text();
    expect(Object.keys(JSON.parse(production))).toEqual([
      'VINHO DE MESA',
      'VINHO FINO DE MESA (VINIFERA)',
      'SUCO',
      'DERIVADOS',
    ]);
    expect(production).toMatch(/^\{"VINHO DE MESA":\[\{"produto":"VINHO DE MESA","1970":/);
    const commerce = JSON.parse(await (await stack.get('/comercializacaoCSV')).text());
    expect(Object.keys(commerce)).toContain('OUTROS PRODUTOS COMERCIALIZADOS');
    expect(commerce['OUTROS PRODUTOS COMERCIALIZADOS'][0].produto).toBe('OUTROS PRODUTOS COMERCIALIZADOS');
    const imports = await (await stack.get('/importacaoCSV/tipo/Vinhos')).text();
    expect(imports).toMatch(/^\[\{"pais":"[^"]+","1970":[^,]+,"1970_usd":[^,]+,"1971":/);
    for (const path of [
      '/processamentoCSV/tipo/Viniferas',
      '/processamentoCSV/tipo/Semclass',
      '/exportacaoCSV/tipo/Uva',
    ]) {
      expect((await stack.get(path)).status).toBe(200);
    }
  });

  it('names the known types when a type is unknown', async () => {
    const answer = await stack.get('/importacaoCSV/tipo/Cerveja');
    expect(answer.status).toBe(404);
    expect(answer.headers.get('content-type')).toContain('application/problem+json');
    const problem = (await answer.json()) as { detail: string };
    for (const type of ['Vinhos', 'Espumantes', 'Frescas', 'Passas', 'Suco']) expect(problem.detail).toContain(type);
  });

  it('refuses requests without a token, with a changed token, and forged claims', async () => {
    const bare = (path: string, headers: Record<string, string> = {}) => fetch(stack.url(path), { headers });
    const [head, payload, signature] = (await stack.token()).split('.');
    const claims = JSON.parse(Buffer.from(payload, 'base64url').toString());
    const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
    const forged = { 'sls-offline-authorizer-override': JSON.stringify({ claims }) };
    const bad = {
      'nothing at all': {},
      'the override header of serverless-offline': forged,
      'a changed payload': {
        authorization: `Bearer ${head}.${encode({ ...claims, 'cognito:groups': ['operators'] })}.${signature}`,
      },
      'alg none': { authorization: `Bearer ${encode({ alg: 'none', typ: 'JWT' })}.${payload}.` },
      'another issuer': {
        authorization: `Bearer ${head}.${encode({ ...claims, iss: 'https://example.org' })}.${signature}`,
      },
      'no token but a word': { authorization: 'Bearer nonsense' },
    };
    for (const [what, headers] of Object.entries(bad)) {
      const answer = await bare('/v1/datasets', headers as Record<string, string>);
      expect({ what, status: answer.status }).toEqual({ what, status: 401 });
    }
    const health = await bare('/health');
    expect(health.status).toBe(200);
    const reader = await stack.get('/v1/datasets', forged);
    expect(reader.status).toBe(200);
  });

  it('answers 304 to a known ETag, HEAD without a body, and gzip when asked', async () => {
    const answer = await stack.get('/producaoCSV', { 'accept-encoding': 'gzip' });
    expect(answer.headers.get('content-encoding')).toBe('gzip');
    const etag = answer.headers.get('etag') as string;
    expect(etag).toBeTruthy();
    expect((await stack.get('/producaoCSV', { 'if-none-match': etag })).status).toBe(304);
    const head = await fetch(stack.url('/producaoCSV'), {
      method: 'HEAD',
      headers: { authorization: `Bearer ${await stack.token()}` },
    });
    expect(head.status).toBe(200);
    expect(await head.text()).toBe('');
  });

  it('holds equal rows in Parquet, CSV and the API, with hashes that match', async () => {
    const db = await (await DuckDBInstance.create(':memory:')).connect();
    for (const dataset of EMBRAPA_DATASETS) {
      const version = await stack.json(`/v1/datasets/${dataset}/versions/1`);
      const parquet = await download(stack, dataset, 'format=parquet&version=1');
      const csv = await download(stack, dataset, 'format=csv&version=1');
      first.set(dataset, createHash('sha256').update(parquet).digest('hex'));
      expect(first.get(dataset)).toBe(version.files['data.parquet'].sha256);
      const plain = csv[0] === 0x1f && csv[1] === 0x8b ? gunzipSync(csv) : Buffer.from(csv);
      const [a, b] = [join(state, 'check.parquet'), join(state, 'check.csv.gz')];
      writeFileSync(a, parquet);
      writeFileSync(b, gzipSync(plain));
      const types = await db.runAndReadAll(`DESCRIBE SELECT * FROM '${a}'`);
      const columns = types.getRowObjects().map((row) => `'${row.column_name}': '${row.column_type}'`);
      const fromCsv = `read_csv('${b}', header = true, nullstr = '', columns = {${columns.join(', ')}})`;
      const differing = await db.runAndReadAll(
        `SELECT count(*) AS n FROM ((SELECT * FROM '${a}' EXCEPT ALL SELECT * FROM ${fromCsv}) UNION ALL (SELECT * FROM ${fromCsv} EXCEPT ALL SELECT * FROM '${a}'))`,
      );
      expect({ dataset, differing: Number(differing.getRowObjects()[0].n) }).toEqual({ dataset, differing: 0 });
      const rows = Number((await db.runAndReadAll(`SELECT count(*) AS n FROM '${a}'`)).getRowObjects()[0].n);
      expect({ dataset, rows }).toEqual({ dataset, rows: version.counts.rows_published });
    }
    // The API's wide answer, long again, is the Parquet's rows.
    writeFileSync(join(state, 'check.parquet'), await download(stack, 'embrapa_producao', 'format=parquet&version=1'));
    const long = (
      await db.runAndReadAll(
        `SELECT section, product, year, quantity FROM '${join(state, 'check.parquet')}' ORDER BY line, year`,
      )
    ).getRowObjects();
    const wide: Record<string, Record<string, number | string | null>[]> = await stack.json('/producaoCSV?version=1');
    const melted = Object.entries(wide).flatMap(([section, products]) =>
      products.flatMap(({ produto, ...years }) =>
        Object.entries(years).map(([year, quantity]) => ({ section, product: produto, year: Number(year), quantity })),
      ),
    );
    expect(melted).toEqual(long.map((row) => ({ ...row })));
  }, 360_000);

  it('finds everything unchanged when it collects again', async () => {
    const before = (await listRuns(stack))[0];
    await planNow(stack);
    const run = await endedRun(stack, before);
    expect(run.counts.unchanged).toBe(15);
    expect(run.versions).toEqual([]);
    expect((await stack.json('/v1/datasets/embrapa_producao')).latest).toBe(1);
  }, 180_000);

  needsLocal('it stops the stack').it(
    'stops on Ctrl-C and leaves no process and no port behind',
    async () => {
      const { pids } = stack.local;
      expect(await stack.stop()).toBe(0);
      for (const pid of Object.values(pids)) expect(() => process.kill(pid, 0)).toThrow();
      for (const port of portsOf(stack.port)) expect({ port, free: await isFree(port) }).toEqual({ port, free: true });
    },
    90_000,
  );

  it('publishes the next vintage as version 2 while version 1 still reads as before', async () => {
    stack = await startStack({ state, args: ['--vintage', '2024'] });
    const run = await endedRun(stack);
    expectBalanced(run);
    const { items } = await stack.json('/v1/datasets?limit=100');
    const changed = items.filter((dataset: { latest: number }) => dataset.latest === 2);
    expect(changed.length).toBeGreaterThan(0);
    expect(changed.map((dataset: { id: string }) => `${dataset.id}@2`).sort()).toEqual([...run.versions].sort());
    for (const { id } of items) {
      const bytes = await download(stack, id, 'format=parquet&version=1');
      expect({ id, hash: createHash('sha256').update(bytes).digest('hex') }).toEqual({ id, hash: first.get(id) });
    }
  }, 360_000);
});
