import { randomUUID } from 'node:crypto';
import { type ServerResponse, STATUS_CODES } from 'node:http';

export type GatewayProblem = { code: string; status: number; title: string; detail: string };

/** What API Gateway answers by itself, in the shape of services/api/resources/gateway-responses.yml. */
export const answerProblem = (
  response: ServerResponse,
  { code, status, title, detail }: GatewayProblem,
  headers: Readonly<Record<string, string>> = {},
): void => {
  const instance = randomUUID();
  response.writeHead(status, {
    'content-type': 'application/problem+json',
    'cache-control': 'no-store',
    'access-control-allow-origin': '*',
    'x-request-id': instance,
    ...headers,
  });
  const members = { code, message: detail, details: null, hint: null };
  response.end(JSON.stringify({ type: `urn:granary:problem:${code}`, title, status, detail, instance, ...members }));
};

const NO_ROUTE: GatewayProblem = {
  code: 'not-found',
  status: 404,
  title: 'Not Found',
  detail: 'There is no such route; the datasets are listed at /v1/datasets.',
};
export const THROTTLED: GatewayProblem = {
  code: 'throttled',
  status: 429,
  title: 'Too Many Requests',
  detail: 'Too many requests; try again in a second.',
};
export const UNREACHABLE: GatewayProblem = {
  code: 'internal',
  status: 502,
  title: 'Bad Gateway',
  detail:
    'The API does not answer; it may be starting anew after a change. Its log is api.log in the folder of the state.',
};

/** What stands for an error that no function answered. */
export const problemOf = (status: number): GatewayProblem => {
  if (status === 404) return NO_ROUTE;
  const title = STATUS_CODES[status] ?? 'Error';
  return status < 500
    ? { code: 'invalid-request', status, title, detail: 'The request could not be taken as it is.' }
    : { code: 'internal', status, title, detail: 'Something failed on our side; try again in a moment.' };
};
