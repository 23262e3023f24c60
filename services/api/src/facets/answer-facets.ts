import type { PublishedVersion } from '@granary/domain/dataset';
import type { ObjectReader } from '@granary/domain/ports/object-store';
import { hashOf } from '@granary/runtime/http/etag';
import { type Reply, reply } from '@granary/runtime/http/reply';
import { countFacets } from '@granary/tabular/query/count-facets';
import { parseQuery } from '@granary/tabular/query/parse-query';
import { unknownColumn } from '@granary/tabular/query/query-error';
import { jsonText } from '../history/json-text.ts';
import { asProblem } from '../records/refusals.ts';
import { makeOpenVersions } from '../versions/open-versions.ts';
import type { AskedFacets } from './read-asked-facets.ts';

/** Raised when the same question is answered otherwise. */
const FORM = 1;

export type AnswerFacets = (version: PublishedVersion, asked: AskedFacets) => Reply;

export const makeAnswerFacets = (objects: Pick<ObjectReader, 'getRange'>): AnswerFacets => {
  const open = makeOpenVersions(objects);
  return (version, { columns, limit, parameters, version: fixed }) => {
    const { dataset, version: number, fields } = version;
    const names = fields.map(({ name }) => name);
    const unknown = columns.find((name) => !names.includes(name));
    if (unknown !== undefined) throw unknownColumn(unknown, names);
    const { where } = parseQuery(parameters, fields);
    const body = async () => {
      const { rows, facets } = await countFacets(await open(version), { where, columns, limit });
      return jsonText({ dataset, version: number, rows, facets });
    };
    return reply({
      etag: `${dataset}@${number}-facets-${hashOf(JSON.stringify([version.published_at, FORM, columns, limit, parameters]))}`,
      unmeasured: true,
      ...(fixed === undefined ? {} : { cache_control: 'private, max-age=31536000, immutable' }),
      headers: { 'Content-Type': 'application/json' },
      body: () =>
        body().catch((error) => {
          throw asProblem(error);
        }),
    });
  };
};
