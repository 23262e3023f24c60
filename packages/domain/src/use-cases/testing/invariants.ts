import { createHash } from 'node:crypto';
import { gunzipSync } from 'node:zlib';
import { expect } from '@jest/globals';
import type { DatasetId, VersionFileName } from '../../dataset.ts';
import type { CatalogReader } from '../../ports/catalog.ts';
import type { ObjectReader } from '../../ports/object-store.ts';
import type { SqlCatalog } from '../../ports/sql-catalog.ts';
import { csvCopyKey, sqlFolder, sqlFolders } from '../../rules/keys.ts';
import { sqlColumns } from '../../sql-table.ts';

type Stores = { catalog: CatalogReader; objects: ObjectReader; tables: SqlCatalog };

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

/**
 * For tests: a dataset has just this many versions, numbered from 1; the pointer names the newest; every file is what
 * its hash says; raw bytes decompress to what was fetched; rows balance; the copy is the latest version's, and so are
 * the tables in SQL.
 */
export const expectSound = async (
  { catalog, objects, tables }: Stores,
  id: DatasetId,
  versions: number,
): Promise<void> => {
  const published = await catalog.listVersions(id, { limit: 1000 });
  expect(published.map(({ version }) => version)).toEqual(Array.from({ length: versions }, (_, i) => versions - i));
  const dataset = (await catalog.getDataset(id))!;
  expect(dataset.latest).toBe(versions);
  for (const version of published) {
    const read = async (name: VersionFileName) => (await objects.get(version.prefix + name))!;
    for (const name of Object.keys(version.files) as VersionFileName[]) {
      const body = await read(name);
      expect({ name, bytes: body?.byteLength, sha256: body && sha256(body) }).toEqual({ name, ...version.files[name] });
    }
    const descriptor = JSON.parse(Buffer.from(await read('datapackage.json')).toString());
    const hashes = descriptor.resources.map(({ path, hash }: { path: VersionFileName; hash: string }) => [path, hash]);
    for (const [path, hash] of hashes) expect(hash).toBe(`sha256:${version.files[path as VersionFileName]!.sha256}`);
    expect(sha256(gunzipSync((await objects.get(version.raw.key))!))).toBe(version.raw.sha256);
    const { rows_read, rows_published, rows_quarantined, rows_deduplicated } = version.counts;
    expect(rows_published + rows_quarantined + rows_deduplicated).toBe(rows_read);
  }
  const copy = csvCopyKey(dataset.theme, id);
  expect((await objects.head(copy))!.metadata.version).toBe(String(versions));
  expect(sha256((await objects.get(copy))!)).toBe(published[0]!.files['data.csv.gz'].sha256);
  await expectTables({ catalog, objects, tables }, id, versions);
};

/**
 * For tests: both tables say what the pointer says; a version's folder has one file, whose one line is the address of
 * the version's Parquet.
 */
export const expectTables = async (
  { catalog, objects, tables }: Stores,
  id: DatasetId,
  versions: number,
): Promise<void> => {
  const published = await catalog.listVersions(id, { limit: 1000 });
  const { version, attempt, fields } = published[0]!;
  const columns = sqlColumns(fields);
  expect(version).toBe(versions);
  expect(await tables.getLatest(id)).toEqual({ kind: 'latest', dataset: id, columns, version, attempt });
  const history = (await tables.getHistory(id))!;
  expect(history).toMatchObject({ to: version, attempt });
  expect(history.columns.slice(0, columns.length)).toEqual(columns);
  expect((await objects.list(sqlFolders(id))).length).toBe(published.length);
  for (const { version: number, prefix } of published) {
    const keys = await objects.list(sqlFolder(id, number));
    expect(keys).toEqual([`tables/${id}/${number}/symlink.txt`]);
    const lines = Buffer.from((await objects.get(keys[0]!))!).toString();
    expect(lines).toBe(`${tables.uriOf(`${prefix}data.parquet`)}\n`);
  }
};
