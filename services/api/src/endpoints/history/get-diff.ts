import type { CatalogReader } from '@granary/domain/ports/catalog';
import type { ObjectStore } from '@granary/domain/ports/object-store';
import { defineEndpoint } from '@granary/runtime/endpoint';
import * as z from 'zod/mini';
import { redirectParameter } from '../../exports/file-reply.ts';
import { makeAnswerDiff } from '../../history/answer-diff.ts';
import { findCompared } from '../../history/find-compared.ts';

const versionSchema = () => z.optional(z.int().check(z.minimum(1), z.maximum(999_999)));

export const endpoint = defineEndpoint({
  method: 'GET',
  path: '/v1/datasets/{id}/diff',
  auth: 'cognito',
  grants: ['catalog:read', 'catalog:versions', 'data:read', 'exports-of-diffs:write'],
  summary: 'Compares two versions: rows added, removed and changed, cell by cell',
  description:
    '`to` is the latest version by default, and `from` the version before `to`. Two rows are the same row when they have equal values in the columns of `matched_by`. Changes of `line` and `processing_date` are ignored. `at` is a value for `row` of /provenance. NDJSON (`format=ndjson`, or by Accept) has all changes. When they are too large for one response, the answer is a 303 to a file; its link is valid for 15 minutes. With `redirect=false` the changes are always a file, and the answer is 200 with its URL. With `limit`, NDJSON has that many changes and a Link rel=next to the following ones.',
  examples: [
    { summary: 'The latest version against the one before', path: '/v1/datasets/{dataset}/diff' },
    { summary: 'All changes, one a line', path: '/v1/datasets/{dataset}/diff?from=1&to=2&format=ndjson' },
  ],
  request: () => ({
    path: z.object({ id: z.string().check(z.maxLength(128)) }),
    query: z.object({
      from: versionSchema(),
      to: versionSchema(),
      format: z.optional(z.enum(['json', 'ndjson'])),
      limit: z.optional(z.int().check(z.minimum(1), z.maximum(1000))),
      redirect: redirectParameter(),
      cursor: z.optional(z.string().check(z.maxLength(500))),
    }),
  }),
  run: (deps: { catalog: CatalogReader; objects: ObjectStore; now: () => number }) => {
    const answer = makeAnswerDiff(deps);
    return async ({ path: { id }, query, headers, method, caller }) => {
      const compared = await findCompared(deps.catalog, id, query, caller);
      const { limit, redirect, cursor } = query;
      const format = query.format ?? (/\bapplication\/(x-)?ndjson\b/.test(headers.accept ?? '') ? 'ndjson' : 'json');
      const is_whole = limit === undefined && cursor === undefined;
      return answer(compared, { format, limit, redirect, is_whole, head_only: method === 'HEAD' });
    };
  },
});
