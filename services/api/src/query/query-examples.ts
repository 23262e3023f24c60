/** Calls of POST /v1/query that the documentation shows and an end-to-end test makes. */
const TOTALS =
  'SELECT year, sum(quantity) AS litres FROM {dataset} WHERE is_total AND year >= :since GROUP BY year ORDER BY year';

export const QUERY_EXAMPLES = [
  {
    summary: 'Sums by year, since a given year',
    path: '/v1/query',
    body: { sql: TOTALS, parameters: { since: 2000 } },
  },
  {
    summary: 'As CSV',
    path: '/v1/query?format=csv',
    body: { sql: 'SELECT product, year, quantity FROM {dataset} ORDER BY product, year' },
  },
  {
    summary: 'Started without waiting',
    path: '/v1/query',
    headers: { Prefer: 'respond-async' },
    body: { sql: 'SELECT version, count(*) AS found FROM {dataset}_versions GROUP BY version' },
  },
];
