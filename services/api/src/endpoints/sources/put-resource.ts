import { defineEndpoint } from '@granary/runtime/endpoint';
import { reply } from '@granary/runtime/http/reply';
import * as z from 'zod/mini';
import { findResource, publicResources, resourcePath } from '../../sources/public-resource.ts';
import type { SourcesDeps } from '../../sources/sources-deps.ts';

export const endpoint = defineEndpoint({
  method: 'PUT',
  path: '/v1/admin/resources/{id}',
  auth: 'cognito',
  groups: ['operators'],
  grants: ['records:read', 'records:decide'],
  summary: 'Excludes a resource, or sets its contract',
  description:
    'The body replaces what operators decided of the resource before. `excluded` with a reason: it is not fetched from the next run on; what was published of it stays. `contract`: what changes of the columns of its tables do, before what its source says. A member that is missing, or null, takes back what was decided.',
  request: () => ({
    path: resourcePath(),
    body: z.strictObject({
      excluded: z.optional(z.nullable(z.strictObject({ reason: z.string().check(z.minLength(1), z.maxLength(500)) }))),
      contract: z.optional(
        z.nullable(
          z.strictObject({
            new_columns: z.optional(z.enum(['evolve', 'freeze', 'discard'])),
            lost_columns: z.optional(z.enum(['evolve', 'freeze'])),
            changed_types: z.optional(z.enum(['evolve', 'freeze'])),
          }),
        ),
      ),
    }),
  }),
  run:
    ({ resources, clock }: SourcesDeps) =>
    async ({ path: { id: name }, body: { excluded, contract }, caller, log }) => {
      const { source, id } = await findResource(resources, name);
      const by = { by: caller!.sub, at: new Date(clock()).toISOString() };
      await resources.decide(source, id, {
        excluded: excluded ? { reason: excluded.reason, ...by } : null,
        contract: contract ?? null,
      });
      log.info('resource decided', { source, resource: id, excluded: excluded?.reason, by: caller?.sub });
      const [body] = await publicResources(resources, [await findResource(resources, name)]);
      return reply({ cache_control: 'no-store', body: body! });
    },
});
