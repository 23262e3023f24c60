/** The sample behind the function of records as it is deployed, over HTTP. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { PublishedVersion } from '@granary/domain/dataset';
import { Unauthenticated } from '@granary/domain/errors';
import { serveArea } from '@granary/runtime/serve-area';
import { apiGatewayEvent } from '@granary/runtime/testing/api-gateway-event';
import { makeMemoryCatalog } from '@granary/stores/memory-catalog';
import { makeMemoryObjectStore } from '@granary/stores/memory-object-store';
import type { Context } from 'aws-lambda';
import { routes } from '../../services/api/src/areas/records.ts';
import { SCHEMA, sampleParquet } from './sample-table.ts';

export type Served = { url: string; close(): Promise<void> };

const AT = '2026-01-02T00:00:00.000Z';

const publish = async () => {
  const [catalog, objects] = [makeMemoryCatalog(), makeMemoryObjectStore()];
  const bytes = await sampleParquet();
  const about = {
    title: 'Wine',
    description: '',
    publisher: '',
    theme: '',
    tags: [],
    licence: '',
    source: 'sample',
    source_url: '',
  };
  await catalog.describeDataset({ id: 'wine', ...about, fields: SCHEMA.fields, key: SCHEMA.key } as never);
  const prefix = 'versions/wine/000001-abc/';
  await objects.put(`${prefix}data.parquet`, bytes);
  const version = {
    ...{
      dataset: 'wine',
      version: 1,
      state: 'published',
      attempt: 'abc',
      owner: 'run/1',
      created_at: AT,
      published_at: AT,
    },
    ...{ prefix, fields: SCHEMA.fields, key: SCHEMA.key, parser_version: 1, run: 'run', lease_until: AT },
    raw: { key: '', sha256: '', bytes: 0, url: '', etag: null, last_modified: null, fetched_at: AT },
    counts: { rows_read: 0, rows_published: 0, rows_quarantined: 0, rows_deduplicated: 0 },
    files: { 'data.parquet': { bytes: bytes.length, sha256: '' } },
  } as unknown as PublishedVersion;
  await catalog.reserve({ ...version, state: 'pending' } as never);
  await catalog.commit(version);
  await catalog.advance(version);
  return { catalog, objects, now: Date.now };
};

/** `token`: the only one that is let in; anybody is when there is none. */
export const serveTable = async (token?: string): Promise<Served> => {
  const deps = await publish();
  const verify_token = (authorization: string | undefined) => {
    if (token !== undefined && authorization !== `Bearer ${token}`) throw new Unauthenticated('This needs a token.');
    return { sub: '1', username: 'someone', groups: ['readers'] };
  };
  const settings = () => ({
    service: 'api',
    stage: 'test',
    cors_origins: ['http://localhost:*', 'http://127.0.0.1:*'],
    verify_token,
    write: () => {},
  });
  const handler = serveArea({ settings, deps: () => deps, routes });
  const server = createServer(async (request, response) => {
    const headers = request.headers as Record<string, string>;
    const event = apiGatewayEvent({ method: request.method, path: request.url ?? '/', headers });
    const answer = await handler(event, {} as Context);
    const body = Buffer.from(answer.body, answer.isBase64Encoded ? 'base64' : 'utf8');
    // As hapi says it, to HEAD too.
    response.writeHead(answer.statusCode, { ...answer.headers, 'Content-Length': body.length });
    response.end(body);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    async close() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
};
