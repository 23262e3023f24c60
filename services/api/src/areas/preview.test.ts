import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { makeHttpFetcher } from '@granary/stores/http-fetcher';
import { makeMemoryHostBudget } from '@granary/stores/memory-host-budget';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { callArea } from '../testing/call-area.ts';
import { routes } from './preview.ts';

const PATH = '/v1/admin/sources/preview';
let server: Server;
let site: string;
let fetch: ReturnType<typeof makeHttpFetcher>;
beforeAll(async () => {
  server = createServer((asked, answer) => {
    const { port } = server.address() as AddressInfo;
    if (asked.url === '/rain.csv') answer.end('Station;Level\nFaro;1,5\nLagos;2\n');
    // The same machine by another name is another origin, which nobody named.
    else if (asked.url === '/elsewhere') answer.writeHead(302, { location: `http://127.0.0.2:${port}/rain.csv` }).end();
    else answer.writeHead(404).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  site = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  fetch = makeHttpFetcher({ origins: [site], tmpdir: tmpdir() });
});
afterAll(async () => {
  await fetch.close();
  server.close();
});

const post = async (body: unknown, groups = ['operators']) => {
  const clocks = { clock: Date.now, sleep: async () => {}, random: Math.random };
  const deps = { ...clocks, budget: makeMemoryHostBudget(), fetch, tmpdir: tmpdir() };
  const call = callArea(deps as never, routes, groups);
  const answer = await call(PATH, { method: 'POST', body: JSON.stringify(body) });
  return { status: answer.statusCode, headers: answer.headers, body: answer.json() };
};

describe(`POST ${PATH}`, () => {
  it('shows what the file at an address would become, and the source to save', async () => {
    const { status, headers, body } = await post({ url: `${site}/rain.csv` });
    expect({ status, cache: headers['Cache-Control'] }).toEqual({ status: 200, cache: 'no-store' });
    expect(body.resources[0].tables[0]).toMatchObject({
      ...{
        dataset: 'rain_data',
        rows: [
          ['Faro', 1.5],
          ['Lagos', 2],
        ],
      },
      columns: [
        { name: 'station', type: 'string' },
        { name: 'level', type: 'double' },
      ],
    });
    expect(body.yaml).toMatch(/^# yaml-language-server: \$schema=\S+\nid: rain\nkind: files\n/);
    expect((await post({ source: body.source })).body.resources).toEqual(body.resources);
  });

  it.each([
    [{ url: 'http://10.0.0.1/rain.csv' }, /10\.0\.0\.1 is no public address/],
    [{ url: 'http://localhost:1/rain.csv' }, /is no public address/],
    [{ url: 'http://[::1]/rain.csv' }, /is no public address/],
    [{ url: 'http://2130706433/rain.csv' }, /127\.0\.0\.1 is no public address/],
    [{ url: 'http://169.254.169.254/latest/meta-data/' }, /is no public address/],
    [{ url: 'http://me:secret@example.org/rain.csv' }, /An address with a password is not followed/],
  ])('refuses an address that nobody may be sent to: %j', async (body, detail) => {
    expect(await post(body)).toMatchObject({
      ...{ status: 400, body: { detail: expect.stringMatching(detail), errors: [{ field: 'url' }] } },
    });
  });

  it('follows no redirect to such an address', async () => {
    expect(await post({ url: `${site}/elsewhere` })).toMatchObject({
      ...{ status: 400, body: { detail: expect.stringMatching(/127\.0\.0\.2 is no public address/) } },
    });
  });

  it('says that there is no such file', async () => {
    expect(await post({ url: `${site}/none.csv` })).toMatchObject({
      ...{ status: 400, body: { detail: `${site}/none.csv answered 404` } },
    });
  });

  it.each([
    [{}, 'url'],
    [{ url: 'ftp://example.org/a' }, 'url'],
    [{ url: 'http://' }, 'url'],
    [{ url: 'https://example.org/a', source: {} }, 'url'],
    [{ source: { id: 'x' }, id: 'y' }, 'url'],
    [{ source: { id: 'x' } }, 'kind'],
    [{ url: 'https://example.org/a', id: 'No Id' }, 'id'],
  ])('refuses %j, and names the field', async (body, field) => {
    const answer = await post(body);
    expect(answer).toMatchObject({
      status: 400,
      body: { errors: expect.arrayContaining([expect.objectContaining({ field })]) },
    });
  });

  it('is for operators', async () => {
    expect((await post({ url: `${site}/rain.csv` }, ['readers', 'analysts'])).status).toBe(403);
  });
});
