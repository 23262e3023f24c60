import { EXAMPLES, WIDE_ROUTES } from '@granary/sources/sources.gen';

/** What a million requests are made of: each route's share, and how it is called when it is measured. */
export type Route = {
  /** Of a hundred requests. */
  share: number;
  route: string;
  path: string;
  role: 'reader' | 'analyst' | 'operator';
  body?: object;
};

const { dataset } = EXAMPLES;
/** The first that needs no `tipo`. */
const wide = WIDE_ROUTES.find((route) => route.dataset)!.path;

/**
 * Readers and their programs, who look at the catalog, read rows and take files; analysts ask in SQL. A guess, which is
 * why it stands here.
 */
export const MIX: readonly Route[] = [
  { share: 15, route: 'GET /v1/datasets', path: '/v1/datasets', role: 'reader' },
  { share: 15, route: 'GET /v1/datasets/{id}', path: `/v1/datasets/${dataset}`, role: 'reader' },
  { share: 30, route: 'GET /v1/records/{id}', path: `/v1/records/${dataset}?year=eq.1970`, role: 'reader' },
  { share: 20, route: `GET ${wide}`, path: wide, role: 'reader' },
  {
    share: 10,
    route: 'GET /v1/datasets/{id}/download',
    path: `/v1/datasets/${dataset}/download?format=parquet`,
    role: 'reader',
  },
  { share: 4, route: 'GET /v1/plots/{id}', path: `/v1/plots/${dataset}`, role: 'reader' },
  { share: 5, route: 'GET /v1/users', path: '/v1/users?limit=10', role: 'reader' },
  {
    share: 1,
    route: 'POST /v1/query',
    path: '/v1/query',
    role: 'analyst',
    body: { sql: EXAMPLES.sql },
  },
];
