import { putSource } from '@granary/domain/use-cases/sources/edit-source';
import { defineEndpoint } from '@granary/runtime/endpoint';
import * as z from 'zod/mini';
import { answerEdit } from '../../sources/answer-edit.ts';
import { type SourcesDeps, sourcePath } from '../../sources/sources-deps.ts';

export const endpoint = defineEndpoint({
  method: 'PUT',
  path: '/v1/admin/sources/{id}',
  auth: 'cognito',
  groups: ['operators'],
  grants: ['configurations:read', 'configurations:list', 'configurations:write', 'catalog:read'],
  summary: 'Creates a source, or changes its configuration',
  description:
    'The body is a configuration, as in `packages/sources/src/sources/*.yml`, as JSON. Send `If-None-Match: *` to create a source, and `If-Match` with the ETag of GET to change it. The answer is 428 without either, and 412 when somebody else was first. `errors` names each fault by its path. The source is collected by its schedule from now on, without a deployment; a run that is under way ends as it was planned. The answer is 409 for a source of the release: pause it, or change it by a deployment. To put the same configuration again changes nothing.',
  examples: [
    {
      summary: 'A source of one CSV file',
      path: '/v1/admin/sources/demo',
      headers: { 'If-None-Match': '*' },
      body: {
        ...{ id: 'demo', kind: 'files', title: 'Rain by station', publisher: 'An office of water' },
        ...{ theme: 'environment', tags: ['rain'], schedule: 'rate(1 day)' },
        licence: { name: 'CC-BY-4.0', title: 'Creative Commons Attribution 4.0' },
        ...{ base_url: 'https://data.example.org/files/', requests_per_minute: 60, max_bytes: 10000000 },
        config: { files: [{ dataset: 'demo_rain', url: 'rain.csv' }] },
        datasets: [{ id: 'demo_rain', title: 'Rain', description: 'Rain of a year in millimetres, by station.' }],
      },
    },
  ],
  request: () => ({ path: sourcePath(), body: z.record(z.string(), z.unknown()) }),
  run: (deps: SourcesDeps) => {
    const put = putSource(deps);
    return async ({ path: { id }, body, headers, caller, log }) => {
      const edited = await put({
        ...{ id, written: body, by: caller!.sub },
        ...{ if_match: headers['if-match'], if_none_match: headers['if-none-match'] },
      });
      log.info('source put', { source: id, revision: edited.revision, by: caller?.sub });
      return answerEdit(edited, edited.created ? 201 : 200);
    };
  },
});
