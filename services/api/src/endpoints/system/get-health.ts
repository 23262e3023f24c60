import { defineEndpoint } from '@granary/runtime/endpoint';
import { reply } from '@granary/runtime/http/reply';

export const endpoint = defineEndpoint({
  method: 'GET',
  path: '/health',
  auth: 'public',
  grants: [],
  summary: 'Checks whether the API is up',
  examples: [{ summary: 'Health', path: '/health' }],
  run: () => () => reply({ cache_control: 'no-store', body: { status: 'ok' } }),
});
