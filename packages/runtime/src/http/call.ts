import type { APIGatewayProxyEvent } from 'aws-lambda';
import type { Caller, EndpointInput } from '../endpoint.ts';
import type { Logger } from '../logger.ts';

/** What the stack knows about one call, and hands from middleware to middleware on the event. */
export class Call {
  /** `performance.now()` at its start. */
  readonly started = performance.now();
  readonly request_id: string;
  /** 32 hexadecimal digits, for `traceparent`. */
  readonly trace_id: string;
  readonly input: Input;

  constructor(request_id: string, trace_id: string, log: Logger) {
    this.request_id = request_id;
    this.trace_id = trace_id;
    this.input = new Input(request_id, trace_id, log);
  }
}

/** What the endpoint is given. Most calls log nothing of their own, so the logger with their ids is made when it is asked for. */
class Input implements EndpointInput<unknown, unknown, unknown> {
  path: unknown;
  query: unknown;
  body: unknown;
  caller: Caller | undefined;
  readonly #ids: { request_id: string; trace_id: string };
  #log: Logger;
  #named = false;

  constructor(request_id: string, trace_id: string, log: Logger) {
    this.#ids = { request_id, trace_id };
    this.#log = log;
  }

  get log(): Logger {
    if (!this.#named) this.#log = this.#log.with(this.#ids);
    this.#named = true;
    return this.#log;
  }
}

/** An event of API Gateway's REST proxy integration. */
export type ApiEvent = APIGatewayProxyEvent & { call: Call };

/** What API Gateway takes back. */
export type ApiResult = {
  statusCode: number;
  headers: Record<string, string>;
  body: string;
  isBase64Encoded: boolean;
};

/** A request in middy's hands. */
export type Request = { event: ApiEvent; context: object; response?: unknown; error?: unknown };

/** The value of a header, whatever the case of its name; clients on HTTP/2 send lower case, others do not. */
export const header = (event: { headers: APIGatewayProxyEvent['headers'] }, name: string): string | undefined => {
  const headers = event.headers;
  if (!headers) return undefined;
  const exact = headers[name] ?? headers[name.toLowerCase()];
  if (exact !== undefined) return exact;
  const lower = name.toLowerCase();
  for (const key in headers) if (key.length === lower.length && key.toLowerCase() === lower) return headers[key];
  return undefined;
};
