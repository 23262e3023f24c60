import { defineEndpoint } from '@granary/runtime/endpoint';
import { reply } from '@granary/runtime/http/reply';
import { PUBLISHED } from '../../docs/documents.ts';

/** Addresses are relative to this one's (RFC 9264, 4.2), since API Gateway puts a stage before them. */
const LINKSET = {
  linkset: [
    {
      anchor: '../',
      'service-desc': [{ href: '../openapi.json', type: 'application/json', title: 'OpenAPI 3.1' }],
      'service-doc': [{ href: '../docs', type: 'text/html', title: 'Documentation' }],
      'service-meta': [{ href: '../catalog.jsonld', type: 'application/ld+json', title: 'Datasets (DCAT 3)' }],
      status: [{ href: '../health', type: 'application/json' }],
    },
  ],
};

export const endpoint = defineEndpoint({
  method: 'GET',
  path: '/.well-known/api-catalog',
  auth: 'public',
  grants: [],
  summary: 'Links to the descriptions of this API (RFC 9727)',
  examples: [{ summary: 'The links', path: '/.well-known/api-catalog' }],
  run: () => () =>
    reply({
      headers: {
        'Content-Type': 'application/linkset+json; profile="https://www.rfc-editor.org/info/rfc9727"',
        Link: '</.well-known/api-catalog>; rel="api-catalog"',
      },
      body: LINKSET,
      cache_control: PUBLISHED,
    }),
});
