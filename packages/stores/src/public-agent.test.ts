import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { SourceRefused } from '@granary/domain/errors';
import { readPrivateOrigins } from '@granary/domain/rules/private-origins';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { makeHttpFetcher } from './http-fetcher.ts';
import { type Lookup, makeAddressCheck } from './public-agent.ts';

const LOOPBACK = readPrivateOrigins('http://127.0.0.1:*');
const lookup: Lookup = (hostname, _, callback) => {
  const known: Record<string, string[]> = {
    'public.test': ['93.184.215.14'],
    'inside.test': ['10.0.0.1'],
    'mixed.test': ['93.184.215.14', 'fd00::1'],
  };
  const found = known[hostname];
  if (!found) return callback(Object.assign(new Error('none'), { code: 'ENOTFOUND' }), []);
  callback(
    null,
    found.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
  );
};

describe('The check of an address before it is saved', () => {
  const check = (url: string, base_url = url, mayBePrivate = LOOPBACK) =>
    makeAddressCheck({ mayBePrivate, lookup })(url, base_url);
  it.each([
    ['http://public.test/', undefined],
    ['https://unknown.test/', undefined],
    ['http://127.0.0.1:8093/', undefined],
    ['https://127.0.0.1/', '127.0.0.1 is no public address'],
    ['http://2130706433:1/', undefined],
    ['http://0x0a000001/', '10.0.0.1 is no public address'],
    ['http://[::ffff:10.0.0.1]/', 'is no public address'],
    ['http://[::1]/', '::1 is no public address'],
    ['http://169.254.169.254/latest/', '169.254.169.254 is no public address'],
    ['http://inside.test/', 'inside.test is not fetched: 10.0.0.1 is no public address'],
    ['http://mixed.test/', 'fd00::1 is no public address'],
    ['http://me:secret@public.test/', 'An address with a password is not followed (host public.test)'],
    ['ftp://public.test/', 'ftp: is not followed'],
  ])('says of %s: %s', async (url, said) => {
    const found = await check(url);
    if (said === undefined) expect(found).toBeUndefined();
    else expect(found).toContain(said);
    expect(found ?? '').not.toContain('secret');
  });

  it('lets no address be private but the own one of its source, on a stage that lets it', async () => {
    expect(await check('http://127.0.0.1:1/a', 'http://127.0.0.1:2/')).toContain('127.0.0.1 is no public address');
    expect(await check('http://127.0.0.1:1/a', 'http://public.test/')).toContain('127.0.0.1 is no public address');
    expect(await check('http://127.0.0.1:1/', 'http://127.0.0.1:1/', () => false)).toContain('no public address');
  });
});

describe('A source whose own address is private', () => {
  let server: Server;
  let other: Server;
  const portOf = (one: Server) => (one.address() as AddressInfo).port;
  beforeAll(async () => {
    other = createServer((_, answer) => answer.end('ours'));
    server = createServer((request, answer) => {
      if (request.url === '/away') answer.writeHead(302, { location: `http://127.0.0.1:${portOf(other)}/` });
      answer.end('a;b\n1;2\n');
    });
    for (const one of [server, other]) await new Promise<void>((resolve) => one.listen(0, '127.0.0.1', resolve));
  });
  afterAll(() => {
    for (const one of [server, other]) one.close();
  });

  it('is fetched where the stage lets it be, and leads to no other private address', async () => {
    const base_url = `http://127.0.0.1:${portOf(server)}/`;
    const fetcher = makeHttpFetcher({ origins: [], mayBePrivate: LOOPBACK, tmpdir: tmpdir() });
    const elsewhere = makeHttpFetcher({ origins: [], tmpdir: tmpdir() });
    const wanted = { max_bytes: 1000, before: async () => {} };
    try {
      expect(await fetcher({ ...wanted, url: `${base_url}a`, base_url })).toMatchObject({
        status: 'fetched',
        bytes: 8,
      });
      const refused = [
        fetcher({ ...wanted, url: `${base_url}away`, base_url }),
        fetcher({ ...wanted, url: `${base_url}a` }),
        fetcher({ ...wanted, url: `${base_url}a`, base_url: 'http://public.test/' }),
        elsewhere({ ...wanted, url: `${base_url}a`, base_url }),
      ];
      for (const one of await Promise.allSettled(refused))
        expect(one).toMatchObject({ status: 'rejected', reason: expect.any(SourceRefused) });
    } finally {
      await Promise.all([fetcher.close(), elsewhere.close()]);
    }
  });
});
