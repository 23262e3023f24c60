/**
 * The source of bench/users.ts, in a process of its own: answers every request with 100 users after a latency, and with
 * 429 above a limit in any 60 s. `node users-source.ts <latency ms> <requests a minute, 0: no limit>` writes its port
 * to the file descriptor 3; `GET /calls` says how many requests were answered with users, and how many refused, since
 * it was last asked.
 */
import { writeSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { startReplica } from '@granary/replica/replica';

const [latency_ms, limit] = process.argv.slice(2).map(Number) as [number, number];
const replica = await startReplica({ port: 0 });
const page = Buffer.from(await (await fetch(`${replica.url}/api/v2/users?size=100`)).arrayBuffer());
await replica.close();

let recent: number[] = [];
const calls = { answered: 0, refused: 0 };
const server = createServer(async (request, response) => {
  if (request.url === '/calls') {
    response.end(JSON.stringify(calls));
    Object.assign(calls, { answered: 0, refused: 0 });
    recent = [];
    return;
  }
  const now = performance.now();
  recent = recent.filter((at) => at > now - 60_000);
  if (limit > 0 && recent.length >= limit) {
    calls.refused += 1;
    response.writeHead(429, { 'retry-after': String(Math.ceil((60_000 - (now - (recent[0] ?? now))) / 1000)) }).end();
    return;
  }
  recent.push(now);
  calls.answered += 1;
  await sleep(latency_ms);
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': page.length }).end(page);
});
server.keepAliveTimeout = 60_000;
server.listen(0, '127.0.0.1', () => writeSync(3, String((server.address() as AddressInfo).port)));
