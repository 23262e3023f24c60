import { gunzipSync } from 'node:zlib';
import { afterEach, describe, expect, it } from '@jest/globals';
import { embrapaFile } from './embrapa/file.ts';
import type { Fault } from './faults.ts';
import { type RunningReplica, startReplica } from './replica.ts';

let replica: RunningReplica;
const start = async (options: Parameters<typeof startReplica>[0] = {}): Promise<string> => {
  replica = await startReplica({ port: 0, ...options });
  return replica.bases.embrapa;
};
afterEach(() => replica.close());

const identity = { headers: { 'accept-encoding': 'identity' } };
const withFault = (kind: Fault['kind'], more: Partial<Fault> = {}) =>
  start({ faults: [{ path: '/download/*', kind, ...more }] });
const bytesOf = async (response: Response): Promise<Buffer> => Buffer.from(await response.arrayBuffer());

describe('the replica', () => {
  it('serves each file with validators and answers 304 to them', async () => {
    const base = await start();
    const first = await fetch(`${base}Producao.csv`, identity);
    expect(first.status).toBe(200);
    expect((await bytesOf(first)).equals(embrapaFile('Producao', { seed: 'granary', vintage: 2023 }))).toBe(true);
    const etag = first.headers.get('etag')!;
    const modified = first.headers.get('last-modified')!;
    expect((await fetch(`${base}Producao.csv`, { headers: { 'if-none-match': etag } })).status).toBe(304);
    expect((await fetch(`${base}Producao.csv`, { headers: { 'if-modified-since': modified } })).status).toBe(304);
    expect(
      (await fetch(`${base}Producao.csv`, { headers: { 'if-none-match': '"old"', 'if-modified-since': modified } }))
        .status,
    ).toBe(200);
  });

  it('compresses when asked, with a tag of its own that is recognised', async () => {
    const base = await start();
    const zipped = await fetch(`${base}ImpVinhos.csv`, { headers: { 'accept-encoding': 'gzip' } });
    expect(zipped.headers.get('content-encoding')).toBe('gzip');
    expect(zipped.headers.get('etag')).toMatch(/-gzip"$/);
    const again = await fetch(`${base}ImpVinhos.csv`, { headers: { 'if-none-match': zipped.headers.get('etag')! } });
    expect(again.status).toBe(304);
  });

  it('answers HEAD like GET without a body, and 404 with what there is', async () => {
    const base = await start();
    const head = await fetch(`${base}ExpUva.csv`, { method: 'HEAD', ...identity });
    expect(Number(head.headers.get('content-length'))).toBe(
      embrapaFile('ExpUva', { seed: 'granary', vintage: 2023 }).length,
    );
    const missing = await fetch(`${base}Nada.csv`);
    expect(missing.status).toBe(404);
    expect(await missing.text()).toContain('/download/ExpSuco.csv');
  });

  it('publishes the next vintage at run time: changed files change, late ones stay 304', async () => {
    const base = await start();
    const tag = async (name: string) => (await fetch(`${base}${name}.csv`, { method: 'HEAD' })).headers.get('etag')!;
    const before = { Producao: await tag('Producao'), ImpFrescas: await tag('ImpFrescas') };
    replica.setVintage(2024);
    const ask = (name: 'Producao' | 'ImpFrescas') =>
      fetch(`${base}${name}.csv`, { headers: { 'if-none-match': before[name] } }).then((answer) => answer.status);
    expect(await ask('Producao')).toBe(200);
    expect(await ask('ImpFrescas')).toBe(304);
    expect(() => replica.setVintage(1850)).toThrow(/from 2021/);
  });

  it('is steered by PUT /__replica and tells its requests', async () => {
    const base = await start();
    const put = (body: unknown) => fetch(`${replica.url}/__replica`, { method: 'PUT', body: JSON.stringify(body) });
    const answer = await put({ vintage: 2022, faults: [{ path: '/download/Imp*.csv', kind: '500', limit: 1 }] });
    expect(answer.status).toBe(200);
    expect((await fetch(`${base}ImpSuco.csv`)).status).toBe(500);
    expect((await fetch(`${base}ImpSuco.csv`)).status).toBe(200);
    const state = (await (await fetch(`${replica.url}/__replica`)).json()) as {
      vintage: number;
      faults: unknown[];
      requests: { counts: Record<string, number>; log: { status: number }[] };
    };
    expect(state.vintage).toBe(2022);
    const file = async () => (await fetch(`${base}ImpVinhos.csv`)).text();
    const before = await file();
    await put({ revision: 1 });
    expect(await file()).not.toBe(before);
    await put({ revision: 0 });
    expect(await file()).toBe(before);
    expect((await put({ revision: -1 })).status).toBe(400);
    expect(state.faults).toEqual([]);
    expect(state.requests.counts).toEqual({ '/download/ImpSuco.csv': 2 });
    expect(state.requests.log.map(({ status }) => status)).toEqual([500, 200]);
    expect(replica.requestsOf('/download/ImpSuco.csv')).toBe(2);
  });

  it('refuses a change that makes no sense and keeps what it was', async () => {
    await start();
    for (const body of [
      '{',
      '[]',
      '{"vintage":1}',
      '{"faults":[{"path":"/x","kind":"nope"}]}',
      '{"colour":1}',
      '{"faults":[{"path":"/x","kind":"500","rate":2}]}',
      '{"rate_limit":{"requests_per_minute":1,"path":"x"}}',
    ]) {
      const answer = await fetch(`${replica.url}/__replica`, { method: 'PUT', body });
      expect(answer.status).toBe(400);
    }
    expect(await (await fetch(`${replica.url}/__replica`)).json()).toMatchObject({ vintage: 2023, faults: [] });
  });

  it('limits the rate with 429 and Retry-After', async () => {
    const base = await start({ rate_limit: { requests_per_minute: 2, retry_after_s: 7 } });
    const answers = [];
    for (let i = 0; i < 3; i++) answers.push(await fetch(`${base}Producao.csv`));
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 429]);
    expect(answers[2].headers.get('retry-after')).toBe('7');
  });
});

