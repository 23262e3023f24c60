import type { KeySample } from '@granary/tabular/key-sketch';
import type { Dialect, Field } from '@granary/tabular/table';
import type { Years } from './rules/covered-years.ts';
import type { OpinionHeard } from './second-opinion.ts';

/** Lower case ASCII, `_` between words: `<source>_<name>`. */
export type DatasetId = string;
export const DATASET_ID = /^[a-z0-9]+(?:_[a-z0-9]+)*$/;
/** Characters of an id. */
export const DATASET_ID_LENGTH = 128;

export type Licence = { name: string; title: string; path?: string };

/**
 * A dataset of the catalog. Stored as it is (`DATASET#<id>` / `META`), besides its version pointer `latest`, which is
 * moved only by a conditional write.
 */
export type Dataset = {
  id: DatasetId;
  title: string;
  description: string;
  publisher: string;
  theme: string;
  tags: readonly string[];
  licence: Licence;
  /** Id of the source that publishes it. */
  source: string;
  /** What of its source it is made of: a name that no other dataset's resource has. Not shown. */
  resource?: string;
  /** Where its resource was last fetched from. */
  source_url: string;
  /** Of the latest version; before the first one those that are declared, which may be none. */
  fields: readonly Field[];
  key: readonly string[];
  /** Number of the version that readers see; null before the first publication. */
  latest: number | null;
  /** Facts of the latest version, so that lists need no second read. */
  rows: number | null;
  rows_quarantined: number | null;
  bytes: number | null;
  updated_at: string | null;
  /** The last time the source was asked and held it, changed or not. */
  checked_at: string | null;
  /** Since when its source no longer holds it; null as long as it does. What was published stays. */
  gone_at: string | null;
  /**
   * Why the file could not be read when the source was last asked; null when it could. What was published before stays.
   */
  refused: FileRefusal | null;
  /** Format of the file that it is made of, as its source says or its address ends: `csv`; null where neither tells. */
  format?: string | null;
  /** The years that the rows of the latest version are about; absent and null where that is not known. */
  years?: Years | null;
  /** Bytes of the CSV of the latest version; absent where that was published by an earlier release. */
  csv_bytes?: number;
  /** What people say in place of its source, and what that says; absent where nobody ever did. */
  edited?: DatasetEdits & { source: EditableMembers };
};

export const EDITABLE = ['title', 'description', 'tags', 'theme', 'licence'] as const;
export type EditableMembers = Partial<Pick<Dataset, (typeof EDITABLE)[number]>>;

/**
 * `values` stand in place of what the source says, whatever later runs find. `revision` is 1 more with each edit; `by`
 * is the `sub` of an operator's token, `at` is ISO 8601.
 */
export type DatasetEdits = { revision: number; at: string; by: string; values: EditableMembers };

/** Whether anybody may look for it: it is there, or was once. */
export const isListed = ({ latest, gone_at }: Pick<Dataset, 'latest' | 'gone_at'>): boolean =>
  latest !== null || gone_at === null;

/** `reason`: a sentence for people. `at`: ISO 8601. */
export type FileRefusal = { reason: string; at: string };
/** Characters of a reason. */
export const REFUSAL_LENGTH = 1000;

export type VersionFileName =
  | 'data.parquet'
  | 'data.csv.gz'
  | 'datapackage.json'
  | 'quarantine.ndjson.gz'
  | 'profile.json';
export type VersionFile = { bytes: number; sha256: string };
/** Versions of an earlier release have no profile. */
export type VersionFiles = Readonly<
  Record<Exclude<VersionFileName, 'profile.json'>, VersionFile> & { 'profile.json'?: VersionFile }
>;

export type RowCounts = {
  rows_read: number;
  rows_published: number;
  rows_quarantined: number;
  rows_deduplicated: number;
};

/** The bytes that a version was made of, as fetched. */
export type RawObject = {
  key: string;
  sha256: string;
  bytes: number;
  url: string;
  etag: string | null;
  last_modified: string | null;
  fetched_at: string;
};

/** A reserved number whose objects are being written. Whoever holds `attempt` may commit it, nobody else. */
export type PendingVersion = {
  dataset: DatasetId;
  version: number;
  state: 'pending';
  attempt: string;
  /** `<run>/<part>`: a redelivery of the same part takes over at once, another owner when the lease is over. */
  owner: string;
  /** ISO 8601. */
  lease_until: string;
  created_at: string;
};

/** What is kept of a version to compare the next one with (rules/plausibility.ts); readers see its `profile.json`. */
export type PlausibilityFacts = {
  /** How many values are there in each column of figures, by its name. */
  figures: Readonly<Record<string, number>>;
  /** What these figures add up to, without their signs; versions of an earlier release do not have it. */
  totals?: Readonly<Record<string, number>>;
  /**
   * Of the columns that name what the figures are about; null where none are declared, or where there are too many
   * keys.
   */
  keys: KeySample | null;
  /** First and last year; null where no column of years is declared. */
  years: { first: number; last: number } | null;
};

/** Why a version was not published at once: sentences. `compared_with` is the version that was the latest then. */
export type Held = { at: string; reasons: readonly string[]; compared_with: number | null };

/** Who decided about a version: the `sub` of an operator's token. */
export type VersionDecision = { by: string; at: string };

/** Which earlier version an operator had published again. */
export type Restoration = VersionDecision & { version: number };

export type PublishedVersion = {
  dataset: DatasetId;
  version: number;
  state: 'published';
  attempt: string;
  owner: string;
  created_at: string;
  published_at: string;
  /** `versions/<dataset>/<000001>-<attempt>/`. */
  prefix: string;
  raw: RawObject;
  parser_version: number;
  counts: RowCounts;
  files: VersionFiles;
  fields: readonly Field[];
  key: readonly string[];
  /**
   * By the difference of its columns to the version before (rules/contract.ts); versions of an earlier release have
   * none.
   */
  semver?: string;
  dialect: Dialect;
  /** The source's own column names in the file's order (duplicates kept); made up ones when the file has no header. */
  header: readonly string[];
  /** What a reader should know of how the file was read: a repaired encoding, a missing header. */
  notes: readonly string[];
  run: string;
  /** Absent from versions of before there were profiles. */
  profile?: PlausibilityFacts;
  /** What another place said of its figures, where its source declares one; `notes` say it to readers. */
  second_opinion?: OpinionHeard;
  /** The years that its rows are about (rules/covered-years.ts); absent where no column tells. */
  years?: Years;
  /** Of a version that was held and released. */
  held?: Held;
  released?: VersionDecision;
  /** Of a version that holds what an earlier one does: those between them were found wrong. */
  restores?: Restoration;
};

/**
 * A version that is stored and that nobody but operators sees: it is implausible beside the one before it (`held`,
 * until an operator releases or rejects it), or was found wrong (`rejected`, for good).
 */
export type WithheldVersion = Omit<PublishedVersion, 'state' | 'published_at' | 'held' | 'released' | 'restores'> & {
  state: 'held' | 'rejected';
  held: Held;
  rejected?: VersionDecision;
};

/** A version whose files are written: any that is not pending. */
export type WrittenVersion = PublishedVersion | WithheldVersion;
export type Version = PendingVersion | WrittenVersion;
