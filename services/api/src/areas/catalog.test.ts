import { PRICES } from '@granary/domain/prices';
import { begunRun, NO_COUNTS, type Run } from '@granary/domain/run';
import { makeMemoryCatalog } from '@granary/stores/memory-catalog';
import { makeMemoryObjectStore } from '@granary/stores/memory-object-store';
import { makeMemoryRunStore } from '@granary/stores/memory-run-store';
import { describe, expect, it } from '@jest/globals';
import { callArea } from '../testing/call-area.ts';
import { publishCsv } from '../testing/publish-csv.ts';
import { routes } from './catalog.ts';
import { routes as systemRoutes } from './system.ts';

const csv = (figure: number) => `id;control;produto;1970\n1;VINHO DE MESA;VINHO DE MESA;${figure}\n`;
const runOf = (n: number): Run =>
  begunRun({
    id: `run-${n}`,
    kind: 'collect',
    source: `source-${n}`,
    started_at: new Date(1_800_000_000_000 + n * 1000).toISOString(),
    parts: 1,
    lease_until: new Date(1_900_000_000_000).toISOString(),
  });

const catalog = makeMemoryCatalog();
const objects = makeMemoryObjectStore();
const runs = makeMemoryRunStore();
const NOW = 1_800_000_000_000 + 60_000;
const deps = { catalog, runs, region: 'sa-east-1', now: () => NOW };
const call = callArea(deps, routes);
const asOperator = callArea(deps, routes, ['operators']);

await publishCsv({ catalog, objects }, 'embrapa_producao', csv(1));
await publishCsv({ catalog, objects }, 'embrapa_producao', csv(2));
await publishCsv({ catalog, objects }, 'embrapa_comercio', csv(1));
for (const n of [1, 2, 3]) await runs.start(runOf(n));

describe('GET /v1/datasets', () => {
  it('lists the catalog by id, page by page, with facets over all of it', async () => {
    const first = (await call('/v1/datasets?limit=1')).json();
    expect(first.items.map(({ id }: { id: string }) => id)).toEqual(['embrapa_comercio']);
    expect(first.facets.theme).toEqual([{ value: 'agriculture', count: 2 }]);
    const second = (await call(`/v1/datasets?limit=1&cursor=${first.next}`)).json();
    expect(second.items.map(({ id, latest }: { id: string; latest: number }) => `${id}@${latest}`)).toEqual([
      'embrapa_producao@2',
    ]);
    expect(second.next).toBeNull();
  });

  it('finds by words whatever their case and accents, and by theme and tag', async () => {
    const ids = async (query: string) =>
      (await call(`/v1/datasets?${query}`)).json().items.map(({ id }: { id: string }) => id);
    expect(await ids('q=PRODUÇÃO')).toContain('embrapa_producao');
    expect(await ids('q=nothing+like+it')).toEqual([]);
    expect(await ids('theme=agriculture&tag=wine')).toHaveLength(2);
    expect(await ids('theme=transport')).toEqual([]);
  });

  it('refuses what does not fit, naming each field', async () => {
    const { statusCode, json } = await call('/v1/datasets?limit=0&colour=red');
    expect(statusCode).toBe(400);
    expect(
      json()
        .errors.map(({ field }: { field: string }) => field)
        .sort(),
    ).toEqual(['colour', 'limit']);
    expect((await call('/v1/datasets?cursor=nonsense')).statusCode).toBe(400);
    for (const query of ['__proto__=1', '__proto__=1&__proto__=2', 'constructor=1', 'limit=1&limit=2', 'q=a&q=b']) {
      expect({ query, status: (await call(`/v1/datasets?${query}`)).statusCode }).toEqual({ query, status: 400 });
    }
  });
});

describe('a dataset and its versions', () => {
  it('are read with their facts, without how a version was reserved or where it lies', async () => {
    expect((await call('/v1/datasets/embrapa_producao')).json()).toMatchObject({
      id: 'embrapa_producao',
      latest: 2,
      rows: 1,
    });
    const version = (await call('/v1/datasets/embrapa_producao/versions/1')).json();
    expect(version).toMatchObject({
      version: 1,
      counts: { rows_published: 1 },
      raw: { url: expect.stringContaining('Producao.csv') },
    });
    for (const hidden of ['attempt', 'owner', 'prefix']) expect(version[hidden]).toBeUndefined();
    expect(version.raw.key).toBeUndefined();
  });

  it('list versions newest first, page by page', async () => {
    const numbers = (page: { items: { version: number }[] }) => page.items.map(({ version }) => version);
    const first = (await call('/v1/datasets/embrapa_producao/versions?limit=1')).json();
    const second = (await call(`/v1/datasets/embrapa_producao/versions?limit=1&cursor=${first.next}`)).json();
    expect([numbers(first), numbers(second), second.next]).toEqual([[2], [1], null]);
  });

  it('say what there is instead when they are not found', async () => {
    const dataset = await call('/v1/datasets/x');
    expect({ status: dataset.statusCode, detail: dataset.json().detail }).toEqual({
      status: 404,
      detail: "There is no dataset 'x'; the known ones are listed at /v1/datasets.",
    });
    expect((await call('/v1/datasets/x/versions')).statusCode).toBe(404);
    expect((await call('/v1/datasets/embrapa_producao/versions/7')).json().detail).toContain('/versions');
    expect((await call('/v1/datasets/embrapa_producao/versions/first')).statusCode).toBe(400);
  });

  it('answer 304 to the ETag that they gave', async () => {
    const { headers } = await call('/v1/datasets/embrapa_producao');
    const again = await call('/v1/datasets/embrapa_producao', { headers: { 'If-None-Match': headers.ETag } });
    expect(again.statusCode).toBe(304);
  });
});

