import type { Dataset } from '@granary/domain/dataset';
import { type Reply, reply } from '@granary/runtime/http/reply';

/**
 * What operators see of the edits of a dataset: what people say in place of its source, what that says, and who was the
 * last to edit. The ETag is the revision, for the next edit.
 */
export const answerEdits = ({ id, edited }: Dataset): Reply => {
  const { revision = 0, at = null, by = null, values = {}, source = {} } = edited ?? {};
  return reply({
    headers: { ETag: `"${revision}"` },
    cache_control: 'no-store',
    body: { dataset: id, revision, edited_at: at, edited_by: by, values, source },
  });
};
