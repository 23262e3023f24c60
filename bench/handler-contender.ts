/**
 * One contender of bench/handler.ts in a process of its own: calls its handler many times and writes the microseconds
 * of one call to the file descriptor 3. Standard output is where its log lines go, as in Lambda.
 */
import { writeSync } from 'node:fs';
import type { Validator } from '@granary/runtime/http/validate';
import { apiGatewayEvent } from '@granary/runtime/testing/api-gateway-event';
import type { APIGatewayProxyEvent, Context } from 'aws-lambda';

type Handler = (event: APIGatewayProxyEvent, context: Context) => Promise<{ statusCode: number }>;

const bare: Handler = async () => ({ statusCode: 200, headers: {}, body: '{"items":[],"next":null}' });

/** What the whole stack is measured against: the same duties, as one would write them into a single function. */
const byHand = async (): Promise<Handler> => {
  const generated = await import('../services/api/gen/catalog.validators.gen.ts');
  const validate: Validator = generated.validateListRuns;
  const origins = new Set(['https://app.example.org']);
  return async (event) => {
    const started = performance.now();
    const headers: Record<string, string> = { 'Content-Type': 'application/json', Vary: 'Origin' };
    const origin = event.headers.Origin;
    if (origin && origins.has(origin)) headers['Access-Control-Allow-Origin'] = origin;
    const data = { pathParameters: {}, queryStringParameters: { ...event.queryStringParameters } };
    const statusCode = validate(data) ? 200 : 400;
    const body = JSON.stringify(statusCode === 200 ? { items: [], next: null } : { errors: validate.errors });
    const Latency = performance.now() - started;
    const { requestId } = event.requestContext;
    console.log(
      JSON.stringify({ level: 'INFO', message: 'request', timestamp: new Date().toISOString(), requestId, statusCode }),
    );
    console.log(
      JSON.stringify({
        _aws: {
          Timestamp: Date.now(),
          CloudWatchMetrics: [
            {
              Namespace: 'Granary',
              Dimensions: [['service']],
              Metrics: [{ Name: 'Requests' }, { Name: 'Latency', Unit: 'Milliseconds' }],
            },
          ],
        },
        service: 'api',
        Requests: 1,
        Latency,
      }),
    );
    return { statusCode, headers, body };
  };
};

/** The stack as it is served: ids, CORS, errors, ETag, compression, token, groups, validator, log line with metrics. */
const wholeStack = async (): Promise<Handler> => {
  const { serveArea } = await import('@granary/runtime/serve-area');
  const { routes } = await import('../services/api/src/areas/catalog.ts');
  const { makeCognitoVerifier } = await import('@granary/runtime/http/verify-token');
  const { CLIENT, makeTokens, POOL, serveKeys } = await import('@granary/runtime/testing/token-maker');
  const tokens = makeTokens();
  const keys = await serveKeys(tokens.jwks);
  const handler = serveArea({
    settings: () => ({
      service: 'api',
      stage: 'bench',
      cors_origins: ['https://app.example.org'],
      verify_token: makeCognitoVerifier({ user_pool_id: POOL, client_id: CLIENT, jwks_uri: keys.uri }),
    }),
    deps: () => ({
      catalog: {} as never,
      runs: { getRun: async () => undefined, listRuns: async () => ({ runs: [], next: null }) },
    }),
    routes,
  });
  const Authorization = `Bearer ${tokens.sign()}`;
  const event = () => apiGatewayEvent({ path: '/v1/runs', headers: { Authorization } });
  if ((await handler(event(), {} as Context)).statusCode !== 200) throw new Error('The stack refuses its benchmark.');
  await keys.close();
  return (given, context) => handler({ ...given, headers: { ...given.headers, Authorization } }, context);
};

const bareBesideRuntime = async (): Promise<Handler> => {
  await Promise.all([
    import('@granary/runtime/serve-area'),
    import('@granary/runtime/serve-worker'),
    import('@granary/runtime/serve-job'),
    import('@granary/runtime/http/verify-token'),
  ]);
  return bare;
};

const CONTENDERS = {
  bare: async () => bare,
  'by-hand': byHand,
  stack: wholeStack,
  'bare-beside-runtime': bareBesideRuntime,
};

const [name, calls] = process.argv.slice(2);
const handler = await CONTENDERS[name as keyof typeof CONTENDERS]();
const template = apiGatewayEvent({
  path: '/v1/runs?limit=20',
  headers: { Origin: 'https://app.example.org', Accept: '*/*' },
});
const context = { awsRequestId: 'bench' } as Context;

const measure = async (times: number): Promise<number> => {
  const begun = performance.now();
  for (let i = 0; i < times; i++) {
    const { statusCode } = await handler({ ...template, headers: { ...template.headers } }, context);
    if (statusCode !== 200) throw new Error(`${name} answered ${statusCode}`);
  }
  return ((performance.now() - begun) * 1000) / times;
};

await measure(Number(calls) / 4); // until it is compiled
writeSync(3, String(await measure(Number(calls))));
process.exit();