describe('runs', () => {
  it('are listed newest first, page by page, without their leases', async () => {
    const first = (await call('/v1/runs?kind=collect&limit=2')).json();
    expect(first.items.map(({ id }: { id: string }) => id)).toEqual(['run-3', 'run-2']);
    expect(first.items[0].lease_until).toBeUndefined();
    const second = (await call(`/v1/runs?kind=collect&limit=2&cursor=${first.next}`)).json();
    expect(second.items.map(({ id }: { id: string }) => id)).toEqual(['run-1']);
    for (const query of ['kind=other', 'cursor=', 'cursor=x', 'limit=101']) {
      expect({ query, status: (await call(`/v1/runs?${query}`)).statusCode }).toEqual({ query, status: 400 });
    }
  });

  it('are read one by one, and a missing one says where the others are', async () => {
    expect((await call('/v1/runs/run-1')).json()).toMatchObject({ id: 'run-1', state: 'running' });
    const missing = await call('/v1/runs/none');
    expect({ status: missing.statusCode, detail: missing.json().detail }).toEqual({
      status: 404,
      detail: "There is no run 'none'; the latest are listed at /v1/runs.",
    });
  });
});

describe('GET /v1/datasets/{id}/cost', () => {
  const costOf = async (id = 'embrapa_producao') => (await asOperator(`/v1/datasets/${id}/cost`)).json();

  it('is the price of what is stored and the share of the runs of its source, and says what it assumes', async () => {
    const source = (await catalog.getDataset('embrapa_producao'))!.source;
    const before = await costOf();
    expect(before).toMatchObject({
      dataset: 'embrapa_producao',
      estimate: true,
      currency: 'USD',
      prices: { region: PRICES.region, as_of: PRICES.as_of, deployed_in: 'sa-east-1' },
      collecting: { days: 30, complete: true, runs: 0, requests: 0, usd: 0 },
    });
    const versions = await catalog.listVersions('embrapa_producao', { limit: 10 });
    const files = versions
      .flatMap((version) => Object.values(version.files))
      .reduce((sum, { bytes }) => sum + bytes, 0);
    const raw = versions.reduce((sum, version) => sum + version.raw.bytes, 0);
    const latest_csv = versions[0]!.files['data.csv.gz'].bytes;
    expect(before.stored).toMatchObject({ versions: 2, bytes: { files, raw, latest_csv } });
    expect(before.stored.usd_per_month).toBeCloseTo(((files + raw + latest_csv) / 1e9) * PRICES.usd.s3_gb_month, 12);
    expect(before.usd_per_month).toBe(before.stored.usd_per_month);
    expect(before.assumptions.join(' ')).toContain(PRICES.region);

    // Two runs of fifteen parts, of which one is older than thirty days.
    const at = [NOW - 86_400_000, NOW - 31 * 86_400_000];
    for (const [index, ms] of at.entries()) {
      const id = `run-of-cost-${index}`;
      await runs.start({ ...runOf(9), id, source, parts: 2, started_at: new Date(ms).toISOString() });
      const counts = { ...NO_COUNTS, requests: 3 };
      for (const part of [1, 2])
        await runs.endPart(id, { part, counts, versions: [], gb_ms: 1000 }, new Date(ms + 1000).toISOString());
    }
    const run = (await runs.getRun('run-of-cost-0'))!;
    const after = await costOf();
    expect(after.collecting).toMatchObject({ runs: 1, requests: 3, usd: run.cost_usd_estimate / 2 });
    expect(after.usd_per_month).toBeCloseTo(after.stored.usd_per_month + run.cost_usd_estimate / 2, 15);
    expect((await costOf('embrapa_comercio')).collecting.usd).toBe(after.collecting.usd);

    // A replay is of one dataset.
    const replay = { id: 'replay-of-cost', source, parts: 1, started_at: new Date(NOW - 1000).toISOString() };
    await runs.start({ ...runOf(9), ...replay, replays: { dataset: 'embrapa_comercio' } });
    expect((await costOf()).collecting.runs).toBe(1);
    expect((await costOf('embrapa_comercio')).collecting.runs).toBe(2);
  });

  it('is for operators alone, since sizes tell of versions that are held', async () => {
    for (const groups of [['readers'], ['analysts']])
      expect((await callArea(deps, routes, groups)('/v1/datasets/embrapa_producao/cost')).statusCode).toBe(403);
    expect((await asOperator('/v1/datasets/none/cost')).statusCode).toBe(404);
  });
});

describe('GET /health', () => {
  it('answers without a token and is kept by nobody', async () => {
    const { statusCode, body, headers } = await callArea({}, systemRoutes)('/health');
    expect({ statusCode, body, cache: headers['Cache-Control'] }).toEqual({
      statusCode: 200,
      body: '{"status":"ok"}',
      cache: 'no-store',
    });
  });
});
