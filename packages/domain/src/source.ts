import type { Cell, Field } from '@granary/tabular/table';
import type { Incremental } from './changed-records.ts';
import type { DatasetId, Licence } from './dataset.ts';
import type { Paging } from './paging.ts';
import type { FoundTable, ResourceFile } from './reading.ts';
import type { TableContract } from './rules/contract.ts';
import type { Plausibility } from './rules/plausibility.ts';
import type { SecondOpinion } from './second-opinion.ts';

/** A dataset as its source declares it. */
export type DatasetDefinition = {
  id: DatasetId;
  title: string;
  description: string;
  /**
   * Declared types outrank inference: a misfit is quarantined. Kinds that infer may have other columns too, or nothing
   * but those that are found.
   */
  fields: readonly Field[];
  /** What identifies a row. Empty: the order of the file is kept, and equal rows too. */
  key: readonly string[];
  /** What tells a change of the source from a mistake of it; defaults hold where it is absent. */
  plausible?: Plausibility;
  /** What changes of its columns do; where it says nothing, its source's contract holds. */
  contract?: TableContract;
};

/**
 * Something to fetch: a file that holds one table, or several. Travels in a queue message, so it is plain data.
 */
export type Resource = {
  /** The dataset that its table becomes. Where there are several tables, their datasets' ids begin with it. */
  dataset: DatasetId;
  /**
   * What its source knows it by, whatever its title or address become; `dataset` where there is nothing else. Two
   * resources of the same name become two datasets by it.
   */
  id?: string;
  /** Absolute URL. */
  url: string;
  /** What `tables` needs to know besides the bytes, such as the kind of file. */
  hints: Readonly<Record<string, string>>;
  /** What the page that lists it says of it. It stands for a declaration where the source has none of its dataset. */
  title?: string;
  description?: string;
  /** As datasets have them, where the page says so of this resource; those of its source hold where it does not. */
  theme?: string;
  tags?: readonly string[];
  licence?: Licence;
  publisher?: string;
  /** What the page says of the format of its file: `csv`. Its content tells how it is read. */
  format?: string;
  /** When its portal last changed what it says of it, ISO 8601: what an older page says of it does not count. */
  modified?: string;
  /** The dataset whose declaration holds for its own as well: of the same table of another year. */
  like?: DatasetId;
  /** It may not be there yet: as long as nothing of it was published, a 404 is no failure. */
  expected?: true;
};

/** A page that lists resources: of a portal that nobody knows by heart. Travels in a queue message, too. */
export type ListingPage = {
  /** Absolute URL. */
  url: string;
  hints: Readonly<Record<string, string>>;
  /**
   * What tells it from the other pages of a run. Of pages with one key, the one that is found first is read. Absent:
   * its address and hints do, and the one that is read first counts.
   */
  key?: string;
};

/**
 * A resource that is listed and not to be fetched, with a sentence for people that says why. Its `url` may be empty.
 */
export type LeftOut = { resource: Resource; state: 'refused' | 'excluded' | 'failing'; reason: string };

/** What a listing page says: the resources on it, and pages that it leads to. */
export type Listing = {
  resources: readonly Resource[];
  next: readonly ListingPage[];
  left_out?: readonly LeftOut[];
  /** Why what is not listed may be there all the same: the list was changed while it was read. */
  unsure?: string;
};

/** `rate(…)`, as EventBridge writes it. */
export type Schedule = `rate(${number} ${'minute' | 'minutes' | 'hour' | 'hours' | 'day' | 'days'})`;

/**
 * Where data comes from: the configuration of a kind ({@link ./kind.ts}). Plain data, which can be written as JSON;
 * what reads it is the kind's code.
 */
export type Source<Config = unknown> = {
  /** As datasets begin with: lower case, `_` between words. */
  id: string;
  /** Name of the kind. */
  kind: string;
  title: string;
  publisher: string;
  theme: string;
  tags: readonly string[];
  licence: Licence;
  schedule: Schedule;
  /** Base address of the real source; `GRANARY_<ID>_URL` replaces it. */
  base_url: string;
  /** Slots of the host budget: at most this many requests a minute to its host. */
  requests_per_minute: number;
  /** Bytes (after content decoding) above which a resource is refused. */
  max_bytes: number;
  /** Whether robots.txt decides what is fetched; where it is absent, its kind says. */
  robots?: 'obey' | 'ignore';
  /** What only its kind knows, checked by the kind's schema. */
  config: Config;
  /** What changes of columns do, of all its tables; defaults hold where it is absent. */
  contract?: TableContract;
  /** What is declared about its tables. */
  datasets: readonly DatasetDefinition[];
  /** Addresses at which the API answers datasets in the shape of their files. */
  wide?: readonly WideRoute[];
  /** Datasets that documentation, drills and the cost page show. */
  examples?: SourceExamples;
};

