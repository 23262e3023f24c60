import { setPaused } from '@granary/domain/use-cases/sources/edit-source';
import { defineEndpoint } from '@granary/runtime/endpoint';
import { answerEdit } from '../../sources/answer-edit.ts';
import { type SourcesDeps, sourcePath } from '../../sources/sources-deps.ts';

export const endpoint = defineEndpoint({
  method: 'POST',
  path: '/v1/admin/sources/{id}/resume',
  auth: 'cognito',
  groups: ['operators'],
  grants: ['configurations:read', 'configurations:write'],
  summary: 'Resumes a paused source',
  description:
    'It is collected again as soon as its schedule says so, or at once by `POST …/collect`. If-Match is heeded, and not needed. Repeating the call changes nothing.',
  examples: [{ summary: 'A source', path: '/v1/admin/sources/{source}/resume' }],
  request: () => ({ path: sourcePath() }),
  run: (deps: SourcesDeps) => {
    const set = setPaused(deps);
    return async ({ path: { id }, headers, caller, log }) => {
      const edited = await set({ id, by: caller!.sub, change: 'resumed', if_match: headers['if-match'] });
      log.info('source resumed', { source: id, revision: edited.revision, by: caller?.sub });
      return answerEdit(edited);
    };
  },
});
