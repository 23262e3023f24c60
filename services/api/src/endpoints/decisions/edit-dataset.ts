import { type EditDatasetDeps, editDataset } from '@granary/domain/use-cases/catalog/edit-dataset';
import { defineEndpoint } from '@granary/runtime/endpoint';
import * as z from 'zod/mini';
import { answerEdits } from '../../catalog/public-edits.ts';

const text = (most: number) => z.string().check(z.minLength(1), z.maxLength(most));
const edit = <Schema extends z.ZodMiniType>(schema: Schema) => z.optional(z.nullable(schema));

export const endpoint = defineEndpoint({
  method: 'PATCH',
  path: '/v1/admin/datasets/{id}',
  auth: 'cognito',
  groups: ['operators'],
  grants: ['catalog:read', 'catalog:edit', 'copies:move'],
  summary: 'Edits what is said of a dataset, in place of its source',
  description:
    'The body is a merge patch (RFC 7396): a member that is named stands from now on, whatever its source says in later runs, and null takes an edit back. `edited` of the dataset marks what was edited and keeps what the source says. Send `If-Match` with the ETag of GET: the answer is 428 without it, and 412 when somebody else was first. To make the same edit again changes nothing.',
  examples: [
    {
      summary: 'Other tags, and the title of the source again',
      path: '/v1/admin/datasets/{dataset}',
      headers: { 'If-Match': '*' },
      body: { tags: ['wine', 'harvest'], title: null },
    },
  ],
  request: () => ({
    path: z.object({ id: z.string().check(z.maxLength(128)) }),
    body: z.strictObject({
      title: edit(text(300)),
      description: edit(text(10_000)),
      tags: edit(z.array(text(100)).check(z.maxLength(50))),
      theme: edit(z.string().check(z.regex(/^[a-z][a-z0-9]*(?:_[a-z0-9]+)*$/), z.maxLength(64))),
      licence: edit(
        z.strictObject({
          name: z.string().check(z.regex(/^[-a-zA-Z0-9._]+$/), z.maxLength(100)),
          title: text(300),
          path: z.optional(z.string().check(z.regex(/^https?:\/\/[^\s]+$/), z.maxLength(1000))),
        }),
      ),
    }),
  }),
  run: (deps: EditDatasetDeps) => {
    const edited = editDataset(deps);
    return async ({ path: { id }, body, headers, caller, log }) => {
      const dataset = await edited({ id, patch: body, if_match: headers['if-match'], by: caller!.sub });
      log.info('dataset edited', { dataset: id, revision: dataset.edited?.revision, by: caller?.sub });
      return answerEdits(dataset);
    };
  },
});
