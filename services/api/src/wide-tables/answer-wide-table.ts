import type { Dataset } from '@granary/domain/dataset';
import { NotFound } from '@granary/domain/errors';
import type { CatalogReader } from '@granary/domain/ports/catalog';
import type { ObjectReader } from '@granary/domain/ports/object-store';
import type { WideRoute } from '@granary/domain/source';
import { KeptBody } from '@granary/runtime/http/kept-body';
import { type Reply, reply } from '@granary/runtime/http/reply';
import * as z from 'zod/mini';
import { findDataset, findVersion, latestNumber } from '../versions/find-version.ts';
import type { KeptBodies } from './kept-bodies.ts';

export type WideDeps = { catalog: CatalogReader; objects: Pick<ObjectReader, 'get'>; bodies: KeptBodies };
export const WIDE_GRANTS = ['catalog:read', 'data:read'] as const;
export const wideQuery = () => z.object({ version: z.optional(z.int().check(z.minimum(1), z.maximum(999_999))) });

/** Raised when the same version is written otherwise: clients then see another ETag. */
const WRITER = 1;

/**
 * Answers a dataset in the shape of the file that it came from. The pointer to the latest version is read every time,
 * so a new version shows at once; what a version looks like is made once and kept.
 */
export const wideTable = ({ catalog, objects, bodies }: WideDeps) => {
  // The one asked for last, of each dataset: it is nearly always the one asked for next.
  const names = new Map<string, Meant & { name: string }>();
  return async (dataset: string, asked: number | undefined): Promise<Reply> => {
    // A version that does not exist must be a 404 before its ETag could match.
    const { number, at } =
      asked === undefined ? latestOf(await findDataset(catalog, dataset)) : await publishedAs(catalog, dataset, asked);
    let known = names.get(dataset);
    if (known?.number !== number || known.at !== at) {
      known = { number, at, name: nameOf(dataset, number, at) };
      names.set(dataset, known);
    }
    const { name } = known;
    const render = async (): Promise<KeptBody> => {
      const version = await findVersion(catalog, dataset, number);
      const key = `${version.prefix}data.parquet`;
      const bytes = await objects.get(key);
      if (!bytes) throw new Error(`The object ${key} of a published version is missing.`);
      // Loaded with the first body that is made: a container that only answers 304 or downloads never needs a Parquet
      // reader.
      const [{ byteSource, readTable }, { sourceById }] = await Promise.all([
        import('@granary/tabular/read-table'),
        import('@granary/sources/registry'),
      ]);
      const { source } = await findDataset(catalog, dataset);
      const wide = sourceById(source)?.wideTable?.(dataset);
      if (!wide) throw new Error(`The source '${source}' has no wide shape of '${dataset}'.`);
      const { columns } = await readTable(byteSource(bytes), { columns: wide.columns });
      return new KeptBody(wide.json(columns, version.header));
    };
    if (asked !== undefined) {
      const body = await bodies.get(name, render);
      return reply({ etag: name, cache_control: 'private, max-age=31536000, immutable', body });
    }
    return reply({ etag: name, body: () => bodies.get(name, render) });
  };
};

/** When it was published tells versions of one number apart: a catalog may be begun anew. */
const nameOf = (dataset: string, number: number, at: string): string =>
  `${dataset}@${number}.${WRITER}-${Date.parse(at).toString(36)}`;

type Meant = { number: number; at: string };

const latestOf = (dataset: Dataset): Meant => ({ number: latestNumber(dataset), at: dataset.updated_at ?? '' });

const publishedAs = async (catalog: CatalogReader, id: string, number: number): Promise<Meant> => ({
  number,
  at: (await findVersion(catalog, id, number)).published_at,
});

/** The dataset that a route answers, by its `tipo` where it has several; NotFound names the known ones. */
export const datasetOf = ({ dataset, tables = {} }: WideRoute, tipo: string | undefined): string => {
  if (dataset !== undefined) return dataset;
  if (tipo !== undefined && Object.hasOwn(tables, tipo)) return tables[tipo];
  throw new NotFound(`There is no tipo '${tipo}'; the known ones are ${Object.keys(tables).join(', ')}.`);
};
