import type { Dataset, PublishedVersion } from '@granary/domain/dataset';
import { InvalidRequest } from '@granary/domain/errors';
import type { CatalogReader } from '@granary/domain/ports/catalog';
import type { ObjectReader } from '@granary/domain/ports/object-store';
import { makePlot } from '@granary/plots/make-plot';
import { type PlotParameters, readAsked } from '@granary/plots/plot-query';
import { recordsPath } from '@granary/plots/records-path';
import { hashOf } from '@granary/runtime/http/etag';
import { type Reply, reply } from '@granary/runtime/http/reply';
import { prepareQuery } from '@granary/tabular/query/parse-query';
import { findDataset, findVersion, latestNumber } from '../versions/find-version.ts';
import { makeOpenVersions } from '../versions/open-versions.ts';
import { timeOf, versionAsOf } from '../versions/version-as-of.ts';
import { titleOfVersion } from '../versions/version-title.ts';

/** Raised when the same data is drawn otherwise: clients then see another ETag. */
const DRAWING = 3;
const TYPES = { svg: 'image/svg+xml', png: 'image/png', vega: 'application/json' } as const;

export type PlotDeps = { catalog: CatalogReader; objects: Pick<ObjectReader, 'get' | 'getRange'> };

/** A plot of the version that is meant, drawn when its body is asked for. Throws NotFound, InvalidRequest. */
export const makeAnswerPlot = ({ catalog, objects }: PlotDeps) => {
  const open = makeOpenVersions(objects);
  return async (id: string, query: PlotParameters): Promise<Reply> => {
    const dataset = await findDataset(catalog, id);
    const version = await findPlotted(catalog, dataset, query);
    const isPinned = query.version !== undefined;
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
      headers: { 'Content-Type': TYPES[query.format], Link: `<${records}>; rel="alternate"; type="application/json"` },
      body: async () => {
        await prepareQuery(filters);
        const title = present ?? (await titleOfVersion(objects, version));
        return makePlot(query, { title }, version, () => open(version));
      },
    });
  };
};

const findPlotted = async (
  catalog: CatalogReader,
  dataset: Dataset,
  { version: asked, as_of }: PlotParameters,
): Promise<PublishedVersion> => {
  if (as_of === undefined) return findVersion(catalog, dataset.id, asked ?? latestNumber(dataset));
  if (asked === undefined) return versionAsOf(catalog, dataset.id, timeOf(as_of));
  const message = 'says what version= says already; one of them';
  throw InvalidRequest.of('as_of', message, `as_of: ${message}.`);
};
