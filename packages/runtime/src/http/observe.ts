import { directiveOf } from '@granary/domain/metrics';
import { isoTime } from '../iso-time.ts';
import { makeLogger } from '../logger.ts';
import type { ApiSettings } from '../settings.ts';
import { writeLine } from '../stdout.ts';
import { randomHex } from '../trace.ts';
import { type ApiResult, Call, type Request } from './call.ts';

/**
 * First in, last out: gives the call its ids and its logger, and ends it with one line that is both the access log and
 * its metrics (Embedded Metric Format: CloudWatch reads `_aws` and leaves the rest searchable). It holds the route as
 * declared, never the path, the query or who asked.
 */
export const observe = (settings: ApiSettings, route: { method: string; path: string }) => {
  const log = makeLogger({ service: settings.service, level: settings.log_level, write: settings.write });
  const write = settings.write ?? writeLine;
  // Everything that is the same on every line of this route is made once.
  const name = `${route.method} ${route.path}`;
  const head = `{"level":"INFO","message":"request","service":${JSON.stringify(settings.service)},"stage":${JSON.stringify(settings.stage)},"route":${JSON.stringify(name)}`;
  const directive = directiveOf('service', ['Requests', 'ClientErrors', 'ServerErrors', 'Latency']);
  const emf = `"CloudWatchMetrics":[${JSON.stringify(directive)}]`;
  let cold = true;

  const before = ({ event }: Request): void => {
    const request_id = event.requestContext?.requestId || randomHex(16);
    event.call = new Call(event.headers, event.httpMethod, request_id, event.trace.id, log);
  };

  const after = ({ event, response }: Request): void => {
    const { statusCode, headers, body, isBase64Encoded } = response as ApiResult;
    const { request_id, trace_id, started } = event.call;
    headers['X-Request-Id'] = request_id;
    headers.traceparent = `00-${trace_id}-${randomHex(8)}-0${event.trace.sampled ? 1 : 0}`;
    headers['X-Content-Type-Options'] = 'nosniff';
    headers['Strict-Transport-Security'] = 'max-age=63072000; includeSubDomains';
    headers['Content-Security-Policy'] ??= "default-src 'none'; frame-ancestors 'none'";
    headers['Referrer-Policy'] = 'no-referrer';
    const now = Date.now();
    const ms = (performance.now() - started).toFixed(3);
    const bytes = isBase64Encoded ? Math.floor(body.length * 0.75) : body.length;
    write(
      `${head},"timestamp":"${isoTime(now)}","request_id":${JSON.stringify(request_id)},"trace_id":"${trace_id}"` +
        `,"method":${JSON.stringify(event.httpMethod)},"status":${statusCode},"bytes":${bytes},"cold_start":${cold}` +
        `,"_aws":{"Timestamp":${now},${emf}},"Requests":1,"ClientErrors":${statusCode >= 400 && statusCode < 500 ? 1 : 0}` +
        `,"ServerErrors":${statusCode >= 500 ? 1 : 0},"Latency":${ms}}\n`,
    );
    cold = false;
  };

  return { before, after, onError: after };
};
