/**
 * The function of plots over the stores that it is given: bench/plots.ts bundles it as it is deployed, but for the
 * clients of AWS.
 */
import { serveArea } from '@granary/runtime/serve-area';
import { routes } from '../services/api/src/areas/plots.ts';

type Deps = Parameters<(typeof routes)[number]['endpoint']['run']>[0];

export const makeHandler = (deps: Deps) =>
  serveArea({
    settings: () => ({
      service: 'api',
      stage: 'bench',
      cors_origins: [],
      verify_token: () => ({ sub: '1', username: 'someone', groups: ['readers'] }),
    }),
    deps: () => deps,
    routes,
  });
