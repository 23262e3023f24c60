import { createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { gzipSync } from 'node:zlib';
import { SourceUnavailable } from '@granary/domain/errors';
import { describe, expect, it } from '@jest/globals';
import { makeBodyFetcher } from './body-fetcher.ts';
import { makeHttpFetcher } from './http-fetcher.ts';

/** What both fetchers say of a server that does this with its first connection. */
const said = async (answer: (socket: Socket) => void): Promise<string[]> => {
  const server = createServer((socket) => {
    socket.on('error', () => {});
    socket.once('data', () => answer(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const origin = `http://127.0.0.1:${(server.address() as { port: number }).port}`;
  const options = { origins: [origin] };
  const file = makeHttpFetcher({ ...options, tmpdir: tmpdir() });
  const body = makeBodyFetcher(options);
  const wanted = { url: `${origin}/a`, max_bytes: 100_000, before: async () => {} };
  const errors = await Promise.all(
    [file(wanted), body({ ...wanted, accept: '*/*' })].map((asked) =>
      (asked as Promise<unknown>).catch((error: unknown) => error),
    ),
  );
  await Promise.allSettled([file.close(), body.close()]);
  server.close();
  for (const error of errors) expect(error).toBeInstanceOf(SourceUnavailable);
  return errors.map((error) => (error as Error).message.replace(origin, ''));
};
const twice = (message: string) => [message, message];

const CHUNKED = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n';
const packed = gzipSync(Buffer.from(Array.from({ length: 500 }, (_, i) => `${i};${i * 7919}`).join('\n')));

describe('A connection that ends before its answer', () => {
  const cases: [string, (socket: Socket) => void, number][] = [
    ['in the middle of a chunk', (socket) => socket.end(`${CHUNKED}64\r\nid;1970`), 7],
    ['between two chunks', (socket) => socket.end(`${CHUNKED}7\r\nid;1970\r\n`), 7],
    ['in the size of a chunk', (socket) => socket.end(`${CHUNKED}7\r\nid;1970\r\n1`), 7],
    ['before the Content-Length', (socket) => socket.end('HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\nid;1970'), 7],
    ['before the first byte', (socket) => socket.end('HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n'), 0],
    [
      'by a reset',
      (socket) => {
        socket.write(`${CHUNKED}64\r\nid;1970`);
        setTimeout(() => socket.resetAndDestroy(), 50);
      },
      7,
    ],
    [
      'in the middle of gzip',
      (socket) => {
        socket.write(`HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: ${packed.length}\r\n\r\n`);
        socket.end(packed.subarray(0, 900));
      },
      900,
    ],
  ];
  it.each(cases)('E12: %s: was cut after so many bytes', async (_, answer, bytes) => {
    expect(await said(answer)).toEqual(twice(`/a could not be read: the connection was cut after ${bytes} bytes`));
  });

  it('E12: with what is no HTTP: says where it stopped making sense', async () => {
    expect(await said((socket) => socket.end(`${CHUNKED}7\r\nid;1970\r\nzz\r\n`))).toEqual(
      twice('/a stopped answering in HTTP after 7 bytes'),
    );
    expect(await said((socket) => socket.end('hello\r\n\r\n'))).toEqual(twice('/a did not answer in HTTP'));
  });
});
