import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, it } from '@jest/globals';
import { answerWithFault } from './wire-faults.ts';

it('leaves no listener behind for each time that a reader was slower than the fault', async () => {
  let listeners = Number.NaN;
  const fault = { path: '*', kind: 'huge', bytes: 60_000_000 } as const;
  const server = createServer(async (request, response) => {
    await answerWithFault('huge', {
      request,
      response,
      document: { content_type: 'text/csv', body: Buffer.alloc(0) },
      fault,
    });
    listeners = response.listenerCount('close');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  await (await fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`)).arrayBuffer();
  server.close();
  expect(listeners).toBeLessThan(5);
});
