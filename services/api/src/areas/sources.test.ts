import type { CollectionMessage } from '@granary/domain/messages/collect';
import type { Source } from '@granary/domain/source';
import { defineSource, makeFindSource, makeKnownSources } from '@granary/domain/use-cases/sources/known-sources';
import { checkSource, SourceShape } from '@granary/sources/check-source';
import { TABLE_KINDS } from '@granary/sources/kinds.gen';
import { TABLE_SOURCES, USERS_SOURCE } from '@granary/sources/sources.gen';
import { makeMemoryCatalog } from '@granary/stores/memory-catalog';
import { makeMemoryQueue } from '@granary/stores/memory-queue';
import { makeMemoryResourceStore } from '@granary/stores/memory-resource-store';
import { makeMemoryRunStore } from '@granary/stores/memory-run-store';
import { makeMemorySourceStore } from '@granary/stores/memory-source-store';
import { makeAddressCheck } from '@granary/stores/public-agent';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { SourceConfiguration } from '../answers/source-answers.ts';
import type { SourcesDeps } from '../sources/sources-deps.ts';
import { callArea } from '../testing/call-area.ts';
import { routes } from './sources.ts';

const PORT = '/v1/admin/sources/port';
const SHIPPED = '/v1/admin/sources/embrapa';

const port = (change: object = {}) => ({
  ...{ id: 'port', kind: 'files', title: 'Port', publisher: 'The port', theme: 'environment', tags: ['port'] },
  ...{ licence: { name: 'CC0-1.0', title: 'Public domain' }, schedule: 'rate(1 day)', base_url: 'https://port.test/' },
  ...{
    requests_per_minute: 60,
    max_bytes: 1_000_000,
    config: { files: [{ dataset: 'port_ships', url: 'ships.csv' }] },
  },
  datasets: [{ id: 'port_ships', title: 'Ships', description: 'Ships of the port.' }],
  ...change,
});

const world = () => {
  const store = makeMemorySourceStore();
  const catalog = makeMemoryCatalog();
  const queue = makeMemoryQueue<CollectionMessage>();
  const runs = makeMemoryRunStore();
  const resources = makeMemoryResourceStore();
  const known = { kinds: async () => TABLE_KINDS, store };
  const sources = makeKnownSources({ ...known, shipped: [...TABLE_SOURCES, USERS_SOURCE] });
  const findSource = makeFindSource({ ...known, shipped: TABLE_SOURCES });
  const now = { clock: Date.now, random: Math.random };
  const deps: SourcesDeps = {
    ...{ store, catalog, resources, sources, clock: Date.now, users: USERS_SOURCE.id },
    checkSource: async (written) => checkSource(written, TABLE_KINDS),
    define: async (source: Source) => defineSource(TABLE_KINDS, source),
    refusalOf: makeAddressCheck({
      mayBePrivate: () => false,
      lookup: (_, __, callback) => callback(null, [{ address: '93.184.215.14', family: 4 }]),
    }),
    plan: { ...now, sources, findSource, baseUrl: ({ base_url }) => base_url, catalog, runs, queue },
  };
  const lines: Record<string, unknown>[] = [];
  const as = (...groups: string[]) => callArea(deps, routes, groups, (line) => lines.push(JSON.parse(line)));
  const call = as('operators');
  const put = (body: unknown, headers: Record<string, string> = {}, path = PORT) =>
    call(path, { method: 'PUT', headers, body: typeof body === 'string' ? body : JSON.stringify(body) });
  const post = (path: string, headers: Record<string, string> = {}) => call(path, { method: 'POST', headers });
  return { as, call, put, post, queue, lines, runs, catalog, resources };
};
const NEW = { 'If-None-Match': '*' };
const errorsOf = (answer: { json(): { errors?: { field: string; message: string }[] } }) =>
  Object.fromEntries((answer.json().errors ?? []).map(({ field, message }) => [field, message]));

