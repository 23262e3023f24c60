import { defineEndpoint } from '@granary/runtime/endpoint';
import * as z from 'zod/mini';
import { SEED_GRANTS, type SeedDeps, seedQuery, seedTable, tableOfType } from '../../wide-tables/seed-table.ts';

const TABLES = {
  Viniferas: { dataset: 'embrapa_processa_viniferas', kind: 'production' },
  Americanas: { dataset: 'embrapa_processa_americanas', kind: 'production' },
  Mesa: { dataset: 'embrapa_processa_mesa', kind: 'production' },
  Semclass: { dataset: 'embrapa_processa_semclass', kind: 'production' },
} as const;

export const endpoint = defineEndpoint({
  method: 'GET',
  path: '/processamentoCSV/tipo/{tipo}',
  auth: 'cognito',
  grants: SEED_GRANTS,
  summary: 'Grapes processed in kg, by section, cultivar and year',
  examples: [{ summary: 'Of table grapes', path: '/processamentoCSV/tipo/Mesa' }],
  request: () => ({ path: z.object({ tipo: z.string() }), query: seedQuery() }),
  run: (deps: SeedDeps) => {
    const answer = seedTable(deps);
    return ({ path, query }) => answer(tableOfType(TABLES, path.tipo), query.version);
  },
});
