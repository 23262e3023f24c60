import type { CatalogReader } from '@granary/domain/ports/catalog';
import type { ObjectStore } from '@granary/domain/ports/object-store';
import { defineEndpoint } from '@granary/runtime/endpoint';
import { prepareQuery } from '@granary/tabular/query/parse-query';
import * as z from 'zod/mini';
import { makeSendOrStore } from '../../exports/send-or-store.ts';
import { makeAnswerRecords } from '../../records/answer-records.ts';
import { anyName } from '../../records/any-name.ts';
import { makeFindRecordsVersion } from '../../records/find-records-version.ts';
import { readAsked } from '../../records/read-asked.ts';
import { asProblem, tooBig } from '../../records/refusals.ts';

export const endpoint = defineEndpoint({
  method: 'GET',
  path: '/v1/records/{id}',
  // Where supabase-js looks for tables below the address that it is given.
  aliases: ['/rest/v1/{id}'],
  auth: 'cognito',
  grants: ['catalog:read', 'catalog:versions', 'data:read', 'quarantine:query', 'exports-of-records:write'],
  summary: "Gets rows of a dataset, in PostgREST's query language",
  description:
    'Filters (`year=gte.2000`, `product=ilike.*tinto*`, `or=(…)`), regular expressions (`product=imatch.^t`), `select` with aliases, casts and aggregates, `order`, `limit`, `offset`, `Range` and `Prefer: count=` work as in PostgREST 12; docs/query.md has them all. ' +
    '`version`, `as_of` and Accept-Datetime read an older version. `format` (json, ndjson, csv, parquet, xlsx) replaces Accept. In a CSV, text that a spreadsheet would run as a formula gets an apostrophe before it; `guard=off` leaves it out. ' +
    '`from=quarantine` queries what was not published of the file instead, with the columns line, column, positions, raw, reason and rows. ' +
    'Rows that are too large for one response are a 303 to a file; its link is valid for 15 minutes. `redirect=false` always answers 200 with the URL of a file, however few the rows.',
  examples: [
    {
      summary: 'Red wines of this century, the latest years first',
      path: '/v1/records/{dataset}?select=product,year,quantity&year=gte.2000&product=ilike.*tinto*&order=year.desc&limit=10',
    },
    { summary: 'Sums by year', path: '/v1/records/{dataset}?select=year,quantity.sum()&is_total=is.false' },
    {
      summary: 'Reasons of the quarantine, with their rows',
      path: '/v1/records/{quarantined}?from=quarantine&select=reason,rows.sum()',
    },
    { summary: 'As CSV', path: '/v1/records/{dataset}?limit=5&format=csv' },
    { summary: 'The URL of the rows as Parquet', path: '/v1/records/{dataset}?format=parquet&redirect=false' },
  ],
  request: () => ({ path: z.object({ id: z.string().check(z.maxLength(128)) }), query: anyName() }),
  run: ({ catalog, objects, now }: { catalog: CatalogReader; objects: ObjectStore; now: () => number }) => {
    const findVersion = makeFindRecordsVersion(catalog);
    const answer = makeAnswerRecords(objects, makeSendOrStore({ objects, folder: 'records', now, tooBig }));
    return async ({ path: { id }, query, headers, method, caller }) => {
      try {
        // Ranges are for GET alone (RFC 9110, 14.2).
        const asked = readAsked(query, method === 'HEAD' ? { ...headers, range: undefined } : headers);
        await prepareQuery(asked.parameters);
        return answer(await findVersion(id, asked, caller), asked, method);
      } catch (error) {
        throw asProblem(error);
      }
    };
  },
});
