import type {
  Dataset,
  DatasetEdits,
  DatasetId,
  FileRefusal,
  PendingVersion,
  PublishedVersion,
  Version,
  WithheldVersion,
  WrittenVersion,
} from '../dataset.ts';
import type { KnownResource } from '../resource.ts';

/** What a dataset's listing needs besides its version facts; written when a source is planned and when it changes. */
export type DatasetDescription = Omit<
  Dataset,
  | 'latest'
  | 'rows'
  | 'rows_quarantined'
  | 'bytes'
  | 'csv_bytes'
  | 'years'
  | 'updated_at'
  | 'checked_at'
  | 'gone_at'
  | 'refused'
  | 'edited'
>;

/** `mark`: where the next question goes on. */
export type CatalogChanges = { datasets: readonly Dataset[]; mark: string };

/** Reads of the catalog. An implementation never answers from a cache: the pointer is what makes versions visible. */
export type CatalogReader = {
  getDataset(id: DatasetId): Promise<Dataset | undefined>;
  /** Every dataset, ordered by id, but for those that were never published and are gone. */
  listDatasets(): Promise<readonly Dataset[]>;
  /** Those that there are, of at most 1000 ids, in no order. */
  getDatasets(ids: readonly DatasetId[]): Promise<readonly Dataset[]>;
  /**
   * Datasets that changed since a mark that this store gave, or all of them: what costs as much as there is new. One
   * may be given again, and one that is no longer listed is given too. Which version is the latest, and what is said of
   * it, counts as a change; that its source was asked and nothing was new does not.
   */
  listChanges(since?: string): Promise<CatalogChanges>;
  getVersion(id: DatasetId, version: number): Promise<Version | undefined>;
  /** Published versions, newest first. */
  listVersions(id: DatasetId, page: { limit: number; before?: number }): Promise<readonly PublishedVersion[]>;
  /** Held and rejected versions, newest first. */
  listWithheld(id: DatasetId): Promise<readonly WithheldVersion[]>;
  /** Versions that were made of the file of that SHA-256, whatever became of them, newest first. */
  listMadeOf(id: DatasetId, sha256: string): Promise<readonly WrittenVersion[]>;
  /** Versions that restore an earlier one, newest first. */
  listRestoring(id: DatasetId): Promise<readonly PublishedVersion[]>;
  /** The tables of a resource; undefined where it is not known to hold any but one of its own name. */
  getResource(source: string, id: string): Promise<KnownResource | undefined>;
};

/**
 * Writes of the catalog: each is one conditional write. `false` says that the condition did not hold, so that
 * somebody else was there first; it is never an error. A write that took effect already (its answer was lost, it was
 * repeated) is `true` again: reservations, takeovers and commits are told apart by their `attempt`.
 */
export type CatalogWriter = {
  /**
   * Creates the dataset, or refreshes its description; never touches `latest` and the facts beside it. Once a version
   * is published, `fields` and `key` are those of the latest and are left alone too. False when it is made of another
   * resource, or was published by another source: then nothing is written.
   */
  describeDataset(description: DatasetDescription): Promise<boolean>;
  /** Puts a pending version where there is no version of that number. */
  reserve(version: PendingVersion): Promise<boolean>;
  /** Replaces the pending version that `attempt` holds by another pending one. */
  takeOver(attempt: string, version: PendingVersion): Promise<boolean>;
  /** Replaces the pending version by the published or held one, if its `attempt` still holds it. */
  commit(version: WrittenVersion): Promise<boolean>;
  /** Replaces the held version of that `attempt` by the same, published or rejected. */
  decide(version: WrittenVersion): Promise<boolean>;
  /**
   * Moves `latest` (with the facts, fields and key of that version) from a lower number, or from none, to this
   * version's.
   */
  advance(version: PublishedVersion): Promise<boolean>;
  /** Records that the source was asked at this time, and held it: it is not gone, and could be read. */
  checked(id: DatasetId, at: string): Promise<void>;
  /** Records that the source was asked at this time, and no longer held it. The first time counts. */
  gone(id: DatasetId, at: string): Promise<void>;
  /** Records that the source was asked, and that what it held could not be read. Nothing where there is no dataset. */
  refused(id: DatasetId, refusal: FileRefusal): Promise<void>;
  /** Keeps what people say of it, as the revision after the one that stands. False where there is no dataset either. */
  editDataset(id: DatasetId, edits: DatasetEdits): Promise<boolean>;
  putResource(resource: KnownResource): Promise<void>;
};

export type Catalog = CatalogReader & CatalogWriter;
