import type { PublishedVersion } from '@granary/domain/dataset';
import { NotFound } from '@granary/domain/errors';
import type { CatalogReader } from '@granary/domain/ports/catalog';
import type { Caller } from '@granary/runtime/endpoint';
import { readCursor } from '../paging/cursor.ts';
import { findVersion, versionNumber } from '../versions/find-version.ts';

/** Where the changes of two versions go on. */
export type DiffPlace = { from: number; to: number; offset: number };

const isPlace = (place: unknown): place is DiffPlace =>
  typeof place === 'object' &&
  place !== null &&
  (['from', 'to', 'offset'] as const).every((name) => Number.isSafeInteger((place as DiffPlace)[name])) &&
  (place as DiffPlace).offset >= 0;

export type Compared = {
  from: PublishedVersion;
  to: PublishedVersion;
  /** Changes that an earlier page had. */
  offset: number;
  /** Which versions are compared was said by number: the answer never changes. */
  is_pinned: boolean;
};

/**
 * The versions that are compared: those of the cursor, or those asked for; without `to` the latest, without `from` the
 * one before `to`. Throws NotFound, InvalidRequest.
 */
export const findCompared = async (
  catalog: CatalogReader,
  id: string,
  asked: { from?: number; to?: number; cursor?: string },
  caller: Caller | undefined,
): Promise<Compared> => {
  const place = asked.cursor === undefined ? undefined : readCursor(asked.cursor, isPlace);
  const { from: first, to: last } = place ?? asked;
  const to = await findVersion(catalog, id, await versionNumber(catalog, id, last), caller);
  const from = first === undefined ? await versionBefore(catalog, to) : await findVersion(catalog, id, first, caller);
  return { from, to, offset: place?.offset ?? 0, is_pinned: first !== undefined && last !== undefined };
};

const versionBefore = async (catalog: CatalogReader, to: PublishedVersion): Promise<PublishedVersion> => {
  const [version] = await catalog.listVersions(to.dataset, { limit: 1, before: to.version });
  if (version) return version;
  throw new NotFound(
    `The dataset '${to.dataset}' has no version before ${to.version} to compare it with; they are listed at /v1/datasets/${to.dataset}/versions.`,
  );
};