describe('the users of the replica', () => {
  const usersAt = (base: string, query = '?size=3') => fetch(`${base}users${query}`);

  it('are others each time, in JSON without validators, and counted by path', async () => {
    await start();
    const base = replica.bases.users;
    expect(base).toBe(`${replica.url}/api/v2/`);
    const answers = [await usersAt(base), await usersAt(base, '?size=4')];
    const bodies = await Promise.all(answers.map((answer) => answer.json() as Promise<{ uid: string }[]>));
    expect(bodies.map((users) => users.length)).toEqual([3, 4]);
    expect(bodies[1][0].uid).not.toBe(bodies[0][0].uid);
    const { headers } = answers[0];
    expect(headers.get('content-type')).toBe('application/json; charset=utf-8');
    expect([headers.get('etag'), headers.get('last-modified')]).toEqual([null, null]);
    expect(replica.requestsOf('/api/v2/users')).toBe(2);
    const state = await (await fetch(`${replica.url}/__replica`)).json();
    expect(state).toMatchObject({ requests: { log: [{ query: '?size=3' }, { query: '?size=4' }] } });
    expect((state as { paths: string[] }).paths).toContain('/api/v2/users');
  });

  it('may have a host of their own, of the same replica', async () => {
    await start({ users_port: 0 });
    const host = new URL(replica.bases.users).origin;
    expect(host).not.toBe(replica.url);
    replica.setFaults([{ path: '/api/v2/users', kind: '500' }]);
    expect((await usersAt(replica.bases.users)).status).toBe(500);
    expect(replica.requestsOf('/api/v2/users')).toBe(1);
    await replica.close();
    await expect(fetch(host)).rejects.toThrow();
  });

  it('meet faults in their own form', async () => {
    await start({ faults: [{ path: '/api/*', kind: 'html' }] });
    const answer = await usersAt(replica.bases.users);
    expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'application/json; charset=utf-8']);
    expect(await answer.text()).toMatch(/^<!DOCTYPE html>/);
    replica.setFaults([{ path: '/api/*', kind: 'huge', bytes: 5_000_000 }]);
    const text = await (await usersAt(replica.bases.users)).text();
    expect(text.length).toBeGreaterThan(5_000_000);
    expect((JSON.parse(text) as { uid: string }[])[5000]).toHaveProperty('uid');
    replica.setFaults([{ path: '/api/*', kind: 'cut' }]);
    await expect(usersAt(replica.bases.users).then((cut) => cut.text())).rejects.toThrow();
  });

  it('are struck as often as a rate says, and by the same requests with the same seed', async () => {
    const statuses = async (seed: string) => {
      await start({ seed, faults: [{ path: '/api/v2/users', kind: '500', rate: 0.3 }] });
      const seen: number[] = [];
      for (let i = 0; i < 100; i++) seen.push((await usersAt(replica.bases.users, '')).status);
      await replica.close();
      return seen;
    };
    const first = await statuses('granary');
    const failed = first.filter((status) => status === 500).length;
    expect(failed).toBeGreaterThan(15);
    expect(failed).toBeLessThan(45);
    expect(await statuses('granary')).toEqual(first);
    expect(await statuses('another')).not.toEqual(first);
  });

  it('can be limited alone, and are told when to come again', async () => {
    const base = await start({ rate_limit: { requests_per_minute: 1, path: '/api/*' } });
    for (let i = 0; i < 3; i++) expect((await fetch(`${base}ImpSuco.csv`)).status).toBe(200);
    expect((await usersAt(replica.bases.users)).status).toBe(200);
    const answer = await usersAt(replica.bases.users);
    expect(answer.status).toBe(429);
    expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(55);
    expect(Number(answer.headers.get('retry-after'))).toBeLessThanOrEqual(60);
  });
});

