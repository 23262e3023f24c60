import type { ApiEvent, Request } from './call.ts';

type Middleware = (request: Request) => unknown;

/**
 * Middy's execution mode for an endpoint: what is there already is not waited for. Its standard mode makes two promises
 * of its own, an AbortController and a null-prototype object for every call, which early timeouts and prefetching
 * middlewares want; here are none. Middlewares answer early by throwing only.
 */
export const runInTurn = (
  _core: object,
  befores: readonly Middleware[],
  handle: (event: ApiEvent) => unknown,
  afters: readonly Middleware[],
  onErrors: readonly Middleware[],
) => {
  return async (event: ApiEvent, context: object): Promise<unknown> => {
    const request: Request = { event, context, response: undefined, error: undefined };
    try {
      for (const before of befores) {
        const waited = before(request);
        if (waited instanceof Promise) await waited;
      }
      const response = handle(event);
      request.response = response instanceof Promise ? await response : response;
      for (const after of afters) {
        const waited = after(request);
        if (waited instanceof Promise) await waited;
      }
    } catch (error) {
      request.response = undefined;
      request.error = error;
      for (const onError of onErrors) {
        const waited = onError(request);
        if (waited instanceof Promise) await waited;
      }
      if (request.response === undefined) throw request.error;
    }
    return request.response;
  };
};
