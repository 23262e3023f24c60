/** What a million requests are made of: each route's share, and how it is called when it is measured. */
export type Route = {
  /** Of a hundred requests. */
  share: number;
  route: string;
  path: string;
  role: 'reader' | 'analyst' | 'operator';
  body?: object;
};

/**
 * Readers and their programs, who look at the catalog, read rows and take files; analysts ask in SQL. A guess, which is
 * why it stands here.
 */
export const MIX: readonly Route[] = [
  { share: 15, route: 'GET /v1/datasets', path: '/v1/datasets', role: 'reader' },
  { share: 15, route: 'GET /v1/datasets/{id}', path: '/v1/datasets/embrapa_producao', role: 'reader' },
  { share: 30, route: 'GET /v1/records/{id}', path: '/v1/records/embrapa_producao?year=eq.1970', role: 'reader' },
  { share: 20, route: 'GET /producaoCSV', path: '/producaoCSV', role: 'reader' },
  {
    share: 10,
    route: 'GET /v1/datasets/{id}/download',
    path: '/v1/datasets/embrapa_producao/download?format=parquet',
    role: 'reader',
  },
  { share: 4, route: 'GET /v1/plots/{id}', path: '/v1/plots/embrapa_producao', role: 'reader' },
  { share: 5, route: 'GET /v1/users', path: '/v1/users?limit=10', role: 'reader' },
  {
    share: 1,
    route: 'POST /v1/query',
    path: '/v1/query',
    role: 'analyst',
    body: { sql: 'SELECT year, sum(quantity) AS litres FROM embrapa_producao WHERE is_total GROUP BY year' },
  },
];