describe('faults of the answer', () => {
  it('429 tells how long to wait', async () => {
    const answer = await fetch(`${await withFault('429', { retry_after_s: 60 })}Producao.csv`);
    expect([answer.status, answer.headers.get('retry-after')]).toEqual([429, '60']);
  });

  it('cut breaks the connection before the body is complete', async () => {
    const answer = await fetch(`${await withFault('cut')}Producao.csv`, identity);
    await expect(answer.arrayBuffer()).rejects.toThrow();
  });

  it('slow delivers the whole body in pieces', async () => {
    const answer = await fetch(`${await withFault('slow', { delay_ms: 1 })}ImpSuco.csv`, identity);
    expect((await bytesOf(answer)).length).toBe(Number(answer.headers.get('content-length')));
  });

  it('hang gives no answer and does not keep the replica from closing', async () => {
    const answer = fetch(`${await withFault('hang')}ImpSuco.csv`);
    answer.catch(() => undefined);
    await replica.close();
    await expect(answer).rejects.toThrow();
  });

  it('redirects point inside the network, or to themselves for ever', async () => {
    const inside = await fetch(`${await withFault('redirect-private')}ImpSuco.csv`, { redirect: 'manual' });
    expect([inside.status, inside.headers.get('location')]).toEqual([302, 'http://169.254.169.254/latest/meta-data/']);
    replica.setFaults([{ path: '*', kind: 'redirect-loop' }]);
    await expect(fetch(`${replica.bases.embrapa}ImpSuco.csv`)).rejects.toThrow();
    expect(replica.requestsOf('/download/ImpSuco.csv')).toBeGreaterThan(10);
  });

  it('html and empty come as CSV with status 200', async () => {
    const page = await fetch(`${await withFault('html')}ImpSuco.csv`);
    expect([page.status, page.headers.get('content-type')]).toEqual([200, 'text/csv']);
    expect(await page.text()).toMatch(/^<!DOCTYPE html>/);
    replica.setFaults([{ path: '*', kind: 'empty' }]);
    expect(await (await fetch(`${replica.bases.embrapa}ImpSuco.csv`)).text()).toBe('');
  });

  it('huge streams as much as it is told to', async () => {
    const answer = await fetch(`${await withFault('huge', { bytes: 5_000_000 })}ImpSuco.csv`, identity);
    expect((await bytesOf(answer)).length).toBeGreaterThanOrEqual(5_000_000);
    expect(answer.headers.get('content-length')).toBeNull();
  });

  it('a zip bomb is small on the wire and large behind it', async () => {
    const base = await withFault('zip-bomb', { bytes: 8_000_000 });
    const unpacked = await bytesOf(await fetch(`${base}ImpSuco.csv`));
    expect(unpacked.length).toBeGreaterThanOrEqual(8_000_000);
  });
});

