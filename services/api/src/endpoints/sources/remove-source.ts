import { removeSource } from '@granary/domain/use-cases/sources/edit-source';
import { defineEndpoint } from '@granary/runtime/endpoint';
import { answerEdit } from '../../sources/answer-edit.ts';
import { type SourcesDeps, sourcePath } from '../../sources/sources-deps.ts';

export const endpoint = defineEndpoint({
  method: 'DELETE',
  path: '/v1/admin/sources/{id}',
  auth: 'cognito',
  groups: ['operators'],
  grants: ['configurations:read', 'configurations:write'],
  summary: 'Deletes a source: it is not collected any more',
  description:
    'Needs If-Match, as PUT does. What was published stays and can be read; so does the history of the source. A message of the source that is still in the queue fails, and says why. PUT with `If-None-Match: *` creates the source again, which goes on with the same datasets. Repeating the call changes nothing. The answer is 409 for a source of the release.',
  examples: [{ summary: 'The source that PUT created', path: '/v1/admin/sources/demo', headers: { 'If-Match': '*' } }],
  request: () => ({ path: sourcePath() }),
  run: (deps: SourcesDeps) => {
    const remove = removeSource(deps);
    return async ({ path: { id }, headers, caller, log }) => {
      const edited = await remove({ id, by: caller!.sub, if_match: headers['if-match'] });
      log.info('source deleted', { source: id, revision: edited.revision, by: caller?.sub });
      return answerEdit(edited);
    };
  },
});
