import { defineEndpoint } from '@granary/runtime/endpoint';
import { SEED_GRANTS, type SeedDeps, seedQuery, seedTable } from '../../wide-tables/seed-table.ts';

export const endpoint = defineEndpoint({
  method: 'GET',
  path: '/comercializacaoCSV',
  auth: 'cognito',
  grants: SEED_GRANTS,
  summary: 'Commercialisation of wine, juice and derivatives in litres, by section, product and year',
  examples: [{ summary: 'The latest', path: '/comercializacaoCSV' }],
  request: () => ({ query: seedQuery() }),
  run: (deps: SeedDeps) => {
    const answer = seedTable(deps);
    return ({ query }) => answer({ dataset: 'embrapa_comercio', kind: 'production' }, query.version);
  },
});
