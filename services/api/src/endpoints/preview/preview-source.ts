import { InvalidRequest } from '@granary/domain/errors';
import { type PreviewDeps, previewSource } from '@granary/domain/use-cases/preview/preview-source';
import { defineEndpoint } from '@granary/runtime/endpoint';
import { reply } from '@granary/runtime/http/reply';
import { sourceYaml } from '@granary/sources/source-yaml';
import { unregistered } from '@granary/sources/unregistered';
import * as z from 'zod/mini';

export const endpoint = defineEndpoint({
  method: 'POST',
  path: '/v1/admin/sources/preview',
  auth: 'cognito',
  groups: ['operators'],
  grants: ['budget:write'],
  // One whole core, as the worker that collects has.
  memory_mb: 1769,
  summary: 'Shows what a source would become, and stores nothing',
  description:
    'Fetches the file at `url`, or the files of `source` (three at most), as collecting does, and responds with the tables in them: columns with their types and why, the first rows, what would be quarantined, what is uncertain, and the source to save, also as YAML. `id` is the id of the source that becomes of a `url`. Of a long text, the first 16 MB are read, of a paged API the first page; `complete` is then false. An address that is not public is refused (400); a file that is no table has `refused`.',
  examples: [
    {
      summary: 'Of a source that somebody has written',
      path: '/v1/admin/sources/preview',
      body: {
        source: {
          ...{ id: 'stations', kind: 'files', title: 'Rain by station', publisher: 'An office of water' },
          ...{ theme: 'environment', tags: ['rain'], licence: { name: 'CC-BY-4.0', title: 'CC Attribution 4.0' } },
          ...{ schedule: 'rate(1 day)', base_url: 'https://stations.example/files/' },
          ...{ requests_per_minute: 60, max_bytes: 10_000_000 },
          config: { files: [{ dataset: 'stations_rain', url: 'rain.csv' }] },
          datasets: [{ id: 'stations_rain', title: 'Rain', description: 'Rain of a year, by station.' }],
        },
      },
    },
  ],
  request: () => ({
    body: z.strictObject({
      url: z.optional(z.string().check(z.regex(/^https?:\/\//i), z.maxLength(2000))),
      id: z.optional(z.string().check(z.regex(/^[a-z][a-z0-9]*(_[a-z0-9]+)*$/), z.maxLength(64))),
      source: z.optional(z.looseObject({})),
    }),
  }),
  run: (deps: Omit<PreviewDeps, 'sources'>) => {
    const preview = previewSource({ ...deps, sources: unregistered });
    return async ({ body: { url, id, source }, caller, log }) => {
      if ((url === undefined) === (source === undefined) || (source !== undefined && id !== undefined))
        throw InvalidRequest.of('url', 'The body has either `url`, and `id` if you like, or `source`.');
      if (url !== undefined && !URL.canParse(url)) throw InvalidRequest.of('url', `'${url}' is no address.`);
      const found = await preview(url === undefined ? { source } : { url, ...(id !== undefined && { id }) });
      log.info('source previewed', { source: found.source.id, kind: found.source.kind, by: caller?.sub });
      return reply({ cache_control: 'no-store', body: { ...found, yaml: sourceYaml(found.source) } });
    };
  },
});
