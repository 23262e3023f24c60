import { defineEndpoint } from '@granary/runtime/endpoint';
import { reply } from '@granary/runtime/http/reply';
import { AUDITED, PERSONAL, type UsersDeps, usersPage, usersQuery } from '../../users/users-page.ts';

const PATH = '/view-data';

export const endpoint = defineEndpoint({
  method: 'GET',
  path: PATH,
  auth: 'cognito',
  grants: ['users:read', 'users:open', 'unmasked-reads:note'],
  summary: 'Lists users in alphabetical order of their last names, as a bare array',
  description: `Personal data is masked unless the caller is an analyst. ${AUDITED} The header Link (rel=next) is the next page. With a filter, a page may be shorter than \`limit\`, or empty, and still have a next one.`,
  examples: [{ summary: 'The first hundred', path: PATH }],
  request: () => ({ query: usersQuery() }),
  run:
    (deps: UsersDeps) =>
    async ({ query, caller }) => {
      const { users, headers } = await usersPage(deps)(PATH, query, caller);
      return reply({ body: users, headers, cache_control: PERSONAL });
    },
});
