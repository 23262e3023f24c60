import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { sendRudeRequests } from '@granary/local/testing/rude-clients';
import { afterAll, beforeAll, expect, it, jest } from '@jest/globals';
import { listRuns } from './collecting.ts';
import { needsLocal } from './needs-local.ts';
import { dropState, newState, portsOf, type Stack, startStack } from './stack.ts';

jest.setTimeout(240_000);

const state = newState();
let stack: Stack;
/** As a browser or another program would, with headers that fetch does not let one set. */
const ask = async (port: number, path: string, headers: Record<string, string>, body?: string) => {
  const length = body === undefined ? undefined : { 'content-length': String(Buffer.byteLength(body)) };
  const method = body === undefined ? 'GET' : 'POST';
  const sent = request({ host: '127.0.0.1', port, path, method, headers: { ...headers, ...length } });
  sent.on('error', () => undefined).end(body);
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  let text = '';
  for await (const chunk of response) text += chunk;
  return { status: response.statusCode!, text, headers: response.headers };
};

const READ = [
  '/v1/datasets',
  '/v1/datasets/embrapa_producao',
  '/v1/datasets/embrapa_producao/versions',
  '/v1/records/embrapa_producao?limit=5',
  '/v1/runs?kind=collect',
  '/producaoCSV',
];

needsLocal('it is rude to all ports of the stack').describe('A stack among clients that do not behave', () => {
  beforeAll(async () => {
    stack = await startStack({ state, collected: true });
  });
  afterAll(async () => {
    await stack?.stop();
    dropState(state);
  });

  it('X1: answers after a client hung up a hundred times', async () => {
    for (let n = 0; n < 100; n++) {
      const socket = connect(stack.port, '127.0.0.1').on('error', () => undefined);
      await once(socket, 'connect');
      socket.write(`GET /openapi.json HTTP/1.1\r\nHost: 127.0.0.1:${stack.port}\r\n\r\n`);
      await sleep(3);
      socket.destroy();
    }
    expect((await stack.get('/health')).status).toBe(200);
  });

  it('X1: serves 20 readers rightly while 1,000 requests to all its ports are aborted, slow or malformed (seed granary)', async () => {
    const right = new Map<string, string>();
    for (const path of READ) right.set(path, await (await stack.get(path)).text());
    let done = false;
    const wrong: string[] = [];
    const read = async (reader: number): Promise<number> => {
      let answers = 0;
      for (let n = reader; !done; n++) {
        const path = READ[n % READ.length]!;
        const answer = await stack.get(path);
        const text = await answer.text();
        // The stage's own limit for each route, which readers obey.
        if (answer.status === 429) await sleep(1_000 * Number(answer.headers.get('retry-after')));
        else if (answer.status !== 200 || text !== right.get(path))
          wrong.push(`${path} → ${answer.status}: ${text.slice(0, 200)}`);
        else answers += 1;
      }
      return answers;
    };
    const reading = Promise.all(Array.from({ length: 20 }, (_, reader) => read(reader)));
    const paths = ['/openapi.json', '/health', '/docs', '/2015-03-31/functions/x/invocations'];
    await sendRudeRequests({
      ports: portsOf(stack.port).filter((_, n) => n !== 3),
      paths,
      count: 1000,
      seed: 'granary',
    });
    done = true;
    const answers = await reading;
    expect(wrong).toEqual([]);
    expect(Math.min(...answers)).toBeGreaterThan(0);
  });

  it('X2: believes no forged message that a page sends to the port of its functions', async () => {
    const [before] = await listRuns(stack);
    const message = {
      type: 'collect',
      run: before!.id,
      part: 16,
      source: 'embrapa',
      resource: {
        dataset: 'embrapa_comercio',
        url: `http://127.0.0.1:${stack.port + 10}/download/Producao.csv`,
        hints: {},
      },
      enqueued_at: new Date().toISOString(),
    };
    const body = JSON.stringify({
      Records: [{ messageId: '1', receiptHandle: 'x', body: JSON.stringify(message), attributes: {} }],
    });
    const path = '/2015-03-31/functions/granary-ingestion-local-collect/invocations';
    for (const headers of [{ origin: 'https://evil.example', 'content-type': 'text/plain' }, { origin: 'null' }, {}]) {
      const refused = await ask(stack.port + 4, path, headers as Record<string, string>, body);
      expect([refused.status, refused.text.includes('x-granary-local-key') || refused.text.includes('page')]).toEqual([
        403,
        true,
      ]);
    }
    const dataset = await stack.json('/v1/datasets/embrapa_comercio');
    expect(dataset.latest).toBe(1);
    expect((await listRuns(stack))[0]).toEqual(before);
  });

  it('X3: takes no request for another host on any port that it opens', async () => {
    for (const port of portsOf(stack.port)) {
      if (port === stack.port + 3) continue;
      const { status, text } = await ask(port, '/', { host: 'evil.example' });
      expect([port, status, text.includes('This server is for localhost')]).toEqual([port, 421, true]);
    }
  });

  it('X3: takes no request of a page but where pages are served', async () => {
    for (const offset of [1, 2, 4, 10, 11, 566]) {
      const { status } = await ask(stack.port + offset, '/health', { origin: 'https://evil.example' });
      expect([offset, status]).toEqual([offset, 403]);
    }
    expect((await ask(stack.port, '/health', { origin: 'https://evil.example' })).status).toBe(200);
  });

  it('X7: answers whatever stands in a cookie', async () => {
    for (const cookie of ['foo={"a":1}', 'foo', '=', 'a=b; c="d', 'a=\u00e9'])
      for (const port of [stack.port, stack.port + 1])
        expect([cookie, port, (await ask(port, '/health', { cookie })).status]).toEqual([cookie, port, 200]);
    expect((await ask(stack.port, '/nowhere', { cookie: 'foo={"a":1}' })).status).toBe(404);
  });
});
