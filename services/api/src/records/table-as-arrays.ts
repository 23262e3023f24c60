import type { CatalogReader } from '@granary/domain/ports/catalog';
import type { ObjectReader } from '@granary/domain/ports/object-store';
import { type Reply, reply } from '@granary/runtime/http/reply';
import { parseQuery } from '@granary/tabular/query/parse-query';
import { runQuery } from '@granary/tabular/query/run-query';
import { arraysOf } from '@granary/tabular/query/write-rows';
import { fileReply } from '../exports/file-reply.ts';
import type { Encoded, SendOrStore } from '../exports/send-or-store.ts';
import { sendable } from '../exports/sendable.ts';
import { findVersion } from '../versions/find-version.ts';
import { makeOpenVersions } from '../versions/open-versions.ts';

/** Raised when the same table is written otherwise. */
const WRITER = 1;
const TYPE = 'application/json';

/** A version of a dataset as a list of lists of texts, its header first; one that is too large is stored. */
export const makeTableAsArrays = (objects: Pick<ObjectReader, 'getRange'>, sendOrStore: SendOrStore) => {
  const open = makeOpenVersions(objects);
  return async (
    catalog: CatalogReader,
    { id, version: number }: { id: string; version: number },
    method: string,
  ): Promise<Reply> => {
    const version = await findVersion(catalog, id, number);
    const etag = `${id}@${number}.arrays-${WRITER}-${Date.parse(version.published_at).toString(36)}`;
    const body = async (): Promise<Reply> => {
      if (method === 'HEAD') return reply({ body: '' });
      const table = await open(version);
      const make = (): Encoded => {
        const { fields, batches } = runQuery(table, parseQuery([], version.fields));
        return { chunks: arraysOf(fields, batches), rows: () => version.counts.rows_published };
      };
      const answer = await sendOrStore(make, { content: etag, filename: `${id}_v${number}.json`, content_type: TYPE });
      if ('body' in answer) return reply({ body: sendable(answer.body) });
      return fileReply(true, { ...answer, dataset: id, version: number, content_type: TYPE });
    };
    return reply({ etag, unmeasured: true, headers: { 'Content-Type': TYPE }, body });
  };
};
