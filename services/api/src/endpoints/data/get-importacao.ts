import { defineEndpoint } from '@granary/runtime/endpoint';
import * as z from 'zod/mini';
import { SEED_GRANTS, type SeedDeps, seedQuery, seedTable, tableOfType } from '../../wide-tables/seed-table.ts';

const TABLES = {
  Vinhos: { dataset: 'embrapa_imp_vinhos', kind: 'trade' },
  Espumantes: { dataset: 'embrapa_imp_espumantes', kind: 'trade' },
  Frescas: { dataset: 'embrapa_imp_frescas', kind: 'trade' },
  Passas: { dataset: 'embrapa_imp_passas', kind: 'trade' },
  Suco: { dataset: 'embrapa_imp_suco', kind: 'trade' },
} as const;

export const endpoint = defineEndpoint({
  method: 'GET',
  path: '/importacaoCSV/tipo/{tipo}',
  auth: 'cognito',
  grants: SEED_GRANTS,
  summary: 'Imports by country and year: kg, and US$ as <year>_usd',
  examples: [{ summary: 'Of wine', path: '/importacaoCSV/tipo/Vinhos' }],
  request: () => ({ path: z.object({ tipo: z.string() }), query: seedQuery() }),
  run: (deps: SeedDeps) => {
    const answer = seedTable(deps);
    return ({ path, query }) => answer(tableOfType(TABLES, path.tipo), query.version);
  },
});
