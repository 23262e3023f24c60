import { GranaryError, InvalidRequest } from '@granary/domain/errors';
import type { ApiResult, Request } from './call.ts';

/** An error as RFC 9457 has it. `instance` is the request id, to be quoted when asking for help. */
export type Problem = {
  type: string;
  title: string;
  status: number;
  detail: string;
  instance: string;
  errors?: readonly { field: string; message: string }[];
  /** Members of the error itself, such as those that clients of PostgREST read. */
  [member: string]: unknown;
};

const HIDDEN = 'Something failed on our side. It was recorded under the instance above; try again in a moment.';

/** The one place where errors become HTTP. What is not a GranaryError, and any message of a 5xx, stays inside. */
export const problemOf = (error: unknown, instance: string): Problem => {
  if (!(error instanceof GranaryError)) {
    return {
      type: 'urn:granary:problem:internal',
      title: 'Internal Server Error',
      status: 500,
      detail: HIDDEN,
      instance,
      ...membersOf('internal', HIDDEN),
    };
  }
  const { code, title, status } = error;
  const detail = status >= 500 ? HIDDEN : error.message;
  const members = status < 500 && error.members ? error.members : membersOf(code, detail);
  const problem = { type: `urn:granary:problem:${code}`, title, status, detail, instance, ...members };
  return error instanceof InvalidRequest && error.fields.length > 0 ? { ...problem, errors: error.fields } : problem;
};

/** PostgREST's own codes, where it has one for what any endpoint may answer. */
const POSTGREST: Readonly<Record<string, string>> = { unauthenticated: 'PGRST301', 'method-not-allowed': 'PGRST117' };

/** What clients of PostgREST read of an error, whichever endpoint it is of: they call any of them. */
const membersOf = (code: string, message: string) => ({
  code: POSTGREST[code] ?? code,
  message,
  details: null,
  hint: null,
});

export const problems = () => ({
  onError: (request: Request): void => {
    const { request_id, input } = request.event.call;
    const problem = problemOf(request.error, request_id);
    if (problem.status >= 500) input.log.error('request failed', { error: request.error });
    const headers: Record<string, string> = { 'Content-Type': 'application/problem+json', 'Cache-Control': 'no-store' };
    if (request.error instanceof GranaryError) Object.assign(headers, request.error.headers);
    if (problem.status === 401) headers['WWW-Authenticate'] = 'Bearer';
    if (hasUntil(request.error)) {
      headers['Retry-After'] = String(Math.max(1, Math.ceil((request.error.until - Date.now()) / 1000)));
    }
    const body = JSON.stringify(problem);
    request.response = { statusCode: problem.status, headers, body, isBase64Encoded: false } satisfies ApiResult;
  },
});

const hasUntil = (error: unknown): error is { until: number } =>
  error instanceof GranaryError && 'until' in error && typeof error.until === 'number';
