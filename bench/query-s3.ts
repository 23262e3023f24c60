/**
 * The S3 API of bench/query.ts and bench/far.ts, in a process of its own: `node query-s3.ts [milliseconds]` writes its
 * address to the file descriptor 3. With milliseconds, every request is served so much later, and `GET /-/counted`
 * answers `{ requests, bytes }` of those since it was asked last, with their heads.
 */
import { writeSync } from 'node:fs';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { startEmulators } from '@granary/stores/testing/emulators';

const delayRequests = (server: Server, delay: number): void => {
  const [serve] = server.listeners('request') as [(request: IncomingMessage, response: ServerResponse) => void];
  let counted = { requests: 0, bytes: 0 };
  server.removeAllListeners('request');
  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    if (request.url === '/-/counted') {
      response.end(JSON.stringify(counted));
      counted = { requests: 0, bytes: 0 };
      return;
    }
    const { socket } = request;
    const before = socket.bytesWritten;
    response.once('close', () => {
      counted.requests++;
      counted.bytes += socket.bytesWritten - before;
    });
    setTimeout(() => serve(request, response), delay);
  });
};

const { endpoint, server } = await startEmulators();
const delay = Number(process.argv[2] ?? 0);
if (delay > 0) delayRequests(server, delay);
writeSync(3, endpoint);
