import type { APIGatewayProxyEvent } from 'aws-lambda';
import type { Caller, EndpointInput } from '../endpoint.ts';
import type { Logger } from '../logger.ts';
import type { Trace } from '../trace.ts';
import { addressOf } from './request-address.ts';

/** What the stack knows about one call, and hands from middleware to middleware on the event. */
export class Call {
  /** `performance.now()` at its start. */
  readonly started = performance.now();
  readonly headers: Headers;
  readonly request_id: string;
  /** 32 hexadecimal digits, for `traceparent`. */
  readonly trace_id: string;
  readonly input: Input;

  constructor(headers: Headers, method: string, request_id: string, trace_id: string, log: Logger) {
    this.headers = headers;
    this.request_id = request_id;
    this.trace_id = trace_id;
    this.input = new Input(headers, method, request_id, trace_id, log);
  }
}

/**
 * What the endpoint is given. Most calls log nothing of their own, so the logger with their ids is made when it is
 * asked for.
 */
class Input implements EndpointInput<unknown, unknown, unknown> {
  path: unknown;
  query: unknown;
  body: unknown;
  readonly headers: Headers;
  readonly method: string;
  caller: Caller | undefined;
  /** The event that it is made of: few endpoints ask for its address. */
  event: ApiEvent | undefined;
  readonly #ids: { request_id: string; trace_id: string };
  #log: Logger;
  #named = false;

  constructor(headers: Headers, method: string, request_id: string, trace_id: string, log: Logger) {
    this.headers = headers;
    this.method = method;
    this.#ids = { request_id, trace_id };
    this.#log = log;
  }

  get address(): string {
    return addressOf({ ...this.event!, headers: this.headers });
  }

  get log(): Logger {
    if (!this.#named) this.#log = this.#log.with(this.#ids);
    this.#named = true;
    return this.#log;
  }
}

/** An event of API Gateway's REST proxy integration. */
export type ApiEvent = APIGatewayProxyEvent & { trace: Trace; call: Call };

/** What API Gateway takes back. */
export type ApiResult = {
  statusCode: number;
  headers: Record<string, string>;
  body: string;
  isBase64Encoded: boolean;
};

/** A request in middy's hands. */
export type Request = { event: ApiEvent; context: object; response?: unknown; error?: unknown };

type Headers = Readonly<Record<string, string | undefined>>;

/**
 * Headers by lower-case name: clients on HTTP/2 send them so, others as they please. Not copied when they are so
 * already.
 */
export const lowerCased = (headers: APIGatewayProxyEvent['headers'] | null): Headers => {
  for (const name in headers) {
    if (name !== name.toLowerCase()) {
      return Object.fromEntries(Object.entries(headers).map(([key, value]) => [key.toLowerCase(), value]));
    }
  }
  return headers ?? {};
};