it('The documentation of a configuration has all that may stand in one', () => {
  expect(Object.keys(SourceConfiguration.shape).sort()).toEqual(Object.keys(SourceShape.shape).sort());
  const [documented, written] = [SourceConfiguration.shape.datasets.element, SourceShape.shape.datasets.def.element];
  expect(Object.keys(documented.shape).sort()).toEqual(Object.keys(written.shape).sort());
  for (const source of [...TABLE_SOURCES, USERS_SOURCE, checkSource(port(), TABLE_KINDS)])
    expect(SourceConfiguration.safeParse(source).error?.issues ?? []).toEqual([]);
});

describe('PUT /v1/admin/sources/{id}', () => {
  it('creates a source, which GET gives back as it is, with an ETag that PUT takes', async () => {
    const { put, call, lines } = world();
    const created = await put(port(), NEW);
    expect([created.statusCode, created.headers.ETag, created.headers.Location]).toEqual([201, '"1"', `/dev${PORT}`]);
    expect(created.json()).toMatchObject({
      ...{ id: 'port', kind: 'files', origin: 'api', state: 'active', schedule: 'rate(1 day)', revision: 1 },
      ...{ edited_by: '1', base_url: 'https://port.test/' },
    });
    const { headers, json } = await call(PORT);
    expect([headers.ETag, headers['Cache-Control']]).toEqual(['"1"', 'no-store']);
    // Defaults are filled in.
    expect(json()).toEqual(port({ datasets: [{ ...port().datasets[0], fields: [], key: [] }] }));
    const changed = await put({ ...json(), title: 'Harbour' }, { 'If-Match': '"1;gzip"' });
    expect([changed.statusCode, changed.headers.ETag, changed.json().title]).toEqual([200, '"2"', 'Harbour']);
    expect((await call(PORT, { method: 'HEAD' })).headers.ETag).toBe('"2"');
    expect(lines).toContainEqual(
      expect.objectContaining({ message: 'source put', source: 'port', revision: 2, by: '1' }),
    );
  });

  it('answers 428 to an edit that does not say of what, and 412 to a stale one, with the ETag that there is', async () => {
    const { put } = world();
    expect((await put(port())).statusCode).toBe(428);
    await put(port(), NEW);
    await put(port({ title: 'Harbour' }), { 'If-Match': '"1"' });
    const stale = await put(port({ title: 'Late' }), { 'If-Match': '"1"' });
    expect([stale.statusCode, stale.headers.ETag]).toEqual([412, '"2"']);
    expect(stale.json()).toMatchObject({ code: 'precondition-failed', title: 'Precondition Failed' });
    expect(stale.json().detail).toContain('is at revision 2, and If-Match says "1"');
  });

  it('names each fault by its path', async () => {
    const { put } = world();
    const wrong = port({
      schedule: 'daily',
      colour: 'red',
      datasets: [{ id: 'port_ships', title: '', description: 'x' }],
    });
    const refused = await put(wrong, NEW);
    expect(refused.statusCode).toBe(400);
    expect(Object.keys(errorsOf(refused)).sort()).toEqual(['colour', 'datasets.0.title', 'schedule']);
    const config = await put(port({ config: { files: [{ dataset: 'other', url: '' }] } }), NEW);
    expect(Object.keys(errorsOf(config))).toEqual(['config.files.0.url']);
    expect(errorsOf(await put(port({ kind: 'random-users' }), NEW)).kind).toMatch(
      /The kinds are: ckan, embrapa, files/,
    );
    expect(errorsOf(await put(port({ config: { files: [{ dataset: 'port_ships', url: 'http://[' }] } }), NEW))).toEqual(
      {
        config: "'http://[' is no address.",
      },
    );
    expect(errorsOf(await put(port({ id: 'quay' }), NEW)).id).toMatch(/must/);
    for (const body of ['', '[]', '"x"', '{'])
      expect({ body, status: (await put(body, NEW)).statusCode }).toEqual({ body, status: 400 });
    expect((await put(port({ title: 'x'.repeat(300_000) }), NEW)).statusCode).toBe(413);
    expect((await put(port(), NEW, '/v1/admin/sources/Port')).statusCode).toBe(400);
  });

  it.each(['http://10.0.0.1/', 'http://169.254.169.254/', 'http://localhost:1/a/'.replace('localhost', '127.0.0.1')])(
    'refuses a private address: %s',
    async (base_url) => {
      const { put } = world();
      expect(errorsOf(await put(port({ base_url }), NEW)).base_url).toContain('is no public address');
      const files = [{ dataset: 'port_ships', url: `${base_url}x.csv` }];
      expect(errorsOf(await put(port({ config: { files } }), NEW)).config).toContain('is no public address');
    },
  );

  it('says what is wrong of whatever is put, and never fails itself', async () => {
    const paths = [
      ...[
        'id',
        'kind',
        'title',
        'theme',
        'tags',
        'licence',
        'schedule',
        'base_url',
        'requests_per_minute',
        'max_bytes',
      ],
      ...['config', 'config.files', 'config.files.0', 'config.files.0.url', 'config.files.0.dialect', 'datasets'],
      ...['datasets.0', 'datasets.0.id', 'datasets.0.fields', 'datasets.0.key', 'datasets.0.plausible', 'wide', 'x'],
    ];
    const odd = fc.oneof(
      fc.jsonValue(),
      fc.constantFrom(
        'http://[',
        'http://a b/',
        '//',
        'javascript:1',
        'http://127.1/',
        '__proto__',
        '{year}',
        '',
        1e308,
        -1,
      ),
      fc.webUrl(),
    );
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...paths), odd, async (path, value) => {
        const body = structuredClone(port()) as Record<string, unknown>;
        const names = path.split('.');
        let place: Record<string, unknown> = body;
        for (const name of names.slice(0, -1)) place = place[name] as Record<string, unknown>;
        place[names.at(-1)!] = value;
        const { put } = world();
        const { statusCode, json } = await put(body, NEW);
        expect([201, 400, 413]).toContain(statusCode);
        if (statusCode === 400) expect(json().errors.length).toBeGreaterThan(0);
      }),
      { numRuns: 150 },
    );
    await fc.assert(
      fc.asyncProperty(fc.jsonValue(), async (body) => {
        const { put } = world();
        expect((await put(body, NEW)).statusCode).toBe(400);
      }),
    );
  });

  it('refuses a source of the repository, with the way out', async () => {
    const { put } = world();
    const refused = await put({ ...TABLE_SOURCES.find(({ id }) => id === 'embrapa') }, { 'If-Match': '*' }, SHIPPED);
    expect(refused.statusCode).toBe(409);
    expect(refused.json().detail).toContain('POST /v1/admin/sources/embrapa/pause');
  });
});

