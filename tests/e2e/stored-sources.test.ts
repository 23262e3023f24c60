import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gunzipSync } from 'node:zlib';
import { GetObjectCommand, ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { parse } from 'csv-parse/sync';
import { endOfRun } from './collecting.ts';
import { needsLocal } from './needs-local.ts';
import { dropState, newState, type Stack, startStack } from './stack.ts';

const PORT = '/v1/admin/sources/port';
const NEW = { 'If-None-Match': '*' };

/** A site of two files; it says what was asked for. */
const serveFiles = async () => {
  const files: Record<string, string> = {
    '/ships.csv': 'ship;tons\nNau;120\nBarca;20,5\n',
    '/fleet.csv': 'ship;tons;flag\nNau;120;pt\nBarca;20,5;pt\nGalé;300;es\n',
  };
  const asked: string[] = [];
  /** An API that answers what has changed since a day. */
  const calls = [
    { id: 1, ship: 'Nau', seen: '2026-11-01' },
    { id: 2, ship: 'Barca', seen: '2026-11-05' },
  ];
  const server: Server = createServer((request, answer) => {
    asked.push(request.url!);
    const { pathname, searchParams } = new URL(request.url!, 'http://port.test/');
    if (pathname === '/calls') {
      const since = searchParams.get('since') ?? '';
      return void answer.end(JSON.stringify(calls.filter(({ seen }) => seen >= since)));
    }
    answer.writeHead(files[request.url!] ? 200 : 404).end(files[request.url!]);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    asked,
    calls,
    close: () => server.close(),
  };
};

needsLocal('it serves files on this machine').describe('A source that is put to a stack that runs', () => {
  const state = newState();
  let stack: Stack;
  let site: Awaited<ReturnType<typeof serveFiles>>;

  beforeAll(async () => {
    site = await serveFiles();
    stack = await startStack({ state, collected: true });
  }, 540_000);
  afterAll(async () => {
    await stack?.stop();
    site?.close();
    dropState(state);
  }, 90_000);

  const port = (url = 'ships.csv', change: object = {}) => ({
    ...{ id: 'port', kind: 'files', title: 'Port', publisher: 'The port', theme: 'environment', tags: ['port'] },
    ...{ licence: { name: 'CC0-1.0', title: 'Public domain' }, schedule: 'rate(1 day)', base_url: site.url },
    ...{ requests_per_minute: 600, max_bytes: 1_000_000, config: { files: [{ dataset: 'port_ships', url }] } },
    datasets: [{ id: 'port_ships', title: 'Ships', description: 'Ships of the port.' }],
    ...change,
  });
  const ask = async (
    method: string,
    path: string,
    { headers = {}, body }: { headers?: object; body?: object } = {},
  ) => {
    const answer = await fetch(stack.url(path), {
      method,
      headers: { authorization: `Bearer ${await stack.token('operator')}`, ...headers },
      body: body && JSON.stringify(body),
    });
    const text = await answer.text();
    // biome-ignore lint/suspicious/noExplicitAny: the test asserts what the answers hold.
    const json: any = text === '' ? undefined : JSON.parse(text);
    return { status: answer.status, etag: answer.headers.get('etag'), location: answer.headers.get('location'), json };
  };
  const put = (body: object, headers: object) => ask('PUT', PORT, { headers, body });
  const rows = () => stack.json('/v1/records/port_ships?select=ship,tons&order=ship');
  const restart = async () => {
    expect(await stack.stop()).toBe(0);
    stack = await startStack({ state, args: ['--no-collect'] });
  };

  it('is collected on request, and read by /v1/records', async () => {
    const created = await put(port(), NEW);
    expect([created.status, created.etag]).toEqual([201, '"1"']);
    const { status, location, json } = await ask('POST', `${PORT}/collect`);
    expect([status, location]).toEqual([202, `/v1/runs/${json.id}`]);
    expect(await endOfRun(stack, json.id)).toMatchObject({
      state: 'succeeded',
      revision: 1,
      versions: ['port_ships@1'],
    });
    expect(await rows()).toEqual([
      { ship: 'Barca', tons: 20.5 },
      { ship: 'Nau', tons: 120 },
    ]);
    const { place, text } = await stack.json('/v1/datasets/port_ships/provenance?row=line:3');
    expect([place.cells.tons[0].text, text]).toEqual(['20,5', 'Barca;20,5']);
    const { items } = (await ask('GET', '/v1/admin/sources')).json;
    expect(items.find(({ id }: { id: string }) => id === 'port')).toMatchObject({
      ...{ origin: 'api', state: 'active', revision: 1, datasets: 1, base_url: site.url },
    });
    // It is somebody's, and not everybody's.
    expect((await stack.get('/v1/admin/sources')).status).toBe(403);
  });

  it('is found by its columns, and keeps what people say of it, its theme and its copy, through the next collection', async () => {
    const edits = '/v1/admin/datasets/port_ships';
    const found = await stack.json('/v1/datasets?q=TÓNS&theme=environment');
    expect(found.items.map(({ id }: { id: string }) => id)).toEqual(['port_ships']);
    const body = { title: 'Frota do Algarve', theme: 'sea' };
    const edited = await ask('PATCH', edits, { headers: { 'If-Match': '"0"' }, body });
    expect([edited.status, edited.etag]).toEqual([200, '"1"']);
    // One's own write is seen at once.
    expect(await stack.json('/v1/datasets?q=frota')).toMatchObject({ total: 1, items: [body] });
    const { json: run } = await ask('POST', `${PORT}/collect`);
    await endOfRun(stack, run.id);
    const source = { title: 'Ships', theme: 'environment' };
    expect((await stack.json('/v1/datasets?q=frota')).items).toMatchObject([{ ...body, edited: { source } }]);

    const table: string[][] = await stack.json('/data?theme=sea&dataset=port_ships');
    const s3 = new S3Client({ ...stack.aws(), forcePathStyle: true });
    const objects = await s3.send(new ListObjectsV2Command({ Bucket: stack.bucket, Prefix: 'csv_data/' }));
    const copies = (objects.Contents ?? []).filter(({ Key }) => Key!.includes('port_ships'));
    expect(await stack.json('/data?theme=sea')).toEqual([
      { Name: 'port_ships', LastModified: expect.any(String), Size: copies[0]!.Size },
    ]);
    expect(copies.map(({ Key }) => Key)).toEqual(['csv_data/sea/port_ships.csv.gz']);
    const { Body } = await s3.send(new GetObjectCommand({ Bucket: stack.bucket, Key: copies[0]!.Key }));
    expect(table).toEqual(parse(gunzipSync(await Body!.transformToByteArray())));
    expect(await stack.json('/themes')).toEqual(expect.arrayContaining(['agriculture', 'sea']));

    expect(
      (await ask('PATCH', edits, { headers: { 'If-Match': '"1"' }, body: { title: null, theme: null } })).status,
    ).toBe(200);
    expect(await stack.json('/v1/datasets/port_ships')).toMatchObject({ ...source, edited: null });
    expect((await stack.get('/data?theme=sea')).status).toBe(404);
  });

  it('is edited by who knows its newest revision, and nobody else, and read from another private address by nobody', async () => {
    const { json, etag } = await ask('GET', PORT);
    const changed = await put({ ...json, ...port('fleet.csv') }, { 'If-Match': etag });
    expect([changed.status, changed.json.revision]).toEqual([200, 2]);
    const stale = await put(port('other.csv'), { 'If-Match': etag });
    expect([stale.status, stale.etag]).toEqual([412, '"2"']);
    expect(stale.json.detail).toContain('is at revision 2');
    const inside = await put(port('http://169.254.169.254/latest/'), { 'If-Match': '"2"' });
    expect([inside.status, inside.json.errors[0].field]).toEqual([400, 'config']);
    const shipped = await ask('PUT', '/v1/admin/sources/embrapa', { headers: { 'If-Match': '*' }, body: port() });
    expect(shipped.status).toBe(409);
  });

  it('is skipped by the schedule while it is paused, and collected by it again, by its newest revision', async () => {
    expect((await ask('POST', `${PORT}/pause`)).json).toMatchObject({ state: 'paused', revision: 3 });
    expect(await stack.invoke('plan', {})).toMatchObject({ paused: ['port'] });
    expect((await ask('POST', `${PORT}/collect`)).status).toBe(409);
    expect((await ask('POST', `${PORT}/resume`)).json).toMatchObject({ state: 'active', revision: 4 });
    const { not_due } = (await stack.invoke('plan', {})) as { not_due: string[] };
    expect(not_due).toContain('port');
    const { runs } = (await stack.invoke('plan', { force: true })) as { runs: { id: string; source: string }[] };
    const run = runs.find(({ source }) => source === 'port')!;
    expect(await endOfRun(stack, run.id)).toMatchObject({ revision: 4 });
    expect(await rows()).toHaveLength(3);
    expect(site.asked.at(-1)).toBe('/fleet.csv');
  });

  it('says by an edit how stored bytes are read, which a replay does without asking the site', async () => {
    const fields = [{ name: 'tons', type: 'string', nullable: false }];
    const asked = site.asked.length;
    const [dataset] = port().datasets;
    const edited = await put(port('fleet.csv', { datasets: [{ ...dataset, fields }] }), { 'If-Match': '"4"' });
    expect([edited.status, edited.json.revision]).toEqual([200, 5]);
    const { json: run } = await ask('POST', '/v1/admin/replay', { body: { dataset: 'port_ships' } });
    expect(await endOfRun(stack, run.id)).toMatchObject({
      state: 'succeeded',
      versions: [expect.stringMatching(/^port_ships@/)],
    });
    expect((await rows())[0]).toEqual({ ship: 'Barca', tons: '20,5' });
    expect(site.asked).toHaveLength(asked);
  });

  it('is due as soon as it is put: the scheduled job collects it like any other', async () => {
    const quay = port('ships.csv', {
      id: 'quay',
      config: { files: [{ dataset: 'quay_ships', url: 'ships.csv' }] },
      datasets: [{ id: 'quay_ships', title: 'Ships', description: 'Ships of the quay.' }],
    });
    await ask('PUT', '/v1/admin/sources/quay', { headers: NEW, body: quay });
    const { runs } = (await stack.invoke('plan', {})) as { runs: { id: string; source: string }[] };
    const run = runs.find(({ source }) => source === 'quay')!;
    expect(await endOfRun(stack, run.id)).toMatchObject({ state: 'succeeded', versions: ['quay_ships@1'] });
    const taken = await put(
      port('ships.csv', { datasets: [...port().datasets, { ...quay.datasets[0], id: 'quay_ships' }] }),
      {
        'If-Match': '*',
      },
    );
    expect([taken.status, taken.json.errors[0].field]).toEqual([400, 'datasets.1.id']);
  });

  it('is asked only for what has changed, where its API can say so; a version has all of it', async () => {
    const body = {
      ...port('', { id: 'calls', kind: 'json-api' }),
      config: {
        resources: [
          {
            dataset: 'calls_made',
            url: 'calls',
            incremental: { parameter: 'since', at: '$.seen', key: ['$.id'], lag: 2 },
          },
        ],
      },
      datasets: [{ id: 'calls_made', title: 'Calls', description: 'Calls at the port.', key: ['id'] }],
    };
    expect((await ask('PUT', '/v1/admin/sources/calls', { headers: NEW, body })).status).toBe(201);
    const collect = async () => endOfRun(stack, (await ask('POST', '/v1/admin/sources/calls/collect')).json.id);
    expect(await collect()).toMatchObject({ state: 'succeeded', versions: ['calls_made@1'] });
    site.calls.splice(
      0,
      2,
      { id: 2, ship: 'Barca Nova', seen: '2026-11-06' },
      { id: 3, ship: 'Galé', seen: '2026-11-07' },
    );
    expect(await collect()).toMatchObject({ state: 'succeeded', versions: ['calls_made@2'] });
    expect(site.asked.filter((path) => path.startsWith('/calls'))).toEqual(['/calls', '/calls?since=2026-11-03']);
    // The API has deleted the first one, and does not say so: it stays.
    expect(await stack.json('/v1/records/calls_made?select=id,ship&order=id')).toEqual([
      { id: 1, ship: 'Nau' },
      { id: 2, ship: 'Barca Nova' },
      { id: 3, ship: 'Galé' },
    ]);
    expect(await collect()).toMatchObject({ state: 'succeeded', versions: [], counts: { unchanged: 1 } });
  }, 120_000);

  it('is there after a restart, and its rows and edits after it is deleted', async () => {
    await restart();
    expect((await ask('GET', PORT)).etag).toBe('"5"');
    expect(await rows()).toHaveLength(3);
    expect((await ask('DELETE', PORT, { headers: { 'If-Match': '"4"' } })).status).toBe(412);
    expect((await ask('DELETE', PORT, { headers: { 'If-Match': '"5"' } })).json).toMatchObject({ state: 'deleted' });
    await restart();
    expect((await ask('GET', PORT)).status).toBe(404);
    expect(await rows()).toHaveLength(3);
    const { items } = (await ask('GET', `${PORT}/history`)).json;
    expect(items.map(({ revision, change }: { revision: number; change: string }) => [revision, change])).toEqual([
      [6, 'deleted'],
      [5, 'changed'],
      [4, 'resumed'],
      [3, 'paused'],
      [2, 'changed'],
      [1, 'created'],
    ]);
    expect(items.at(-1).configuration.config.files[0].url).toBe('ships.csv');
    const { runs } = (await stack.invoke('plan', { force: true })) as { runs: { source: string }[] };
    expect(runs.map(({ source }) => source)).not.toContain('port');
  }, 300_000);
});
