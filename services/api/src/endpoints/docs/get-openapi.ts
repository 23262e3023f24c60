import { defineEndpoint } from '@granary/runtime/endpoint';
import { KeptBody } from '@granary/runtime/http/kept-body';
import { reply } from '@granary/runtime/http/reply';
import { OPENAPI_TYPE, PUBLISHED } from '../../docs/documents.ts';

export const endpoint = defineEndpoint({
  method: 'GET',
  path: '/openapi.json',
  auth: 'public',
  grants: [],
  summary: 'Describes this API as OpenAPI 3.1',
  examples: [{ summary: 'The document', path: '/openapi.json' }],
  run: () => {
    let kept: KeptBody | undefined;
    return async () => {
      const { default: document } = await import('../../../openapi.json', { with: { type: 'json' } });
      kept ??= new KeptBody(JSON.stringify(document), OPENAPI_TYPE);
      return reply({ body: kept, cache_control: PUBLISHED });
    };
  },
});
