import type { AreaRoute } from '@granary/runtime/serve-area';
import { serveArea } from '@granary/runtime/serve-area';
import { apiGatewayEvent, type EventOptions } from '@granary/runtime/testing/api-gateway-event';
import type { Context } from 'aws-lambda';

/**
 * Calls the endpoints of an area as API Gateway would, with the given deps behind them, as a member of `groups`: for
 * tests. `write` takes the function's log lines.
 */
export const callArea = <Deps>(
  deps: Deps,
  routes: readonly AreaRoute<Deps>[],
  groups: readonly string[] = ['readers'],
  write: (line: string) => void = () => {},
) => {
  const handler = serveArea({
    settings: () => ({
      service: 'api',
      stage: 'test',
      cors_origins: [],
      verify_token: () => ({ sub: '1', username: 'someone', groups }),
      write,
    }),
    deps: () => deps,
    routes,
  });
  return async (path: string, options: Omit<EventOptions, 'path'> = {}) => {
    const answer = await handler(apiGatewayEvent({ path, ...options }), {} as Context);
    return { ...answer, json: () => JSON.parse(answer.body) };
  };
};
