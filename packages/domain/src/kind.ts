import type { ZodMiniType } from 'zod/mini';
import type { Incremental } from './changed-records.ts';
import type { DatasetId } from './dataset.ts';
import type { Paging } from './paging.ts';
import type { FoundTable, ResourceFile } from './reading.ts';
import type { SecondOpinion } from './second-opinion.ts';
import type {
  AsOf,
  CellsOf,
  Listing,
  ListingPage,
  Resource,
  ResourceAnswer,
  Source,
  SourceDefinition,
  WideTable,
} from './source.ts';
import type { UsersKind } from './users-source.ts';

/** Code that knows one way in which tables are published. Pure: no I/O, no clock. */
export type TableKind<Config> = {
  kind: string;
  /** What a source of this kind says besides. */
  config: ZodMiniType<Config>;
  /** Raised when `tables` makes something else of the same bytes. */
  parser_version: number;
  /** What the fetcher asks for: an Accept header. */
  accept: string;
  /** Its files may be gzip data, or ZIP archives of several. */
  unpacks?: true;
  /** It finds addresses by following links, and so asks robots.txt first, unless a source says otherwise. */
  crawls?: true;
  /** Its tables may have columns that are not declared: their types are found by reading. */
  infers?: true;
  /**
   * The resources of a source that is read at this address, as far as they are known; absent where all are found by
   * `listing`.
   */
  discover?(source: Source<Config>, base_url: string, as_of: AsOf): readonly Resource[];
  /** How resources are found by reading pages: {@link SourceDefinition}'s `listing`. */
  listing?: {
    accept: string;
    whole?: true;
    first(source: Source<Config>, base_url: string): readonly ListingPage[];
    read(source: Source<Config>, page: ListingPage, body: Uint8Array, base_url: string): Listing | Promise<Listing>;
    instead?(source: Source<Config>, page: ListingPage, base_url: string): readonly ListingPage[];
  };
  /** As {@link SourceDefinition}'s `paging`. */
  paging?(source: Source<Config>, resource: Resource): Paging | undefined;
  /** As {@link SourceDefinition}'s `incremental`. */
  incremental?(source: Source<Config>, resource: Resource): Incremental | undefined;
  /** As {@link SourceDefinition}'s `checkAnswer`. */
  checkAnswer?(source: Source<Config>, resource: Resource, answer: ResourceAnswer): void;
  /** As {@link SourceDefinition}'s `fallback`. */
  fallback?(source: Source<Config>, resource: Resource): Resource | undefined;
  /** As {@link SourceDefinition}'s `secondOpinion`. */
  secondOpinion?(source: Source<Config>, resource: Resource): SecondOpinion | undefined;
  /** As {@link SourceDefinition}'s `tables`. */
  tables(
    source: Source<Config>,
    resource: Resource,
    file: ResourceFile,
    thorough?: boolean,
  ): Promise<readonly FoundTable[]>;
  /**
   * Its configuration of one file at an address, as it is written in a source, where the bytes of that are what this
   * kind reads and no other does: what becomes of an address alone. `dataset`: what the file is to become; `url`:
   * relative to the source's base, or an address of its own.
   */
  guess?(file: ResourceFile, at: GuessedAt): Guess | undefined;
  cellsOf?(source: Source<Config>, ...of: Parameters<CellsOf>): ReturnType<CellsOf>;
  wideTable?(source: Source<Config>, dataset: DatasetId): WideTable | undefined;
};

/** `doubts`: what the file leaves open, and how to decide it, a sentence or two each. */
export type Guess = { config: object; doubts?: readonly string[] };

/** `link`: the header of that name, where it was answered. */
export type GuessedAt = { dataset: DatasetId; url: string; link: string | null };

// biome-ignore lint/suspicious/noExplicitAny: kinds of different configurations; each was checked where it was defined.
export type Kind = TableKind<any> | UsersKind<any>;

/** The identity, for inference: the file of a kind exports `kind = defineKind({…})`. */
export const defineKind = <Config>(kind: TableKind<Config>): TableKind<Config> => kind;

/** A source with the code of its kind. */
export const withKind = <Config>(kind: TableKind<Config>, source: Source<Config>): SourceDefinition => {
  const { config: _, ...rest } = source;
  const { cellsOf, wideTable, listing, paging, incremental, checkAnswer, fallback, secondOpinion } = kind;
  return {
    ...rest,
    parser_version: kind.parser_version,
    accept: kind.accept,
    ...(kind.unpacks && { unpacks: kind.unpacks }),
    robots: source.robots ?? (kind.crawls ? 'obey' : 'ignore'),
    discover: ({ base_url, year }) => kind.discover?.(source, base_url, { year }) ?? [],
    ...(listing && {
      listing: {
        accept: listing.accept,
        first: ({ base_url }) => listing.first(source, base_url),
        read: (page, body, { base_url }) => listing.read(source, page, body, base_url),
        ...(listing.whole && { whole: listing.whole }),
        ...(listing.instead && { instead: (page, { base_url }) => listing.instead!(source, page, base_url) }),
      },
    }),
    ...(paging && { paging: (resource) => paging(source, resource) }),
    ...(incremental && { incremental: (resource) => incremental(source, resource) }),
    ...(checkAnswer && { checkAnswer: (resource, answer) => checkAnswer(source, resource, answer) }),
    ...(fallback && { fallback: (resource) => fallback(source, resource) }),
    ...(secondOpinion && { secondOpinion: (resource) => secondOpinion(source, resource) }),
    tables: (resource, file, thorough) => kind.tables(source, resource, file, thorough),
    ...(cellsOf && { cellsOf: (version, row) => cellsOf(source, version, row) }),
    ...(wideTable && { wideTable: (dataset) => wideTable(source, dataset) }),
  };
};
