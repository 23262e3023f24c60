import { NotFound } from '@granary/domain/errors';
import type { SourcesDeps } from './sources-deps.ts';

/** Where a list of resources goes on: in which source, and behind which of its resources. */
export type PlaceOfResource = { source: string; after?: string };
export const isPlaceOfResource = (place: unknown): place is PlaceOfResource =>
  typeof place === 'object' &&
  place !== null &&
  'source' in place &&
  typeof place.source === 'string' &&
  (!('after' in place) || (typeof place.after === 'string' && place.after !== ''));

/** Ids of the sources whose resources are listed, in their order. Throws NotFound. */
export const sourceIds = async (
  sources: SourcesDeps['sources'],
  only: string | undefined,
): Promise<readonly string[]> => {
  if (only === undefined) return (await sources.list()).map(({ id }) => id).sort();
  if (await sources.find(only)) return [only];
  throw new NotFound(`There is no source '${only}'.`);
};
