import { once } from 'node:events';
import http, { type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { refusedHost, refusedPage } from '@granary/embedded-aws/refused-callers';
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { HOSTS } from '../hosts.ts';
import { KEY_HEADER, knowsKey, STRANGER, takeKeyOff } from '../start-key.ts';
import { guarded } from './guard-servers.ts';

const KEY = 'a-key-of-this-start';
let server: Server;
let received: IncomingMessage[];

beforeEach(async () => {
  received = [];
  const plain = http.createServer((request, response) => {
    received.push(request);
    response.end('done');
  });
  server = guarded(plain, (request) => {
    const known = knowsKey(request, KEY);
    takeKeyOff(request);
    return refusedHost(request, HOSTS) ?? (known ? undefined : (refusedPage(request) ?? STRANGER));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
});
afterEach(() => {
  server.close();
  server.closeAllConnections();
});

const ask = async (headers: Record<string, string>) => {
  const { port } = server.address() as AddressInfo;
  const sent = http.request({ host: '127.0.0.1', port, method: 'POST', headers: { ...headers, 'content-length': 2 } });
  sent.on('error', () => undefined).end('{}');
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  response.resume();
  return response.statusCode;
};

it.each([
  ['a page in a browser', { origin: 'https://evil.example' }, 403],
  ['a page without a name', { origin: 'null' }, 403],
  ['a page of this machine', { origin: 'http://localhost:5173' }, 403],
  ['a program without the key', {}, 403],
  ['a program with another key', { [KEY_HEADER]: 'b-key-of-this-start' }, 403],
  ['a name that was pointed here, with the key', { host: 'evil.example', [KEY_HEADER]: KEY }, 421],
  ['a name that only looks local', { host: 'localhost.evil.example', [KEY_HEADER]: KEY }, 421],
  ['an address of the network', { host: '192.168.0.7:4002', [KEY_HEADER]: KEY }, 421],
])('X2: a call of a function by %s is refused before the server sees it', async (_who, headers, status) => {
  expect(await ask(headers)).toBe(status);
  expect(received).toEqual([]);
});

it('X2: lets a call with the key through, by any name of this machine, and keeps the key to itself', async () => {
  for (const host of ['localhost:4002', '127.0.0.1', '[::1]:4002', 'bucket.localhost:4566'])
    expect(await ask({ host, [KEY_HEADER]: KEY })).toBe(200);
  for (const { headers, rawHeaders } of received) expect(JSON.stringify([headers, rawHeaders])).not.toContain(KEY);
});

it('X3: takes further names of this machine from the environment', async () => {
  process.env.GRANARY_HOSTS = 'granary.tunnel.example, other.example';
  try {
    expect(await ask({ host: 'granary.tunnel.example:443', [KEY_HEADER]: KEY })).toBe(200);
    expect(await ask({ host: 'evil.example', [KEY_HEADER]: KEY })).toBe(421);
  } finally {
    delete process.env.GRANARY_HOSTS;
  }
});
