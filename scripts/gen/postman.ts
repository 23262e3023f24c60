import type { FoundEndpoint } from './definitions.ts';

/**
 * Every example as a Postman collection (v2.1), in folders by area. `{{baseUrl}}`, `{{token}}` and `{{id}}` are its
 * variables.
 */
export const postmanOf = (endpoints: readonly FoundEndpoint[], version: string): object => ({
  info: {
    name: 'Granary',
    description: `Granary ${version}. Set \`token\` to an id token; \`id\` is taken by calls of one run, one user or one query.`,
    schema: 'https://schema.getpostman.com/json/collection/v2.1.0/collection.json',
  },
  auth: { type: 'bearer', bearer: [{ key: 'token', value: '{{token}}', type: 'string' }] },
  variable: [
    { key: 'baseUrl', value: 'http://localhost:4000' },
    { key: 'token', value: '' },
    { key: 'id', value: '' },
  ],
  item: [...Map.groupBy(endpoints, ({ area }) => area)].map(([area, found]) => ({
    name: area,
    item: found.flatMap(requestsOf),
  })),
});

const requestsOf = ({ endpoint }: FoundEndpoint): object[] =>
  (endpoint.examples ?? []).map(({ summary, path, headers = {}, body }) => {
    const [route, search] = path.replaceAll('{id}', '{{id}}').split('?');
    const query = search === undefined ? [] : search.split('&').map((pair) => pair.split('='));
    return {
      name: `${endpoint.summary}: ${summary}`,
      request: {
        method: endpoint.method,
        ...(endpoint.auth === 'public' && { auth: { type: 'noauth' } }),
        header: Object.entries({ ...headers, ...(body && { 'Content-Type': 'application/json' }) }).map(
          ([key, value]) => ({ key, value }),
        ),
        url: {
          raw: `{{baseUrl}}${route}${search === undefined ? '' : `?${search}`}`,
          host: ['{{baseUrl}}'],
          path: route.slice(1).split('/'),
          ...(query.length > 0 && { query: query.map(([key, ...value]) => ({ key, value: value.join('=') })) }),
        },
        ...(body && { body: { mode: 'raw', raw: JSON.stringify(body, null, 2) } }),
        description: endpoint.description ?? endpoint.summary,
      },
    };
  });
