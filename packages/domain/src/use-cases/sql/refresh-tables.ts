import type { DatasetId, PublishedVersion, Version } from '../../dataset.ts';
import { ReservationLost } from '../../errors.ts';
import type { CatalogReader } from '../../ports/catalog.ts';
import type { ObjectStore } from '../../ports/object-store.ts';
import type { SqlCatalog } from '../../ports/sql-catalog.ts';
import { IMMUTABLE, SQL_MANIFEST, sqlFolder } from '../../rules/keys.ts';
import { foldHistory } from '../../rules/sql-history.ts';
import { type HistoryTable, type LatestTable, sqlColumns } from '../../sql-table.ts';

export type TableDeps = {
  catalog: Pick<CatalogReader, 'getDataset' | 'getVersion'>;
  objects: Pick<ObjectStore, 'put'>;
  tables: SqlCatalog;
};

const ROUNDS = 5;
/** Versions that are added to a history at once: a dataset of an earlier release may have many. */
const BLOCK = 25;

/**
 * Makes the tables of a dataset in SQL say what the pointer says, unless they do: the history gets the versions that it
 * lacks, each by its manifest first, then the latest table becomes the latest version. Every write is idempotent, so
 * that after a crash anywhere the next call goes on from what it finds. The pointer is read again after each round: a
 * slower worker may have put an older table over a newer one, and then it is the one to notice. Attempts are compared
 * as well as numbers: a catalog that was begun anew, or restored to an earlier time, has other versions of the same
 * numbers, and then the history is made again from the first.
 *
 * Throws ReservationLost when others changed the tables each time.
 */
export const refreshTables =
  (deps: TableDeps) =>
  async (id: DatasetId): Promise<void> => {
    const { catalog, tables } = deps;
    for (let round = 0; ; round++) {
      // The pointer after the tables: it is never behind them then, unless the catalog is another one. A history that
      // is only newer than what was read of the pointer must not be taken for another's and begun anew: it lacks
      // versions until it is whole again.
      const [latest, history] = await Promise.all([tables.getLatest(id), tables.getHistory(id)]);
      const version = await latestVersion(catalog, id);
      if (!version) return;
      const kept = history && (await isOf(catalog, history, version)) ? history : undefined;
      const isLatest = latest?.version === version.version && latest.attempt === version.attempt;
      if (isLatest && kept?.to === version.version) return;
      if (round === ROUNDS) throw new ReservationLost(`Other workers kept changing the tables of '${id}' in SQL`);
      await addVersions(deps, kept, version);
      if (!isLatest) await tables.putTable(latestTable(version));
    }
  };

const published = (version: Version | undefined): PublishedVersion | undefined =>
  version?.state === 'published' ? version : undefined;

const latestVersion = async (catalog: TableDeps['catalog'], id: DatasetId): Promise<PublishedVersion | undefined> => {
  const dataset = await catalog.getDataset(id);
  return dataset?.latest ? published(await catalog.getVersion(id, dataset.latest)) : undefined;
};

/**
 * Whether a history is of the versions that the catalog has now: versions never change, so its last one stands for all
 * before it.
 */
const isOf = async (
  catalog: TableDeps['catalog'],
  { to, attempt }: HistoryTable,
  latest: PublishedVersion,
): Promise<boolean> => {
  if (to > latest.version) return false;
  const last = to === latest.version ? latest : published(await catalog.getVersion(latest.dataset, to));
  return last?.attempt === attempt;
};

/**
 * Adds the versions after a history's last, up to `upTo`; all of them when there is no history. A number that is no
 * published version is left out.
 */
const addVersions = async (
  { catalog, objects, tables }: TableDeps,
  kept: HistoryTable | undefined,
  { dataset, version: upTo }: PublishedVersion,
): Promise<void> => {
  let history = kept;
  for (let first = (kept?.to ?? 0) + 1; first <= upTo; first += BLOCK) {
    const numbers = Array.from({ length: Math.min(BLOCK, upTo - first + 1) }, (_, index) => first + index);
    const found = await Promise.all(numbers.map((number) => catalog.getVersion(dataset, number)));
    const versions = found.flatMap((version) => published(version) ?? []);
    if (versions.length === 0) continue;
    await Promise.all(versions.map((version) => objects.put(...manifest(version, tables))));
    for (const version of versions) history = foldHistory(history, version);
    // After each block, so that a worker that runs out of time has not worked in vain.
    await tables.putTable(history!);
  }
};

const manifest = (
  { dataset, version, prefix }: PublishedVersion,
  { uriOf }: Pick<SqlCatalog, 'uriOf'>,
): Parameters<ObjectStore['put']> => [
  `${sqlFolder(dataset, version)}${SQL_MANIFEST}`,
  new TextEncoder().encode(`${uriOf(`${prefix}data.parquet`)}\n`),
  { content_type: 'text/plain', cache_control: IMMUTABLE },
];

const latestTable = ({ dataset, version, attempt, fields }: PublishedVersion): LatestTable => ({
  kind: 'latest',
  dataset,
  columns: sqlColumns(fields),
  version,
  attempt,
});
