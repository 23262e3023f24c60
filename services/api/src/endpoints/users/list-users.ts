import { defineEndpoint } from '@granary/runtime/endpoint';
import { reply } from '@granary/runtime/http/reply';
import { AUDITED, PERSONAL, type UsersDeps, usersPage, usersQuery } from '../../users/users-page.ts';

const PATH = '/v1/users';

export const endpoint = defineEndpoint({
  method: 'GET',
  path: PATH,
  auth: 'cognito',
  grants: ['users:read', 'users:open', 'unmasked-reads:note'],
  summary: 'Lists users in alphabetical order of their last names',
  description: `Personal data is masked unless the caller is an analyst. ${AUDITED} \`last_name\` matches the beginning of the last name; case and accents are ignored. With a filter, a page may be shorter than \`limit\`, or empty, and still have a \`next\`.`,
  examples: [{ summary: 'Women whose last names begin with O', path: `${PATH}?last_name=o&gender=Female` }],
  request: () => ({ query: usersQuery() }),
  run:
    (deps: UsersDeps) =>
    async ({ query, caller }) => {
      const { users, next, headers } = await usersPage(deps)(PATH, query, caller);
      return reply({ body: { items: users, next }, headers, cache_control: PERSONAL });
    },
});
