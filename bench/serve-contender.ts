/**
 * One server of bench/serve.ts, in a process of its own: writes its port to the file descriptor 3 and serves until it
 * is killed. `bare` answers a few bytes. `warm` passes each request to the API's handler as API Gateway would, with a
 * real token, and writes what it gives back; its second argument is the CSV that it publishes first. `kept` answers
 * what a file holds: headers and bytes that `warm` gave.
 */
import { readFileSync, writeSync } from 'node:fs';
import { createServer, type IncomingMessage, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';

const bare: RequestListener = (_request, response) => response.end('{"status":"ok"}');

/** An answer of `warm`: names and values of its headers in turns, its body in base64. */
export type KeptAnswer = { headers: string[]; body: string };

const kept = (file: string): RequestListener => {
  const { headers, body } = JSON.parse(readFileSync(file, 'utf8')) as KeptAnswer;
  const bytes = Buffer.from(body, 'base64');
  return (_request, response) => response.writeHead(200, headers).end(bytes);
};

const warm = async (csv: string): Promise<RequestListener> => {
  const { serveArea } = await import('@granary/runtime/serve-area');
  const { makeCognitoVerifier } = await import('@granary/runtime/http/verify-token');
  const { makeMemoryCatalog } = await import('@granary/stores/memory-catalog');
  const { makeMemoryObjectStore } = await import('@granary/stores/memory-object-store');
  const { makeMemoryRunStore } = await import('@granary/stores/memory-run-store');
  const { CLIENT, POOL } = await import('@granary/runtime/testing/token-maker');
  const { routes } = await import('../services/api/src/areas/data.ts');
  const { makeKeptBodies } = await import('../services/api/src/wide-tables/kept-bodies.ts');
  const { publishCsv } = await import('../services/api/src/testing/publish-csv.ts');

  const stores = { catalog: makeMemoryCatalog(), objects: makeMemoryObjectStore() };
  await publishCsv(stores, 'embrapa_producao', readFileSync(csv, 'utf8'));
  // Publishing is no part of a function that reads. The garbage that it left would be looked for while the first
  // requests are answered; V8 would take what these make for long-lived, and in every second or third process each
  // request would then cost half as much again.
  globalThis.gc?.();
  // The pointer is asked for at every request. The memory store copies what it gives, which is no cost of the API's.
  const dataset = await stores.catalog.getDataset('embrapa_producao');
  const catalog = { ...stores.catalog, getDataset: async () => dataset };
  const handler = serveArea({
    settings: () => ({
      service: 'api',
      stage: 'bench',
      cors_origins: ['https://app.example.org'],
      verify_token: makeCognitoVerifier({
        user_pool_id: POOL,
        client_id: CLIENT,
        jwks_uri: process.env.BENCH_JWKS_URI,
      }),
    }),
    deps: () => ({
      ...stores,
      runs: makeMemoryRunStore(),
      catalog,
      bodies: makeKeptBodies({ max_bytes: 2 ** 26 }),
      now: Date.now,
    }),
    routes,
  });
  // base64 is how a function hands bytes to API Gateway; decoding it is the gateway's work, so a body that stays the
  // same is decoded once.
  let before = '';
  let bytes = Buffer.alloc(0);
  return async (request, response) => {
    const { statusCode, headers, body, isBase64Encoded } = await handler(eventOf(request), {} as never);
    if (body !== before) bytes = Buffer.from(body, isBase64Encoded ? 'base64' : 'utf8');
    before = body;
    headers['Content-Length'] = String(bytes.length);
    response.writeHead(statusCode, headers);
    response.end(bytes);
  };
};

/** What of an event costs something to make: headers, path, ids. */
const eventOf = (request: IncomingMessage) => ({
  httpMethod: request.method,
  path: request.url,
  headers: request.headers,
  queryStringParameters: null,
  multiValueQueryStringParameters: null,
  pathParameters: null,
  body: null,
  isBase64Encoded: false,
  requestContext: { requestId: 'c6af9ac6-7b61-11e6-9a41-93e8deadbeef' },
});

const LISTENERS = { bare: () => bare, kept, warm };
export type Kind = keyof typeof LISTENERS;

const [kind, file] = process.argv.slice(2);
const server = createServer(await LISTENERS[kind as Kind](file));
server.listen(0, '127.0.0.1', () => writeSync(3, String((server.address() as AddressInfo).port)));
// Ending by itself lets `--cpu-prof` write its profile.
process.on('SIGTERM', () => process.exit());
