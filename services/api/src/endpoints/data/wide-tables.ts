import type { WideRoute } from '@granary/domain/source';
import { type AnyEndpoint, defineEndpoint } from '@granary/runtime/endpoint';
import { WIDE_ROUTES } from '@granary/sources/sources.gen';
import * as z from 'zod/mini';
import { datasetOf, WIDE_GRANTS, type WideDeps, wideQuery, wideTable } from '../../wide-tables/answer-wide-table.ts';

const endpointOf = (route: WideRoute): AnyEndpoint<WideDeps> =>
  defineEndpoint({
    method: 'GET',
    path: route.path,
    auth: 'cognito',
    grants: WIDE_GRANTS,
    summary: route.summary,
    examples: [route.example],
    request: () => ({ query: wideQuery(), ...(route.tables && { path: z.object({ tipo: z.string() }) }) }),
    run: (deps: WideDeps) => {
      const answer = wideTable(deps);
      return ({ path, query }: { path?: { tipo?: string }; query: { version?: number } }) =>
        answer(datasetOf(route, path?.tipo), query.version);
    },
  });

/**
 * One for each address that a source declares for its tables in the shape of their files, by the name of the operation.
 */
export const endpoints: Readonly<Record<string, AnyEndpoint<WideDeps>>> = Object.fromEntries(
  WIDE_ROUTES.map((route) => [route.name, endpointOf(route)]),
);
