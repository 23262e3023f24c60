import { InvalidRequest } from '@granary/domain/errors';
import type { CatalogReader } from '@granary/domain/ports/catalog';
import type { ObjectReader } from '@granary/domain/ports/object-store';
import { makePlot } from '@granary/plots/make-plot';
import { AGGREGATES, FORMATS, MARKS, type PlotParameters, readAsked, THEMES } from '@granary/plots/plot-query';
import { recordsPath } from '@granary/plots/records-path';
import { defineEndpoint } from '@granary/runtime/endpoint';
import { hashOf } from '@granary/runtime/http/etag';
import { reply } from '@granary/runtime/http/reply';
import { prepareQuery } from '@granary/tabular/query/parse-query';
import * as z from 'zod/mini';
import { findDataset, findVersion, latestNumber } from '../../versions/find-version.ts';
import { makeOpenVersions } from '../../versions/open-versions.ts';
import { timeOf, versionAsOf } from '../../versions/version-as-of.ts';
import { titleOfVersion } from '../../versions/version-title.ts';

/** Raised when the same data is drawn otherwise: clients then see another ETag. */
const DRAWING = 3;
const TYPES = { svg: 'image/svg+xml', png: 'image/png', vega: 'application/json' } as const;

const column = () => z.optional(z.string().check(z.maxLength(1000)));
const pixels = (least: number, usual: number) => z._default(z.int().check(z.minimum(least), z.maximum(2000)), usual);

export const endpoint = defineEndpoint({
  method: 'GET',
  path: '/v1/plots/{id}',
  auth: 'cognito',
  grants: ['catalog:read', 'catalog:versions', 'data:read', 'descriptions:read'],
  summary: 'A plot of a dataset as SVG or PNG, or its Vega-Lite specification',
  description:
    'Which columns are drawn where none are named, and what becomes of too many points, docs/plots.md says. Every other parameter is a filter as in /v1/records (`year=gte.2000`).',
  examples: [
    { summary: 'Every section over the years', path: '/v1/plots/embrapa_producao' },
    { summary: 'As PNG, dark', path: '/v1/plots/embrapa_producao?mark=area&year=gte.2000&format=png&theme=dark' },
  ],
  request: () => ({
    path: z.object({ id: z.string().check(z.maxLength(128)) }),
    query: z.catchall(
      z.object({
        x: column(),
        y: column(),
        series: column(),
        mark: z.optional(z.enum(MARKS)),
        aggregate: z.optional(z.enum(AGGREGATES)),
        format: z._default(z.enum(FORMATS), 'svg'),
        theme: z._default(z.enum(THEMES), 'light'),
        width: pixels(240, 800),
        height: pixels(180, 450),
        scale: z._default(z.int().check(z.minimum(1), z.maximum(2)), 1),
        version: z.optional(z.int().check(z.minimum(1), z.maximum(999_999))),
        as_of: z.optional(z.string().check(z.maxLength(40))),
      }),
      z.union([z.string(), z.array(z.string())]),
    ),
  }),
  run: ({ catalog, objects }: { catalog: CatalogReader; objects: Pick<ObjectReader, 'get' | 'getRange'> }) => {
    const open = makeOpenVersions(objects);
    return async ({ path: { id }, query: given }) => {
      const query = given as PlotParameters;
      const dataset = await findDataset(catalog, id);
      const { version: asked, as_of } = query;
      if (asked !== undefined && as_of !== undefined) {
        const message = 'says what version= says already; one of them';
        throw InvalidRequest.of('as_of', message, `as_of: ${message}.`);
      }
      const isPinned = asked !== undefined;
      const version =
        as_of === undefined
          ? await findVersion(catalog, id, asked ?? latestNumber(dataset))
          : await versionAsOf(catalog, id, timeOf(as_of));
      // A plot of the latest has the dataset's present title; a plot of a number never changes, whatever the dataset is
      // called later.
      const present = isPinned ? null : dataset.title;
      const named = JSON.stringify([present, Object.entries(query).sort(([a], [b]) => (a < b ? -1 : 1))]);
      const at = Date.parse(version.published_at).toString(36);
      const { filters } = readAsked(query, version.fields);
      const records = recordsPath(id, version.version, filters);
      return reply({
        etag: `${id}@${version.version}.${DRAWING}-${at}-${hashOf(named)}`,
        ...(isPinned ? { cache_control: 'private, max-age=31536000, immutable' } : {}),
        headers: {
          'Content-Type': TYPES[query.format],
          Link: `<${records}>; rel="alternate"; type="application/json"`,
        },
        body: async () => {
          await prepareQuery(filters);
          const title = present ?? (await titleOfVersion(objects, version));
          return makePlot(query, { title }, version, () => open(version));
        },
      });
    };
  },
});
