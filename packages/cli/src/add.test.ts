import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';

const root = join(import.meta.dirname, '../../..');
let folder: string;
let site: Server;
let api: Server;
/** What the API was asked, and what it answers next, by method and path. */
let asked: { method: string; path: string; body: unknown; headers: IncomingMessage['headers'] }[];
let answers: Record<string, readonly [status: number, body: object]>;
const addressOf = (server: Server) => `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'granary-test-'));
  site = createServer((request, answer) => {
    if (request.url === '/rain.csv') answer.end('Station;Level\nFaro;1,5\nLagos;2\nx\n');
    else if (request.url === '/login.xlsx') answer.end('<!doctype html><html>Sign in</html>');
    else answer.writeHead(404).end();
  });
  // Only the words that pass between the command and an API: the walk-through (tests/e2e) has the API itself.
  api = createServer(async (request, answer) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const text = Buffer.concat(chunks).toString();
    const { method = '', url: path = '', headers } = request;
    asked.push({ method, path, headers, body: text === '' ? undefined : JSON.parse(text) });
    const [status, body] = answers[`${method} ${path}`] ?? [404, { detail: `There is no ${method} ${path}.` }];
    answer.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  });
  for (const server of [site, api]) await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
afterAll(() => {
  for (const server of [site, api]) server.close();
  rmSync(folder, { recursive: true });
});
beforeEach(() => {
  asked = [];
  answers = {};
});

/** As it is run in the clone, without a stack on this machine unless `env` says otherwise. */
const granary = (args: readonly string[], env: Record<string, string> = {}) =>
  new Promise<{ status: number | null; stdout: string; stderr: string }>((resolve) => {
    const child = spawn('node', [join(root, 'packages/cli/bin/granary.mjs'), ...args], {
      cwd: folder,
      env: { ...process.env, GRANARY_STATE: folder, GRANARY_TOKEN: '', ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let [stdout, stderr] = ['', ''];
    child.stdout.on('data', (text) => (stdout += text));
    child.stderr.on('data', (text) => (stderr += text));
    child.once('close', (status) => resolve({ status, stdout, stderr }));
  });
const there = (...args: string[]) => granary([...args, '--url', addressOf(api)], { GRANARY_TOKEN: 'a-token' });

describe('granary add without a stack', () => {
  it('shows what would come of the file, and says how to go on', async () => {
    const { status, stdout, stderr } = await granary(['add', `${addressOf(site)}/rain.csv`]);
    expect(status).toBe(1);
    expect(stdout).toMatch(/rain_data: 2 rows, 1 quarantined, 2 columns \(utf-8, delimiter ;, decimal ,/);
    expect(stdout).toMatch(/station +string +"Faro" in line 2 is text\./);
    expect(stdout).toMatch(/level +double +All 2 values are figures, from 1\.5 to 2\./);
    expect(stdout).toMatch(/! line 4: .*\(x\)/);
    expect(stdout).toContain('\nid: rain\nkind: files\n');
    expect(stderr).toMatch(/Nothing was saved: Granary is not running on this machine\. Start it with `npm start`/);
  });

  it('gives JSON', async () => {
    const { status, stdout } = await granary(['add', `${addressOf(site)}/rain.csv`, '--json', '--id', 'chuva']);
    expect(status).toBe(0);
    expect(JSON.parse(stdout).preview).toMatchObject({
      source: { id: 'chuva' },
      resources: [{ tables: [{ dataset: 'chuva_data' }] }],
    });
  });

  it.each<[string[], number, RegExp]>([
    [['add'], 2, /^Which address\?/],
    [['add', 'rain.csv'], 2, /'rain\.csv' is no address that begins with http/],
    [['add', 'SITE/none.csv'], 1, /none\.csv answered 404/],
    [
      ['add', 'SITE/login.xlsx', '--yes'],
      1,
      /Nothing of it would be published, so nothing was saved: .*holds no table/,
    ],
    [['add', 'SITE/rain.csv', '--id', 'No Id'], 1, /must match/],
    [['sources'], 1, /Granary is not running on this machine: start it with `npm start`, or name another one/],
    [['rows'], 2, /^Of which dataset\?/],
    [['rows', 'a', 'b=eq.1', 'c=eq.2'], 2, /A dataset, and its filter in one piece\. Not 'c=eq\.2'/],
    [['rows', 'a', '--format', 'xml'], 2, /There is no format 'xml'/],
    [['datasets', '--url', 'http://127.0.0.1:1'], 1, /Who are you\? Set GRANARY_TOKEN/],
    [['datasets', '--url', 'nowhere'], 1, /--url takes an address, not 'nowhere'/],
    [['datasets', '--stage', 'Not A Stage'], 1, /--stage takes a lower-case name/],
  ])('%j is told what is wrong', async (args, code, message) => {
    const { status, stderr } = await granary(args.map((arg) => arg.replace('SITE', addressOf(site))));
    expect([status, stderr]).toEqual([code, expect.stringMatching(message)]);
  });

  it('says that nothing answers', async () => {
    const { status, stderr } = await granary(['datasets', '--url', 'http://127.0.0.1:1'], { GRANARY_TOKEN: 'x' });
    expect([status, stderr]).toEqual([1, expect.stringMatching(/Nothing answers at http:\/\/127\.0\.0\.1:1/)]);
  });
});

describe('granary with a stack', () => {
  const source = { id: 'rain', schedule: 'rate(1 day)' };
  const preview = {
    source,
    yaml: 'id: rain\n',
    doubts: [],
    resources: [{ url: 'x', bytes: 1, refused: null, tables: [], unread: [] }],
  };
  const table = {
    ...{
      dataset: 'rain_data',
      name: '1',
      refused: null,
      complete: true,
      header: [],
      dialect: null,
      columns: [],
      rows: [],
    },
    ...{
      counts: { rows_read: 2, rows_published: 2, rows_quarantined: 0, rows_deduplicated: 0 },
      quarantine: [],
      notes: [],
    },
  };
  const good = { ...preview, resources: [{ ...preview.resources[0], tables: [table] }] };
  const run = (over: object) => ({
    ...{ id: 'r1', state: 'succeeded', parts: 1, parts_done: 1, versions: ['rain_data@1'], errors: [] },
    counts: { rows_published: 2, rows_quarantined: 1, rows_deduplicated: 0, unchanged: 0 },
    ...over,
  });

  it('saves the source if nobody else has its id, collects it, and says how to read the rows', async () => {
    answers = {
      'POST /v1/admin/sources/preview': [200, good],
      'PUT /v1/admin/sources/rain': [201, source],
      'POST /v1/admin/sources/rain/collect': [202, run({ state: 'running', parts_done: 0 })],
      'GET /v1/runs/r1': [200, run({})],
    };
    const { status, stdout } = await there('add', 'https://x.example/rain.csv', '--yes');
    expect(status).toBe(0);
    expect(asked.map(({ method, path }) => `${method} ${path}`)).toEqual(Object.keys(answers));
    expect(asked[0]).toMatchObject({
      body: { url: 'https://x.example/rain.csv' },
      headers: { authorization: 'Bearer a-token' },
    });
    expect(asked[1]).toMatchObject({ body: source, headers: { 'if-none-match': '*' } });
    expect(stdout).toContain('succeeded: published rain_data@1; 2 rows published; 1 quarantined');
    expect(stdout).toContain(`npx granary rows rain_data 'limit=10' --url ${addressOf(api)}`);
  });

  it('saves nothing unasked, and leaves a source of the same id as it is', async () => {
    answers = {
      'POST /v1/admin/sources/preview': [200, good],
      'PUT /v1/admin/sources/rain': [412, { detail: 'There is one.' }],
    };
    const unasked = await there('add', 'https://x.example/rain.csv');
    expect([unasked.status, unasked.stderr]).toEqual([1, expect.stringMatching(/no terminal to ask on\. Say --yes/)]);
    expect(asked).toHaveLength(1);
    const second = await there('add', 'https://x.example/rain.csv', '--yes');
    expect([second.status, second.stderr]).toEqual([
      1,
      expect.stringMatching(/There is a source 'rain' already.*--id NAME/),
    ]);
  });

  it.each<[number, string, RegExp]>([
    [401, 'The token has expired.', /The token has expired\. Sign in again/],
    [403, 'This is for members of operators.', /This is for members of operators\. An administrator adds you/],
    [404, "There is no source 'rain'.", /^There is no source 'rain'\.\n$/],
  ])('says what a %d means', async (status, detail, message) => {
    answers = { 'POST /v1/admin/sources/rain/collect': [status, { detail }] };
    const { status: code, stderr } = await there('collect', 'rain');
    expect([code, stderr]).toEqual([1, expect.stringMatching(message)]);
  });

  it('ends with 1 after a run that failed, and says why', async () => {
    const failed = run({ state: 'failed', versions: [], errors: [{ message: 'It answered 404.', dataset: null }] });
    answers = { 'POST /v1/admin/sources/rain/collect': [202, run({})], 'GET /v1/runs/r1': [200, failed] };
    const { status, stdout } = await there('collect', 'rain');
    expect([status, stdout]).toEqual([1, expect.stringMatching(/^failed: .*\n {2}✗ It answered 404\.\n/)]);
  });

  it('prints the rows of a filter as the API gives them', async () => {
    answers = { 'GET /v1/records/rain_data?station=eq.Faro&a=eq.%23&format=csv': [200, {}] };
    expect((await there('rows', 'rain_data', 'station=eq.Faro&a=eq.#')).stdout).toBe('{}');
  });

  it('lists sources and datasets of all pages', async () => {
    const one = (id: string) => ({
      id,
      kind: 'files',
      state: 'active',
      schedule: 'rate(1 day)',
      title: `The ${id}`,
      origin: 'api',
    });
    answers = {
      'GET /v1/admin/sources': [200, { items: [one('rain')], next: 'c 1' }],
      'GET /v1/admin/sources?cursor=c%201': [200, { items: [one('snow')], next: null }],
    };
    expect((await there('sources')).stdout).toBe(
      'source  kind   state   schedule     title\nrain    files  active  rate(1 day)  The rain\nsnow    files  active  rate(1 day)  The snow\n',
    );
    expect(JSON.parse((await there('sources', '--json')).stdout)).toEqual([one('rain'), one('snow')]);
  });
});
