import type { CatalogReader } from '@granary/domain/ports/catalog';
import { defineEndpoint } from '@granary/runtime/endpoint';
import { reply } from '@granary/runtime/http/reply';
import { readWeighted } from '@granary/runtime/http/weighted';
import * as z from 'zod/mini';
import { publicDataset } from '../../catalog/public-dataset.ts';
import { schemaOrgOf } from '../../docs/schema-org.ts';
import { findDataset, heldVersions } from '../../versions/find-version.ts';

const LD_JSON = 'application/ld+json';
const VARY = { Vary: 'Accept' };

export const endpoint = defineEndpoint({
  method: 'GET',
  path: '/v1/datasets/{id}',
  auth: 'cognito',
  grants: ['catalog:read', 'catalog:versions'],
  summary: 'Gets a dataset: its description, fields and latest version',
  description:
    '`held` names newer versions that are held until an operator has decided about them. With `Accept: application/ld+json` it is a Dataset of schema.org.',
  examples: [
    { summary: 'A dataset', path: '/v1/datasets/{dataset}' },
    { summary: 'For search engines', path: '/v1/datasets/{dataset}', headers: { Accept: LD_JSON } },
  ],
  request: () => ({ path: z.object({ id: z.string().check(z.maxLength(128)) }) }),
  run:
    ({ catalog }: { catalog: CatalogReader }) =>
    async ({ path: { id }, headers, caller }) => {
      if (wantsLinkedData(headers.accept))
        return reply({
          headers: { ...VARY, 'Content-Type': LD_JSON },
          body: schemaOrgOf(await findDataset(catalog, id)),
        });
      const [dataset, withheld] = await Promise.all([findDataset(catalog, id), catalog.listWithheld(id)]);
      return reply({
        headers: VARY,
        body: { ...publicDataset(dataset), held: heldVersions(dataset, withheld, caller) },
      });
    },
});

/** Whether it is asked for by its name, and not less than JSON is. */
const wantsLinkedData = (accept: string | undefined): boolean => {
  if (!accept?.toLowerCase().includes('ld+json')) return false;
  const weightOf = (type: string) => readWeighted(accept).find(({ value }) => value === type)?.weight ?? 0;
  return weightOf(LD_JSON) > 0 && weightOf(LD_JSON) >= weightOf('application/json');
};
