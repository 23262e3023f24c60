import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import { SourceRefused, SourceThrottled, SourceUnavailable } from '@granary/domain/errors';
import { ANSWER_LENGTH } from '@granary/domain/rules/run-end';
import type { SourceAnswer } from '@granary/domain/run';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { makeBodyFetcher } from './body-fetcher.ts';

type Answer = (request: IncomingMessage, response: ServerResponse) => void;
const NOW = Date.parse('2026-11-20T08:00:00Z');
const BODY = JSON.stringify([{ id: 1, last_name: 'Rolfson', password: '4FDEwuJI6l' }]);
const lengthAndHash = (text: string) =>
  `${text.length} bytes, sha256 ${createHash('sha256').update(text).digest('hex')}`;

let answer: Answer;
let asked: IncomingMessage[] = [];
let server: Server;
let origin: string;
beforeAll(async () => {
  server = createServer((request, response) => {
    asked.push(request);
    answer(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

type Given = { deadline?: number; origins?: string[]; query?: string; contact?: string };
const get = async (by: Answer, { deadline, origins = [origin], query = 'size=2', contact }: Given = {}) => {
  [answer, asked] = [by, []];
  const fetcher = makeBodyFetcher({ origins, now: () => NOW, contact });
  try {
    const url = `${origin}/users?${query}`;
    return await fetcher({ url, max_bytes: 1000, accept: 'application/json', before: async () => {}, deadline });
  } finally {
    fetcher.close().catch(() => {});
  }
};
const failure = async (...args: Parameters<typeof get>) => {
  const error = await get(...args).catch((thrown: unknown) => thrown);
  return error as Error & { answer?: SourceAnswer };
};
const send =
  (body: string | Buffer, headers: Record<string, string> = {}, status = 200): Answer =>
  (_, response) =>
    response.writeHead(status, headers).end(body);

describe('A fetched body', () => {
  it('is in memory, decoded, with its type', async () => {
    const { body, content_type } = await get(
      send(gzipSync(BODY), { 'content-encoding': 'gzip', 'content-type': 'application/json; charset=utf-8' }),
    );
    expect([Buffer.from(body).toString(), content_type]).toEqual([BODY, 'application/json; charset=utf-8']);
    expect(asked[0]!.headers).toMatchObject({
      accept: 'application/json',
      'user-agent': 'Granary/0.1 (collects public data)',
    });
  });

  it('is asked for with the contact of whoever runs the stage, if that is one', async () => {
    await get(send(BODY), { contact: 'https://data.example/contact' });
    expect(asked[0]!.headers['user-agent']).toBe('Granary/0.1 (+https://data.example/contact; collects public data)');
    for (const contact of ['a b', 'a)b', 'a\r\nx: y', 'é'])
      await expect(get(send(BODY), { contact })).rejects.toThrow('GRANARY_CONTACT must be the address of a page');
  });
});

describe('A source that fails says', () => {
  const host = () => new URL(origin).host;

  it('its status and the beginning of its body, without what is about people', async () => {
    const error = await failure(send(`{"message":"no","email":"a@b.com"}${' x'.repeat(2000)}`, {}, 500));
    expect(error).toBeInstanceOf(SourceUnavailable);
    expect(error.answer).toMatchObject({ host: host(), status: 500 });
    expect(error.answer!.content).toMatch(/^\{"message":"no","email: \(removed\)\} x/);
    expect(error.answer!.content).toHaveLength(ANSWER_LENGTH);
  });

  it('nothing of the key in the query that it was asked with, though it repeats what it was asked', async () => {
    const { url } = { url: '/users?apikey=Zm9v%2Fbar&size=2' };
    const error = await failure(send(`no such ${url}: Zm9v/bar is no key of size 2`, {}, 404), {
      query: url.split('?')[1],
    });
    expect(error.answer!.content).toContain('no such /users?');
    expect(JSON.stringify([error.message, error.answer])).not.toMatch(/Zm9v|bar/);
  });

  it('nothing personal of where it redirects to, nor of how it says its body is encoded', async () => {
    const elsewhere = await failure((request, response) =>
      request.url!.startsWith('/users?')
        ? response.writeHead(302, { location: '/of/federico@email.com/262917652' }).end()
        : response.writeHead(404).end(),
    );
    expect(elsewhere.message).toMatch(/answered 404$/);
    const encoded = await failure(send(BODY, { 'content-encoding': 'sin 262917652' }));
    const stacked = await failure(send(BODY, { 'content-encoding': '262917652, a, b' }));
    for (const { message } of [elsewhere, encoded, stacked]) expect(message).not.toMatch(/262917652|federico@/);
  });

  it('when it may be asked again', async () => {
    const error = await failure(send('slow down', { 'retry-after': '60' }, 429));
    expect(error).toBeInstanceOf(SourceThrottled);
    expect((error as SourceThrottled).until).toBe(NOW + 60_000);
    expect(error.answer).toEqual({ host: host(), status: 429, content: 'slow down' });
  });

  it('that it refuses', async () => {
    const error = await failure(send('', {}, 404));
    expect(error).toBeInstanceOf(SourceRefused);
    expect(error.answer).toEqual({ host: host(), status: 404, content: null });
  });

  it('of a body that breaks off only how long it was, and its hash', async () => {
    const error = await failure((_, response) => {
      response.writeHead(200, { 'content-length': '900' });
      response.write(BODY, () => setTimeout(() => response.destroy(), 20));
    });
    expect(error).toBeInstanceOf(SourceUnavailable);
    expect(error.answer).toEqual({ host: host(), status: 200, content: lengthAndHash(BODY) });
  });

  it('the same of one that does not go on', async () => {
    const stalled: Answer = (_, response) => void response.writeHead(200).write(BODY);
    const error = await failure(stalled, { deadline: NOW + 100 });
    expect(error).toBeInstanceOf(SourceUnavailable);
    expect(error.answer).toEqual({ host: host(), status: 200, content: lengthAndHash(BODY) });
  });

  it('nothing at all when no answer came', async () => {
    const nothing = { host: host(), status: null, content: null };
    const error = await failure(() => {}, { deadline: NOW + 100 });
    expect(error).toBeInstanceOf(SourceUnavailable);
    expect(error.answer).toEqual(nothing);
    expect((await failure((request) => request.socket.destroy())).answer).toEqual(nothing);
    expect((await failure(send(''), { deadline: NOW })).answer).toEqual(nothing);
  });

  it('that it sends too much', async () => {
    for (const by of [send('x'.repeat(1001)), send(gzipSync('x'.repeat(100_000)), { 'content-encoding': 'gzip' })]) {
      const error = await failure(by);
      expect(error).toBeInstanceOf(SourceRefused);
      expect(error.answer).toMatchObject({ host: host(), status: 200 });
      expect(error.answer!.content).toMatch(/^\d+ bytes, sha256 /);
    }
  });

  it('nothing, when it is in a private network and nobody configured it', async () => {
    const error = await failure(send(BODY), { origins: [] });
    expect(error).toBeInstanceOf(SourceRefused);
    expect(error.message).toContain('no public address');
    expect(asked).toEqual([]);
  });
});
