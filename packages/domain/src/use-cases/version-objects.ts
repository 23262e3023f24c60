import { createHash } from 'node:crypto';
import type { DatasetId, VersionFile, VersionFileName } from '../dataset.ts';
import type { CatalogReader } from '../ports/catalog.ts';
import type { ObjectStore } from '../ports/object-store.ts';
import { CONTENT_TYPES, IMMUTABLE, versionPrefix } from '../rules/keys.ts';

type Tables = Readonly<Record<Exclude<VersionFileName, 'datapackage.json'>, VersionFile & { path: string }>>;

/** Writes the objects of one attempt below its prefix, and says what they hold. */
export const writeObjects = async (
  objects: ObjectStore,
  prefix: string,
  tables: Tables,
  descriptor: Record<string, unknown>,
): Promise<Record<VersionFileName, VersionFile>> => {
  const written: Partial<Record<VersionFileName, VersionFile>> = {};
  for (const [name, { path, bytes, sha256 }] of Object.entries(tables) as [keyof Tables, Tables[keyof Tables]][]) {
    await objects.putFile(`${prefix}${name}`, path, options(name, sha256));
    written[name] = { bytes, sha256 };
  }
  const body = Buffer.from(`${JSON.stringify(descriptor, null, 2)}\n`);
  const sha256 = createHash('sha256').update(body).digest('hex');
  await objects.put(`${prefix}datapackage.json`, body, options('datapackage.json', sha256));
  written['datapackage.json'] = { bytes: body.byteLength, sha256 };
  return written as Record<VersionFileName, VersionFile>;
};

const options = (name: VersionFileName, sha256: string) => ({
  content_type: CONTENT_TYPES[name],
  cache_control: IMMUTABLE,
  metadata: { sha256 },
});

/** Removes what an attempt wrote that nobody will commit. */
export const deleteObjects = async (objects: ObjectStore, prefix: string): Promise<void> => {
  const keys = await objects.list(prefix);
  if (keys.length > 0) await objects.delete(keys);
};

/**
 * Removes what attempts at a version wrote that somebody else committed: whoever wrote it was killed, or the one who would have removed it. Called for
 * the version before the one that is written now, so that nothing is left of it for longer than that.
 */
export const deleteGivenUp = async (
  { catalog, objects }: { catalog: Pick<CatalogReader, 'getVersion'>; objects: ObjectStore },
  dataset: DatasetId,
  number: number,
): Promise<void> => {
  const version = number > 0 ? await catalog.getVersion(dataset, number) : undefined;
  if (!version || version.state === 'pending') return;
  // `versions/<dataset>/000001-`: all attempts.
  const keys = await objects.list(versionPrefix(dataset, number, '').slice(0, -1));
  const others = keys.filter((key) => !key.startsWith(versionPrefix(dataset, number, version.attempt)));
  if (others.length > 0) await objects.delete(others);
};
