import { defineEndpoint } from '@granary/runtime/endpoint';
import * as z from 'zod/mini';
import { SEED_GRANTS, type SeedDeps, seedQuery, seedTable, tableOfType } from '../../wide-tables/seed-table.ts';

const TABLES = {
  Vinho: { dataset: 'embrapa_exp_vinho', kind: 'trade' },
  Espumantes: { dataset: 'embrapa_exp_espumantes', kind: 'trade' },
  Uva: { dataset: 'embrapa_exp_uva', kind: 'trade' },
  Suco: { dataset: 'embrapa_exp_suco', kind: 'trade' },
} as const;

export const endpoint = defineEndpoint({
  method: 'GET',
  path: '/exportacaoCSV/tipo/{tipo}',
  auth: 'cognito',
  grants: SEED_GRANTS,
  summary: 'Exports by country and year: kg, and US$ as <year>_usd',
  examples: [{ summary: 'Of wine', path: '/exportacaoCSV/tipo/Vinho' }],
  request: () => ({ path: z.object({ tipo: z.string() }), query: seedQuery() }),
  run: (deps: SeedDeps) => {
    const answer = seedTable(deps);
    return ({ path, query }) => answer(tableOfType(TABLES, path.tipo), query.version);
  },
});
