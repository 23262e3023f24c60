import { defineEndpoint } from '@granary/runtime/endpoint';
import { reply } from '@granary/runtime/http/reply';
import { PAGE, securityPolicy } from '../../docs/docs-page.ts';
import { PUBLISHED } from '../../docs/documents.ts';

export const endpoint = defineEndpoint({
  method: 'GET',
  path: '/docs',
  auth: 'public',
  grants: [],
  summary: 'Shows this documentation as a page where you can try every call',
  examples: [{ summary: 'The page', path: '/docs' }],
  run: ({ data_origin }: { data_origin: string }) => {
    const headers = {
      'Content-Type': 'text/html; charset=utf-8',
      'Content-Security-Policy': securityPolicy(data_origin),
      'X-Content-Type-Options': 'nosniff',
      'Referrer-Policy': 'no-referrer',
    };
    return () => reply({ headers, body: PAGE, cache_control: PUBLISHED });
  },
});