describe('The other endpoints of sources', () => {
  it('list the sources of the repository and those that were put, with the number of their datasets', async () => {
    const { put, call, post } = world();
    await put(port(), NEW);
    await post(`${SHIPPED}/collect`);
    const { items, next } = (await call('/v1/admin/sources')).json();
    expect(next).toBeNull();
    expect(
      items.map(({ id, origin, state, revision, datasets }: Record<string, unknown>) => [
        id,
        origin,
        state,
        revision,
        datasets,
      ]),
    ).toEqual([
      ['data_gov_ma', 'shipped', 'active', 0, 0],
      ['embrapa', 'shipped', 'active', 0, 15],
      ['port', 'api', 'active', 1, 0],
      ['random_users', 'shipped', 'active', 0, 0],
    ]);
  });

  it('collect one now: 202 with its run, which is the answer again while it works', async () => {
    const { put, post, queue, runs } = world();
    await put(port(), NEW);
    const { statusCode, headers, json } = await post(`${PORT}/collect`);
    const run = json();
    expect([statusCode, headers.Location]).toEqual([202, `/dev/v1/runs/${run.id}`]);
    expect(run).toMatchObject({ kind: 'collect', source: 'port', revision: 1, state: 'running', parts: 1 });
    expect(queue.sent.map(({ message }) => message)).toMatchObject([
      { type: 'collect', run: run.id, source: 'port', resource: { url: 'https://port.test/ships.csv' } },
    ]);
    expect((await post(`${PORT}/collect`)).json().id).toBe(run.id);
    expect((await runs.listRuns({ limit: 9 })).runs).toHaveLength(1);
  });

  it('pause and resume, also a source of the repository, and say why one is not collected', async () => {
    const { put, post, call } = world();
    await put(port(), NEW);
    for (const [path, revision] of [
      [PORT, 2],
      [SHIPPED, 1],
    ] as const) {
      const paused = await post(`${path}/pause`);
      expect(paused.json()).toMatchObject({ state: 'paused', revision });
      expect(paused.headers.ETag).toBe(`"${revision}"`);
      const refused = await post(`${path}/collect`);
      expect(refused.statusCode).toBe(409);
      expect(refused.json().detail).toContain(`Resume it (POST ${path}/resume)`);
      expect((await post(`${path}/resume`, { 'If-Match': '"0"' })).statusCode).toBe(412);
      expect((await post(`${path}/resume`)).json()).toMatchObject({ state: 'active', revision: revision + 1 });
      expect((await post(`${path}/collect`)).statusCode).toBe(202);
    }
    expect((await call(SHIPPED)).headers.ETag).toBe('"2"');
    const users = await post('/v1/admin/sources/random_users/collect');
    expect([users.statusCode, users.json().detail]).toEqual([409, expect.stringContaining('POST /fetch-data')]);
  });

  it('delete, which keeps the history; GET then says where it is, and PUT creates the source again', async () => {
    const { put, call, post } = world();
    await put(port(), NEW);
    await put(port({ title: 'Harbour' }), { 'If-Match': '"1"' });
    const remove = (headers: Record<string, string>) => call(PORT, { method: 'DELETE', headers });
    expect((await remove({})).statusCode).toBe(428);
    expect((await remove({ 'If-Match': '"1"' })).statusCode).toBe(412);
    expect((await remove({ 'If-Match': '"2"' })).json()).toMatchObject({ state: 'deleted', revision: 3 });
    const gone = await call(PORT);
    expect([gone.statusCode, gone.json().detail]).toEqual([404, expect.stringContaining(`${PORT}/history`)]);
    expect((await post(`${PORT}/collect`)).statusCode).toBe(409);
    const first = (await call(`${PORT}/history?limit=2`)).json();
    const rest = (await call(`${PORT}/history?limit=2&cursor=${first.next}`)).json();
    const said = [...first.items, ...rest.items].map(({ revision, change, configuration }) => [
      ...[revision, change, configuration.title],
    ]);
    expect(said).toEqual([
      [3, 'deleted', 'Harbour'],
      [2, 'changed', 'Harbour'],
      [1, 'created', 'Port'],
    ]);
    expect(rest.next).toBeNull();
    expect((await put(port(), NEW)).statusCode).toBe(201);
  });

  it('are 404 for a source that there is not, and 403 for who is no operator', async () => {
    const { call, post, as } = world();
    const analyst = as('analysts', 'readers');
    const NONE = '/v1/admin/sources/none';
    for (const [method, path] of [
      ...(['GET', 'DELETE'] as const).map((one) => [one, NONE] as const),
      ...['collect', 'pause', 'resume'].map((verb) => ['POST', `${NONE}/${verb}`] as const),
      ['GET', `${NONE}/history`] as const,
    ]) {
      expect([path, (await call(path, { method, headers: { 'If-Match': '*' } })).statusCode]).toEqual([path, 404]);
      expect([path, (await analyst(path, { method })).statusCode]).toEqual([path, 403]);
    }
    expect((await analyst(PORT, { method: 'PUT', headers: NEW, body: JSON.stringify(port()) })).statusCode).toBe(403);
    expect((await analyst('/v1/admin/sources')).statusCode).toBe(403);
    expect((await post(`${NONE}/collect`)).json().detail).toContain('GET /v1/admin/sources lists them');
  });
});
