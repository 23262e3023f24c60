import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { describe, expect, it } from '@jest/globals';
import { portsFrom, unusablePort } from './ports.ts';

describe('ports', () => {
  it('are those of docs/contracts when nothing is said', () => {
    expect(portsFrom(4000)).toEqual({
      gateway: 4000,
      api: 4001,
      apiLambda: 4002,
      ingestion: 4003,
      ingestionLambda: 4004,
      replica: 4010,
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
    server.close();
    await once(server, 'close');
    expect(await unusablePort(portsFrom(port), ['gateway'])).toBeUndefined();
  });

  it('that browsers and fetch refuse are named too (6666 under --port 6100)', async () => {
    expect(await unusablePort(portsFrom(6100), ['aws'])).toContain('6666');
  });
});