describe('faults of the file', () => {
  const body = async (kind: Fault['kind'], name = 'ProcessaViniferas', vintage = 2023): Promise<Buffer> => {
    const base = await start({ vintage, faults: [{ path: '/download/*', kind }] });
    const answer = await fetch(`${base}${name}.csv`, { headers: { 'accept-encoding': 'gzip' } });
    const bytes = await bytesOf(answer);
    return bytes[0] === 0x1f ? gunzipSync(bytes) : bytes;
  };

  it('change the bytes in the way they say', async () => {
    const seen: Record<string, RegExp> = {
      mojibake: /CarmÃ©nÃ¨re/,
      latin1: /Carm\ufffdn\ufffdre/,
      bom: /^\ufeffid;/,
      crlf: /\r\n2;/,
      'excel-thousands': /;\d{1,3}(\.\d{3})+;/,
      'text-figure': /;a revisar;/,
      'no-header': /^1;TINTAS;/,
      'blank-rows': /\n\n.*\n.*\n.*\n;{50,}\n/,
      'unquoted-commas': /^id,control,cultivar,1970/,
      'four-times': /2021;2022;2022\n/,
    };
    for (const [kind, pattern] of Object.entries(seen)) {
      expect((await body(kind as Fault['kind'])).toString('utf8')).toMatch(pattern);
      await replica.close();
    }
    const widths = (await body('ragged'))
      .toString()
      .trimEnd()
      .split('\n')
      .map((line) => line.split(';').length);
    expect(new Set(widths)).toEqual(new Set([56, 57, 58]));
  });

  it('put another file in the place of one, or half of it', async () => {
    const base = await start();
    const text = async (name: string) => (await fetch(`${base}${name}.csv`)).text();
    const [own, other] = [await text('Producao'), await text('Comercio')];
    const path = '/download/Producao.csv';
    replica.setFaults([{ path, kind: 'other-file', other: 'Comercio' }]);
    expect(await text('Producao')).toBe(other);
    replica.setFaults([{ path, kind: 'half' }]);
    const half = await text('Producao');
    expect(own.startsWith(half)).toBe(true);
    expect(half.split('\n').length / own.split('\n').length).toBeCloseTo(0.5, 1);
    expect(() => replica.setFaults([{ path, kind: 'other-file', other: 'Nothing' }])).toThrow('name of a file');
  });

  it('change the tag with the bytes', async () => {
    const base = await start();
    const clean = (await fetch(`${base}ImpSuco.csv`)).headers.get('etag');
    replica.setFaults([{ path: '/download/ImpSuco.csv', kind: 'four-times' }]);
    const answer = await fetch(`${base}ImpSuco.csv`);
    expect(answer.headers.get('etag')).not.toBe(clean);
    expect((await answer.text()).match(/2022/g)!.length).toBeGreaterThanOrEqual(4);
  });
});
