import { NotFound } from '@granary/domain/errors';
import { readUsers } from '@granary/domain/use-cases/users/read-users';
import { defineEndpoint } from '@granary/runtime/endpoint';
import { reply } from '@granary/runtime/http/reply';
import * as z from 'zod/mini';
import { AUDITED, PERSONAL, type UsersDeps } from '../../users/users-page.ts';

const PATH = '/v1/users/{id}';

export const endpoint = defineEndpoint({
  method: 'GET',
  path: PATH,
  auth: 'cognito',
  grants: ['users:read', 'users:open', 'unmasked-reads:note'],
  summary: 'Gets the users with an id, which may be several',
  description: `Personal data is masked unless the caller is an analyst. ${AUDITED}`,
  examples: [{ summary: 'The first user of the list', path: PATH }],
  request: () => ({ path: z.object({ id: z.int().check(z.minimum(0)) }) }),
  run:
    (deps: UsersDeps) =>
    async ({ path: { id }, caller }) => {
      const found = await deps.users.byId(id);
      if (found.length === 0) throw new NotFound(`There is no user of id ${id}; they are listed at /v1/users.`);
      const items = await readUsers(deps)(found, caller, `GET ${PATH}`);
      return reply({ body: { items, next: null }, cache_control: PERSONAL });
    },
});
