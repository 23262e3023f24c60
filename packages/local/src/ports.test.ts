import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { describe, expect, it } from '@jest/globals';
import { portsFrom, untilListening, unusablePort } from './ports.ts';

describe('ports', () => {
  it('are those of docs/contracts when nothing is said', () => {
    expect(portsFrom(4000)).toEqual({
      gateway: 4000,
      api: 4001,
      apiLambda: 4002,
      ingestion: 4003,
      ingestionLambda: 4004,
      replica: 4010,
      replicaUsers: 4011,
      replicaPortal: 4012,
      aws: 4566,
    });
  });

  it('that are taken are named, with what to do', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const sentence = await unusablePort(portsFrom(port), ['gateway']);
    expect(sentence).toContain(`Port ${port}`);
    expect(sentence).toContain('--port');
    expect(await unusablePort(portsFrom(port), ['gateway'], 'mine')).toMatch(/npm start -- --state mine --port \d+$/);
    // Their names are plural or singular: "the API's functions needs" was one of them.
    expect(await unusablePort(portsFrom(port - 2), ['apiLambda'])).toContain("meant for the API's functions, is taken");
    server.close();
    await once(server, 'close');
    expect(await unusablePort(portsFrom(port), ['gateway'])).toBeUndefined();
  });

  it('that are taken at the other address of localhost are named too, where this machine has it', async () => {
    const server = createServer().listen(0, '::1');
    const heard = await once(server, 'listening').catch((error: NodeJS.ErrnoException) => error.code);
    if (!Array.isArray(heard)) return expect(['EADDRNOTAVAIL', 'EAFNOSUPPORT']).toContain(heard);
    const { port } = server.address() as AddressInfo;
    expect(await unusablePort(portsFrom(port), ['gateway'])).toContain(`Port ${port}`);
    server.close();
  });

  it('that nobody comes to listen on are an end with a sentence, not a wait for ever', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const { signal } = new AbortController();
    await untilListening([port], signal, '/logs', 10);
    server.close();
    await once(server, 'close');
    await expect(untilListening([port], signal, '/logs', 0.1)).rejects.toThrow(
      `do not answer after 0.1 s (port ${port}). Their logs in /logs`,
    );
  });

  it('that are offered instead can be had: none lies above the largest', async () => {
    expect(await unusablePort({ ...portsFrom(63_999), aws: 6666 }, ['aws'])).toMatch(/--port 62999$/);
  });

  it('that browsers and fetch refuse are named too (6666 under --port 6100)', async () => {
    expect(await unusablePort(portsFrom(6100), ['aws'])).toContain('6666');
  });
});
