import { defineEndpoint } from '@granary/runtime/endpoint';
import { reply } from '@granary/runtime/http/reply';

export const endpoint = defineEndpoint({
  method: 'GET',
  path: '/health',
  auth: 'public',
  grants: [],
  summary: 'Whether the API answers',
  examples: [{ summary: 'Now', path: '/health' }],
  run: () => () => reply({ cache_control: 'no-store', body: { status: 'ok' } }),
});
