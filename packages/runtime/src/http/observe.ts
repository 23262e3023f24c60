import { directiveOf } from '@granary/domain/metrics';
import { isoTime } from '../iso-time.ts';
import { makeLogger } from '../logger.ts';
import type { ApiSettings } from '../settings.ts';
import { asciiJson, writeAsciiLine } from '../stdout.ts';
import { randomHex } from '../trace.ts';
import { type ApiResult, Call, type Request } from './call.ts';

/** API Gateway's ids need no escapes. */
const quoted = (id: string): string => (/^[\w-]*$/.test(id) ? `"${id}"` : asciiJson(id));

/**
 * First in, last out: gives the call its ids and its logger, and ends it with one line that is both the access log and
 * its metrics (Embedded Metric Format: CloudWatch reads `_aws` and leaves the rest searchable). It holds the route as
 * declared, never the path, the query or who asked.
 */
export const observe = (settings: ApiSettings, route: { method: string; path: string }) => {
  const log = makeLogger({ service: settings.service, level: settings.log_level, write: settings.write });
  const write = settings.write ?? writeAsciiLine;
  const name = `${route.method} ${route.path}`;
  const head = `{"level":"INFO","message":"request","service":${asciiJson(settings.service)},"stage":${asciiJson(settings.stage)},"route":${asciiJson(name)}`;
  const directive = directiveOf('service', ['Requests', 'ClientErrors', 'ServerErrors', 'Latency']);
  // All that a line has in common with the one before it is one text, up to the milliseconds of EMF: pieces are what a
  // line costs, more than characters. Nearly every call ends as the one before it.
  let last = { method: '', status: 0, start: '' };
  const startOf = (method: string, status: number, cold_start: boolean): string => {
    if (last.method === method && last.status === status) return last.start;
    const start =
      `${head},"method":${asciiJson(method)},"status":${status},"cold_start":${cold_start},"Requests":1` +
      `,"ClientErrors":${status >= 400 && status < 500 ? 1 : 0},"ServerErrors":${status >= 500 ? 1 : 0}` +
      `,"_aws":{"CloudWatchMetrics":[${JSON.stringify(directive)}],"Timestamp":`;
    // The first line alone says that it is of a cold start.
    if (!cold_start) last = { method, status, start };
    return start;
  };
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
      `${startOf(event.httpMethod, statusCode, cold)}${now}},"timestamp":"${isoTime(now)}","request_id":${quoted(request_id)}` +
        `,"trace_id":"${trace_id}","bytes":${bytes},"Latency":${ms}}\n`,
    );
    cold = false;
  };

  return { before, after, onError: after };
};
