import { setPaused } from '@granary/domain/use-cases/sources/edit-source';
import { defineEndpoint } from '@granary/runtime/endpoint';
import { answerEdit } from '../../sources/answer-edit.ts';
import { type SourcesDeps, sourcePath } from '../../sources/sources-deps.ts';

export const endpoint = defineEndpoint({
  method: 'POST',
  path: '/v1/admin/sources/{id}/pause',
  auth: 'cognito',
  groups: ['operators'],
  grants: ['configurations:read', 'configurations:write'],
  summary: 'Pauses a source: its schedule starts no run',
  description:
    'A run that is under way ends. A paused source is not collected on request either (409), and its datasets do not count as overdue. What was published stays. Sources of the release can be paused too. If-Match is heeded, and not needed. Repeating the call changes nothing.',
  examples: [{ summary: 'A source', path: '/v1/admin/sources/{source}/pause' }],
  request: () => ({ path: sourcePath() }),
  run: (deps: SourcesDeps) => {
    const set = setPaused(deps);
    return async ({ path: { id }, headers, caller, log }) => {
      const edited = await set({ id, by: caller!.sub, change: 'paused', if_match: headers['if-match'] });
      log.info('source paused', { source: id, revision: edited.revision, by: caller?.sub });
      return answerEdit(edited);
    };
  },
});
