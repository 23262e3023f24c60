import type { APIGatewayProxyEvent } from 'aws-lambda';
import type { EndpointInput } from '../endpoint.ts';
import type { Logger } from '../logger.ts';

/** What the stack knows about one call, and hands from middleware to middleware on the event. */
export type Call = {
  /** `performance.now()` at its start. */
  started: number;
  request_id: string;
  /** 32 hexadecimal digits, for `traceparent`. */
  trace_id: string;
  log: Logger;
  input: EndpointInput<unknown, unknown, unknown>;
};

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
