import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { firstDifference } from '@granary/tabular/diff/first-difference';
import { openTable } from '@granary/tabular/query/open-table';
import { fileRanges } from '@granary/tabular/read-back/read-back-parquet';
import type { WrittenVersion } from '../../dataset.ts';
import { NotFound, NotRebuilt } from '../../errors.ts';
import { definitionOf } from '../publish/describe-dataset.ts';
import { type Converted, TABLE_FILES } from '../publish/publish-version.ts';
import type { CollectResourceDeps } from './collect-resource.ts';
import { convertTable } from './convert-table.ts';
import { fetchedFrom } from './fall-back.ts';
import { assignDatasets, knownTables } from './known-tables.ts';
import { type TableOfFile, withTables } from './open-tables.ts';
import { type Replayed, unpackRaw } from './stored-resource.ts';

/**
 * Makes a version again of the bytes that it was made of, by the present parser and contract, and publishes nothing.
 * Throws NotRebuilt with the first difference where its tables have other bytes; NotFound where there is no such
 * version.
 */
export const rebuildVersion =
  (deps: CollectResourceDeps) =>
  async (replayed: Replayed, number: number): Promise<void> => {
    const { source, message } = replayed;
    const version = await madeVersion(deps, replayed.dataset.id, number);
    const path = join(deps.tmpdir, `granary-raw-${randomUUID()}`);
    try {
      await unpackRaw(deps.objects, version.raw, path);
      const resource = fetchedFrom(source, message.resource, version.raw.url);
      const of = { source, message: { resource }, path };
      await withTables(of, deps.tmpdir, (found) => compare(deps, replayed, version, found));
    } finally {
      await rm(path, { force: true });
    }
  };

/** The version of that number, or where it restores another one, the one that was made of the bytes. */
const madeVersion = async (
  deps: Pick<CollectResourceDeps, 'catalog'>,
  dataset: string,
  number: number,
): Promise<WrittenVersion> => {
  const version = await deps.catalog.getVersion(dataset, number);
  if (!version || version.state === 'pending') throw new NotFound(`The dataset '${dataset}' has no version ${number}.`);
  return version.state === 'published' && version.restores
    ? madeVersion(deps, dataset, version.restores.version)
    : version;
};

const compare = async (
  deps: CollectResourceDeps,
  { source, message }: Replayed,
  version: WrittenVersion,
  found: readonly TableOfFile[],
): Promise<void> => {
  const { dataset, version: number, raw, parser_version } = version;
  const of = { source, resource: message.resource };
  const [before] = await deps.catalog.listVersions(dataset, { limit: 1, before: number });
  const known = await knownTables(deps.catalog, of);
  const headerOf = (id: string) => (id === dataset ? before?.header : undefined);
  const { tables } = assignDatasets(of, known, found, { headerOf, at: raw.fetched_at });
  const index = tables.findIndex((table) => table.dataset === dataset);
  const table = tables[index];
  if (!table) throw new NotRebuilt(`The file of version ${number} of '${dataset}' holds no table of it now.`);
  const folder = await mkdtemp(join(deps.tmpdir, 'granary-collect-'));
  try {
    const converted = await convertTable({
      definition: definitionOf(source, message.resource, table),
      ...{ read: table.read, bytes: found[index]!.bytes, folder },
      processing_date: raw.fetched_at.slice(0, 10),
      ...{ previous_header: before?.header, previous_fields: before?.fields },
    });
    const difference = await differenceOf(deps, version, converted);
    if (!difference) return;
    const by =
      parser_version === source.parser_version
        ? ''
        : ` It was read by parser ${parser_version}; now it is ${source.parser_version}.`;
    throw new NotRebuilt(
      `Version ${number} of '${dataset}' does not come out as it was published: ${difference}.${by}`,
    );
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
};

/** The first difference, as a sentence without its end; undefined where all bytes are the same. */
const differenceOf = async (
  { objects }: Pick<CollectResourceDeps, 'objects'>,
  version: WrittenVersion,
  { files, counts }: Converted,
): Promise<string | undefined> => {
  const other = TABLE_FILES.find((name) => files[name].sha256 !== version.files[name].sha256);
  if (!other) return undefined;
  const key = `${version.prefix}data.parquet`;
  const published = await openTable({
    byteLength: version.files['data.parquet'].bytes,
    read: (start, end) => objects.getRange(key, start, end),
  });
  const file = fileRanges(files['data.parquet'].path);
  try {
    const rows = await firstDifference(published, await openTable(file));
    if (rows) return rows;
  } finally {
    file.close();
  }
  const was = version.counts.rows_quarantined;
  if (counts.rows_quarantined !== was) return `${counts.rows_quarantined} rows are quarantined, and ${was} were`;
  return `its rows are the same, and its ${other} has other bytes`;
};