/** An address that answers one dataset (`dataset`), or one for each `tipo` (`tables`), in the shape of its file. */
export type WideRoute = {
  /** `get-` and the operation's name, `-` between words. */
  name: string;
  path: string;
  summary: string;
  /** What it answers: records by section, a list of records, or one or the other. */
  shape: 'sectioned' | 'listed' | 'either';
  example: { summary: string; path: string };
  dataset?: DatasetId;
  tables?: Readonly<Record<string, DatasetId>>;
};

export type SourceExamples = {
  dataset: DatasetId;
  /** Some of its rows are in quarantine. */
  quarantined: DatasetId;
  /** Those about whose versions an operator decides. */
  rejected: DatasetId;
  released: DatasetId;
  restored: DatasetId;
  /** A query of `dataset`. */
  sql: string;
};

/** The environment variable that replaces a source's base address. */
export const urlVariable = (id: string): string => `GRANARY_${id.toUpperCase()}_URL`;

/** What was answered besides a file: the header `Link`. `url`: what was asked for. */
export type ResourceAnswer = { url: string; link: string | null };

/** `year`: in which its run began, where a source has a file for each. */
export type AsOf = { year?: number };

/** A source of datasets with its kind's code: what the use cases work with. */
export type SourceDefinition = Omit<Source, 'config'> & {
  /** Raised when `tables` makes something else of the same bytes: unchanged bytes are then read again. */
  parser_version: number;
  /** What its resources are asked for as: an Accept header. */
  accept: string;
  /** Its files may be gzip data, or ZIP archives of several. */
  unpacks?: true;
  /** The resources that are known without asking anybody. */
  discover(options: { base_url: string } & AsOf): readonly Resource[];
  /** Where others are listed; absent where all are known. */
  listing?: {
    accept: string;
    /** The pages to begin with. */
    first(options: { base_url: string }): readonly ListingPage[];
    /** Pure. Throws {@link ../errors.ts RefusedContent} when the body is no such page. */
    read(page: ListingPage, body: Uint8Array, options: { base_url: string }): Listing | Promise<Listing>;
    /** They list all resources that there are: what they no longer list is gone. */
    whole?: true;
    /** What is read where a page cannot be had; without any, its part fails. */
    instead?(page: ListingPage, options: { base_url: string }): readonly ListingPage[];
  };
  /** How a resource is read that is given in pages: they become one file, a page behind the other. */
  paging?(resource: Resource): Paging | undefined;
  /** How only those of its records are asked for that have changed. */
  incremental?(resource: Resource): Incremental | undefined;
  /** Throws {@link ../errors.ts RefusedContent} when an answer says of itself that it is not all. */
  checkAnswer?(resource: Resource, answer: ResourceAnswer): void;
  /** What is read in the place of a resource that is not there, or is refused; undefined where nothing is declared. */
  fallback?(resource: Resource): Resource | undefined;
  /** What is asked whether it says the same as a new file; undefined where nothing is declared. */
  secondOpinion?(resource: Resource): SecondOpinion | undefined;
  /**
   * Looks for the tables of one resource, in the order of its file: one at least. Pure: no I/O but the file's, no
   * clock; the same bytes give the same tables. Throws {@link ../errors.ts RefusedContent}, which says why, when the
   * bytes are not the kind of file at all (an HTML page, nothing, a binary). Memory does not grow with the file, except
   * where `max_bytes` keeps it small. `thorough`: asked once more because of {@link ../reading.ts MoreTables}.
   */
  tables(resource: Resource, file: ResourceFile, thorough?: boolean): Promise<readonly FoundTable[]>;
  cellsOf?: CellsOf;
  /** Turns the rows of one of its datasets back into the shape of their file; undefined when it cannot. */
  wideTable?(dataset: DatasetId): WideTable | undefined;
};

export type WideTable = {
  /** The columns that it is made of. */
  columns: readonly string[];
  /**
   * JSON, keys in the order of the file. `header` is the version's; `columns` are whole columns in the order of
   * `columns`.
   */
  json(columns: readonly (readonly Cell[])[], header: readonly string[]): string;
};

/**
 * Positions (from 1) of the source cells that each column of a row was read from. A source without it has each column
 * in the cell whose header has the column's name.
 */
export type CellsOf = (
  version: { dataset: DatasetId; header: readonly string[] },
  row: Readonly<Record<string, Cell>>,
) => ReadonlyMap<string, readonly number[]>;
