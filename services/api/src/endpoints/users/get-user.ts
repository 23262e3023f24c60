import { NotFound } from '@granary/domain/errors';
import { readUser } from '@granary/domain/use-cases/read-users';
import { defineEndpoint } from '@granary/runtime/endpoint';
import { reply } from '@granary/runtime/http/reply';
import * as z from 'zod/mini';
import { PERSONAL, type UsersDeps } from '../../users-page.ts';

export const endpoint = defineEndpoint({
  method: 'GET',
  path: '/v1/users/{id}',
  auth: 'cognito',
  grants: ['users:read', 'users:open'],
  summary: 'The users of an id, which may be several',
  description: 'Personal data is masked unless the caller is an analyst.',
  examples: [{ summary: 'The first of the list', path: '/v1/users/{id}' }],
  request: () => ({ path: z.object({ id: z.int().check(z.minimum(0)) }) }),
  run:
    ({ users, vault }: UsersDeps) =>
    async ({ path: { id }, caller }) => {
      const found = await users.byId(id);
      if (found.length === 0) throw new NotFound(`There is no user of id ${id}; they are listed at /v1/users.`);
      const items = await Promise.all(found.map((user) => readUser({ vault })(user, caller?.groups ?? [])));
      return reply({ body: { items, next: null }, cache_control: PERSONAL });
    },
});
