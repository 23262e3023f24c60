import { defineEndpoint } from '@granary/runtime/endpoint';
import { KeptBody } from '@granary/runtime/http/kept-body';
import { reply } from '@granary/runtime/http/reply';
import { PUBLISHED } from '../../docs/documents.ts';

export const endpoint = defineEndpoint({
  method: 'GET',
  path: '/postman.json',
  auth: 'public',
  grants: [],
  summary: 'Gets the examples as a Postman collection',
  description: 'Import it and set its variables `baseUrl` and `token`.',
  examples: [{ summary: 'The collection', path: '/postman.json' }],
  run: () => {
    let kept: KeptBody | undefined;
    return async () => {
      const { default: collection } = await import('../../../postman.json', { with: { type: 'json' } });
      kept ??= new KeptBody(JSON.stringify(collection));
      return reply({ body: kept, cache_control: PUBLISHED });
    };
  },
});
