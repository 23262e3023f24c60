import type { CatalogReader } from '@granary/domain/ports/catalog';
import type { ObjectReader } from '@granary/domain/ports/object-store';
import { defineEndpoint } from '@granary/runtime/endpoint';
import { prepareQuery } from '@granary/tabular/query/parse-query';
import * as z from 'zod/mini';
import { makeAnswerFacets } from '../../facets/answer-facets.ts';
import { readAskedFacets } from '../../facets/read-asked-facets.ts';
import { anyName } from '../../records/any-name.ts';
import { asProblem } from '../../records/refusals.ts';
import { findVersion, versionNumber } from '../../versions/find-version.ts';

export const endpoint = defineEndpoint({
  method: 'GET',
  path: '/v1/datasets/{id}/facets',
  auth: 'cognito',
  grants: ['catalog:read', 'data:read'],
  summary: 'Counts the values of columns, of all rows or of those that filters leave',
  description:
    '`columns=product,year` names up to 20 columns; each is counted by itself. Filters are those of `/v1/records`. `values` has the `limit` commonest values (20 by default, 1,000 at most), the commonest first and those that occur as often by value; ' +
    '`other` counts the rows of all values that are not listed, and `truncated` says whether there are any. The counts of `values`, `other` and `nulls` add up to `rows`. A column of more than 200,000 values is refused: filter its rows first.',
  examples: [
    { summary: 'Values of two columns', path: '/v1/datasets/{dataset}/facets?columns=product,year&limit=5' },
    {
      summary: 'Products of this century',
      path: '/v1/datasets/{dataset}/facets?columns=product&year=gte.2000&is_total=is.false',
    },
  ],
  request: () => ({ path: z.object({ id: z.string().check(z.maxLength(128)) }), query: anyName() }),
  run: ({ catalog, objects }: { catalog: CatalogReader; objects: Pick<ObjectReader, 'getRange'> }) => {
    const answer = makeAnswerFacets(objects);
    return async ({ path: { id }, query, caller }) => {
      try {
        const asked = readAskedFacets(query);
        await prepareQuery(asked.parameters);
        return answer(await findVersion(catalog, id, await versionNumber(catalog, id, asked.version), caller), asked);
      } catch (error) {
        throw asProblem(error);
      }
    };
  },
});
