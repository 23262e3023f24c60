import { createHash } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import { SourceRefused, SourceThrottled, SourceUnavailable } from '@granary/domain/errors';
import type { Fetched } from '@granary/domain/ports/collecting';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { makeHttpFetcher } from './http-fetcher.ts';
import type { Lookup } from './public-agent.ts';

type Answer = (request: IncomingMessage, response: ServerResponse) => void;
const NOW = Date.parse('2026-11-20T08:00:00Z');
const CSV = 'id;control;produto;1970\n1;VINHO DE MESA;VINHO DE MESA;217208604\n';

const BLOCK = Buffer.alloc(65_536, 'x;');

let answers: Record<string, Answer> = {};
let asked: IncomingMessage[] = [];
let hosts: string[] = [];
/** Path, status, and whether there was a time, of each answer. */
let told: [string, number, boolean][] = [];
let server: Server;
let origin: string;
let folder: string;

beforeAll(async () => {
  server = createServer((request, response) => {
    asked.push(request);
    answers[request.url!]?.(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  folder = await mkdtemp(join(tmpdir(), 'granary-test-'));
});
beforeEach(() => {
  [answers, asked, hosts, told] = [{}, [], [], []];
});
afterAll(async () => {
  server.closeAllConnections();
  server.close();
  await rm(folder, { recursive: true });
});

const get = async (
  path: string,
  {
    max_bytes = 1_000_000,
    total_ms,
    lookup,
    etag,
    deadline,
    beginning,
  }: {
    max_bytes?: number;
    total_ms?: number;
    lookup?: Lookup;
    etag?: string;
    deadline?: number;
    beginning?: true;
  } = {},
): Promise<Fetched> => {
  const fetcher = makeHttpFetcher({
    origins: [`${origin}/download/`],
    tmpdir: folder,
    now: () => NOW,
    total_ms,
    lookup,
  });
  const before = async ({ host }: URL) => void hosts.push(host);
  const answered = async ({ pathname }: URL, { ms, status }: { ms: number; status: number }) =>
    void told.push([pathname, status, ms >= 0]);
  const url = path.startsWith('http') ? path : origin + path;
  try {
    return await fetcher({ url, max_bytes, etag, deadline, before, answered, beginning });
  } finally {
    fetcher.close().catch(() => {});
  }
};
const send =
  (body: string | Buffer, headers: Record<string, string> = {}, status = 200): Answer =>
  (_, response) =>
    response.writeHead(status, headers).end(body);

describe('The beginning of a file', () => {
  const content = async (file: Fetched) => (file.status === 'fetched' ? readFile(file.path, 'utf8') : undefined);

  it('is what comes before the limit, whatever the file says of its length', async () => {
    for (const headers of [{}, { 'content-length': String(CSV.length) }] as Record<string, string>[]) {
      answers['/a'] = send(CSV, headers);
      const file = await get('/a', { max_bytes: 10, beginning: true });
      expect(file).toMatchObject({ status: 'fetched', bytes: 10, cut: true });
      expect(await content(file)).toBe(CSV.slice(0, 10));
    }
  });

  it('is the whole file where that is not longer', async () => {
    answers['/a'] = send(CSV, { etag: '"e1"' });
    const whole = await get('/a', { max_bytes: CSV.length, beginning: true });
    expect(whole).toEqual({ ...(await get('/a')), path: expect.any(String) });
    expect(await content(whole)).toBe(CSV);
  });

  it('is what a decoder gives first, of a bomb too', async () => {
    for (const [encoding, encode] of [
      ['gzip', gzipSync],
      ['br', brotliCompressSync],
      ['deflate', deflateSync],
    ] as const) {
      answers['/a'] = send(encode(Buffer.alloc(50_000_000, 'x')), { 'content-encoding': encoding });
      expect(await get('/a', { max_bytes: 1000, beginning: true })).toMatchObject({ bytes: 1000, cut: true });
    }
  });

  it('is what had come when time was over; nothing at all is a failure', async () => {
    answers['/a'] = (_, response) => void response.writeHead(200).write(CSV);
    const file = await get('/a', { total_ms: 300, beginning: true });
    expect(file).toMatchObject({ cut: true });
    expect(await content(file)).toBe(CSV);
    answers['/b'] = (_, response) => response.writeHead(200).flushHeaders();
    await expect(get('/b', { total_ms: 300, beginning: true })).rejects.toThrow(SourceUnavailable);
  });

  it('of a body that is damaged is a failure, and leaves no file', async () => {
    answers['/a'] = send(gzipSync(CSV).subarray(0, 20), { 'content-encoding': 'gzip' });
    const before = await readdir(folder);
    await expect(get('/a', { beginning: true })).rejects.toThrow(SourceUnavailable);
    expect(await readdir(folder)).toEqual(before);
  });
});

describe('A fetched file', () => {
  it('has the bytes as sent, their hash and what the source says of them', async () => {
    answers['/a'] = send(CSV, {
      etag: '"e1"',
      'last-modified': 'Fri, 20 Nov 2026 07:00:00 GMT',
      'content-type': 'text/csv',
    });
    const file = await get('/a');
    const sha256 = createHash('sha256').update(CSV).digest('hex');
    expect(file).toMatchObject({
      status: 'fetched',
      bytes: CSV.length,
      sha256,
      etag: '"e1"',
      content_type: 'text/csv',
    });
    expect(file.status === 'fetched' && (await readFile(file.path, 'utf8'))).toBe(CSV);
    expect(asked[0]!.headers['user-agent']).toContain('Granary');
    expect(hosts).toEqual([new URL(origin).host]);
  });

  it.each([
    ['gzip', gzipSync],
    ['deflate', deflateSync],
    ['br', brotliCompressSync],
  ] as const)('is decoded from %s', async (coding, encode) => {
    answers['/a'] = send(encode(Buffer.from(CSV)), { 'content-encoding': coding });
    const file = await get('/a');
    expect(file.status === 'fetched' && (await readFile(file.path, 'utf8'))).toBe(CSV);
  });

  it('is not sent again when it has not changed', async () => {
    answers['/a'] = send('', {}, 304);
    expect(await get('/a', { etag: '"e1"' })).toEqual({ status: 'not-modified' });
    expect(asked[0]!.headers['if-none-match']).toBe('"e1"');
    await expect(get('/a')).rejects.toThrow(SourceRefused);
  });

  it('of 200 MB does not pass through memory', async () => {
    answers['/a'] = (_, response) => {
      let left = 3200;
      const more = (): void => {
        for (; left > 0; left--) {
          if (response.writableNeedDrain) return void response.once('drain', more);
          response.write(BLOCK);
        }
        response.end();
      };
      more();
    };
    const before = process.memoryUsage().rss;
    const file = await get('/a', { max_bytes: 300_000_000 });
    expect(file).toMatchObject({ bytes: 3200 * BLOCK.length });
    expect(process.memoryUsage().rss - before).toBeLessThan(96 * 2 ** 20);
    if (file.status === 'fetched') await rm(file.path);
  });

  it('follows redirects, asking before each request', async () => {
    answers['/a'] = send('', { location: '/b' }, 302);
    answers['/b'] = send('', { location: `${origin}/c` }, 308);
    answers['/c'] = send(CSV);
    expect(await get('/a')).toMatchObject({ status: 'fetched', bytes: CSV.length });
    expect(hosts).toHaveLength(3);
    expect(told).toEqual([
      ['/a', 302, true],
      ['/b', 308, true],
      ['/c', 200, true],
    ]);
  });
});

describe('A source that cannot be read now', () => {
  const cases: Record<string, Answer> = {
    'answers 500': send('sorry', {}, 500),
    'answers 503 without saying for how long': send('sorry', {}, 503),
    'promises more than it sends': (_, response) => {
      response.writeHead(200, { 'content-length': '1000' });
      response.write('short', () => response.destroy());
    },
    'sends half a gzip': send(gzipSync(CSV.repeat(100)).subarray(0, 60), { 'content-encoding': 'gzip' }),
    'sends no gzip at all': send(CSV, { 'content-encoding': 'gzip' }),
    'breaks the connection': (request) => request.socket.destroy(),
    'speaks no HTTP': (request) => request.socket.end('hello\r\n\r\n'),
    'never ends': (_, response) => void response.writeHead(200).write('a'),
    'never begins': () => {},
  };
  it.each(Object.keys(cases))('%s: SourceUnavailable, and no file is left', async (name) => {
    answers['/a'] = cases[name]!;
    const before = (await readdir(folder)).length;
    await expect(get('/a', { total_ms: 300 })).rejects.toThrow(SourceUnavailable);
    expect(await readdir(folder)).toHaveLength(before);
  });

  it('says until when it wants to be left alone', async () => {
    const until = async (headers: Record<string, string>, status = 429) => {
      answers['/a'] = send('slow down', headers, status);
      const error = await get('/a').catch((thrown: unknown) => thrown);
      expect(error).toBeInstanceOf(SourceThrottled);
      expect((error as SourceThrottled).host).toBe(new URL(origin).host);
      return ((error as SourceThrottled).until - NOW) / 1000;
    };
    expect(await until({ 'retry-after': '60' })).toBe(60);
    expect(await until({ 'retry-after': 'Fri, 20 Nov 2026 08:02:00 GMT' }, 503)).toBe(120);
    expect(await until({})).toBe(30);
    expect(await until({ 'retry-after': 'soon' })).toBe(30);
    expect(await until({ 'retry-after': '-5' })).toBe(30);
    expect(await until({ 'retry-after': '99999999' })).toBe(86_400);
  });
});

describe('A source that is refused', () => {
  const cases: Record<string, Answer> = {
    'answers 404': send('no', {}, 404),
    'answers 403': send('no', {}, 403),
    'redirects to nowhere': send('', {}, 302),
    'redirects in a circle': send('', { location: '/a' }, 302),
    'redirects to a file of ours': send('', { location: 'file:///etc/passwd' }, 302),
    'redirects to the metadata service': send('', { location: 'http://169.254.169.254/latest/meta-data/' }, 302),
    'redirects into the private network': send('', { location: 'http://10.0.0.1/' }, 302),
    'redirects to an IPv4 address in disguise': send('', { location: 'http://[::ffff:127.0.0.1]/' }, 302),
    'redirects to a number that is an address': send('', { location: 'http://2130706433/' }, 302),
    'redirects to another port of this machine': send('', { location: 'http://127.0.0.1:1/' }, 302),
    'sends a coding that nobody asked for': send(CSV, { 'content-encoding': 'zstd' }),
    'says that it is too large': send('x'.repeat(2000)),
  };
  it.each(Object.keys(cases))('%s', async (name) => {
    answers['/a'] = cases[name]!;
    await expect(get('/a', { max_bytes: 1000 })).rejects.toThrow(SourceRefused);
    expect(asked).toHaveLength(1);
  });

  it('redirects more often than anybody needs', async () => {
    for (let hop = 0; hop < 20; hop++) answers[`/${hop}`] = send('', { location: `/${hop + 1}` }, 302);
    await expect(get('/0')).rejects.toThrow('more than 5 times');
  });

  it('sends more than it may, without having said so', async () => {
    let sent = 0;
    answers['/a'] = (_, response) => {
      const more = (): void => {
        while (!response.destroyed && response.write(Buffer.alloc(65_536))) sent += 65_536;
        if (!response.destroyed) response.once('drain', more);
      };
      more();
    };
    await expect(get('/a', { max_bytes: 1_000_000 })).rejects.toThrow(SourceRefused);
    expect(sent).toBeLessThan(50_000_000);
  });

  it('hides two gigabytes in two megabytes of gzip', async () => {
    const bomb = gzipSync(Buffer.alloc(64 * 1024 * 1024));
    answers['/a'] = send(bomb, { 'content-encoding': 'gzip' });
    const before = process.memoryUsage().rss;
    await expect(get('/a', { max_bytes: 1_000_000 })).rejects.toThrow(SourceRefused);
    expect(process.memoryUsage().rss - before).toBeLessThan(64 * 1024 * 1024);
    expect((await readdir(folder)).filter((name) => name.startsWith('granary-fetch'))).not.toContain('bomb');
  });

  it('has a public name for a private address, and the name is looked up once', async () => {
    let lookups = 0;
    const lookup: Lookup = (_, __, callback) => {
      lookups += 1;
      callback(null, [{ address: lookups === 1 ? '127.0.0.1' : '93.184.215.14', family: 4 }]);
    };
    const url = origin.replace('127.0.0.1', 'rebinding.test');
    await expect(get(`${url}/a`, { lookup })).rejects.toThrow('127.0.0.1 is no public address');
    expect([lookups, asked.length]).toEqual([1, 0]);
  });

  it('has a private address among public ones', async () => {
    const lookup: Lookup = (_, __, callback) =>
      callback(null, [
        { address: '93.184.215.14', family: 4 },
        { address: 'fd00::1', family: 6 },
      ]);
    await expect(get('http://mixed.test/', { lookup })).rejects.toThrow(SourceRefused);
  });

  it('has a password in its address', async () => {
    await expect(get(origin.replace('//', '//me:secret@'))).rejects.toThrow(SourceRefused);
  });
});

describe('Regressions', () => {
  it('asks nothing once the deadline of the delivery has passed, and waits no longer than to it', async () => {
    answers['/late'] = send(CSV);
    await expect(get('/late', { deadline: NOW })).rejects.toThrow(SourceUnavailable);
    expect(asked).toHaveLength(0);
    answers['/never'] = () => {};
    await expect(get('/never', { deadline: NOW + 50 })).rejects.toThrow(SourceUnavailable);
  });

  it('does not repeat the query of a redirect, which may be a signature, in what it says', async () => {
    answers['/signed'] = send('', { location: '/cdn?X-Amz-Signature=secret' }, 302);
    answers['/cdn?X-Amz-Signature=secret'] = send('', {}, 404);
    const message = await get('/signed').catch((error: Error) => error.message);
    expect(message).toBe(`${origin}/cdn?… answered 404`);
  });
});
