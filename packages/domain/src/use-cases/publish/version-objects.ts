import { createHash } from 'node:crypto';
import type { DatasetId, PublishedVersion, VersionFile, VersionFileName, VersionFiles } from '../../dataset.ts';
import { NotReadBack } from '../../errors.ts';
import type { CatalogReader } from '../../ports/catalog.ts';
import type { ObjectStore } from '../../ports/object-store.ts';
import { CONTENT_TYPES, IMMUTABLE, versionPrefix } from '../../rules/keys.ts';

type TableName = Exclude<VersionFileName, 'datapackage.json'>;
type Tables = Readonly<Record<TableName, VersionFile & { path: string }>>;

const TABLES = [
  'data.parquet',
  'data.csv.gz',
  'quarantine.ndjson.gz',
  'profile.json',
] as const satisfies readonly TableName[];
/** What is held of an object that is read back, bytes. */
const BLOCK_BYTES = 8 * 1024 * 1024;

/** Writes the objects of one attempt below its prefix, and says what they hold. */
export const writeObjects = async (
  objects: ObjectStore,
  prefix: string,
  tables: Tables,
  descriptor: Record<string, unknown>,
): Promise<VersionFiles> => {
  const written: Partial<Record<VersionFileName, VersionFile>> = {};
  for (const name of TABLES) {
    const { path, bytes, sha256 } = tables[name];
    await objects.putFile(`${prefix}${name}`, path, options(name, sha256));
    written[name] = { bytes, sha256 };
  }
  return { ...written, ...(await writeDescriptor(objects, prefix, descriptor)) } as VersionFiles;
};

/**
 * The same with the tables of an earlier version, which are copied inside the store. What stands there afterwards is
 * read, every byte, and compared by hash with what that version was committed with: it was read back cell by cell then.
 * Throws NotReadBack.
 */
export const copyObjects = async (
  objects: ObjectStore,
  prefix: string,
  { dataset, version, prefix: from, files }: PublishedVersion,
  descriptor: Record<string, unknown>,
): Promise<VersionFiles> => {
  const written: Partial<Record<VersionFileName, VersionFile>> = {};
  for (const name of TABLES) {
    const file = files[name];
    if (!file) continue;
    const { bytes, sha256 } = file;
    await objects.copy(`${from}${name}`, `${prefix}${name}`, options(name, sha256));
    const found = await hashOf(objects, `${prefix}${name}`);
    if (found.bytes !== bytes || found.sha256 !== sha256)
      throw new NotReadBack(
        `Version ${version} of '${dataset}' does not read back as it was written: its ${name} has ${found.bytes} bytes (SHA-256 ` +
          `${found.sha256}), not ${bytes} (${sha256}). Nothing was published; restore another version, listed at ` +
          `/v1/datasets/${dataset}/versions.`,
      );
    written[name] = { bytes, sha256 };
  }
  return { ...written, ...(await writeDescriptor(objects, prefix, descriptor)) } as VersionFiles;
};

/** Of an object as it is stored now, a block at a time. */
const hashOf = async (objects: ObjectStore, key: string): Promise<VersionFile> => {
  const hash = createHash('sha256');
  const bytes = (await objects.head(key))?.bytes ?? 0;
  for (let start = 0; start < bytes; start += BLOCK_BYTES)
    hash.update(await objects.getRange(key, start, Math.min(bytes, start + BLOCK_BYTES)));
  return { bytes, sha256: hash.digest('hex') };
};

const writeDescriptor = async (
  objects: ObjectStore,
  prefix: string,
  descriptor: Record<string, unknown>,
): Promise<Pick<VersionFiles, 'datapackage.json'>> => {
  const body = Buffer.from(`${JSON.stringify(descriptor, null, 2)}\n`);
  const sha256 = createHash('sha256').update(body).digest('hex');
  await objects.put(`${prefix}datapackage.json`, body, options('datapackage.json', sha256));
  return { 'datapackage.json': { bytes: body.byteLength, sha256 } };
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
 * Removes what attempts at a version wrote that somebody else committed: whoever wrote it was killed, or the one who
 * would have removed it. Called for the version before the one that is written now, so that nothing is left of it for
 * longer than that.
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
