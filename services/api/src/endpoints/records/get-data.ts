import type { CatalogReader } from '@granary/domain/ports/catalog';
import type { ObjectStore } from '@granary/domain/ports/object-store';
import { defineEndpoint } from '@granary/runtime/endpoint';
import * as z from 'zod/mini';
import { datasetIn, datasetsOf } from '../../catalog/datasets-by-theme.ts';
import { makeSendOrStore } from '../../exports/send-or-store.ts';
import { listedFiles } from '../../records/listed-files.ts';
import { tooBig } from '../../records/refusals.ts';
import { makeTableAsArrays } from '../../records/table-as-arrays.ts';

export const endpoint = defineEndpoint({
  method: 'GET',
  path: '/data',
  auth: 'cognito',
  grants: ['catalog:read', 'catalog:list', 'data:read', 'exports-of-records:write'],
  summary: 'Lists the datasets of a theme; with `dataset`, gets the table of one as a list of lists',
  description:
    'The list has the name of each dataset, when it was last published, and the bytes of its CSV (`csv_data/<theme>/<Name>.csv.gz`). A table is a list of rows, of which the first is the header; every cell is the text that the CSV has, and an empty text where there is no value. A table that is too large for one response is a 303 to a file; its link is valid for 15 minutes. /v1/records has types, filters and pages.',
  examples: [
    { summary: 'The datasets of a theme', path: '/data?theme=agriculture' },
    { summary: 'A table', path: '/data?theme=agriculture&dataset={dataset}' },
  ],
  request: () => ({
    query: z.object({
      theme: z.string().check(z.minLength(1), z.maxLength(200)),
      dataset: z.optional(z.string().check(z.minLength(1), z.maxLength(200))),
    }),
  }),
  run: ({ catalog, objects, now }: { catalog: CatalogReader; objects: ObjectStore; now: () => number }) => {
    const table = makeTableAsArrays(objects, makeSendOrStore({ objects, folder: 'records', now, tooBig }));
    return async ({ query: { theme, dataset }, method }) => {
      if (dataset === undefined) return listedFiles(catalog, await datasetsOf(catalog, theme));
      const known = await catalog.getDataset(dataset);
      const isThere = known !== undefined && known.theme === theme && known.latest !== null;
      // Who is mistaken is told near names, which are those of the whole catalog.
      const { id, latest } = isThere ? known : datasetIn(theme, await datasetsOf(catalog, theme), dataset);
      return table(catalog, { id, version: latest! }, method);
    };
  },
});
