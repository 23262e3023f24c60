import { NO_USERS, type UserCounts } from './user.ts';

/** A run: one pass over a source, made of parts (one message each) that end in any order, each counted once. */
export type RunState = 'running' | 'succeeded' | 'partial' | 'failed';

export type RunCounts = {
  requests: number;
  rows_read: number;
  rows_published: number;
  rows_quarantined: number;
  rows_deduplicated: number;
  /** Resources whose bytes had not changed. */
  unchanged: number;
  errors: number;
};

export const NO_COUNTS: RunCounts = {
  requests: 0,
  rows_read: 0,
  rows_published: 0,
  rows_quarantined: 0,
  rows_deduplicated: 0,
  unchanged: 0,
  errors: 0,
};

/**
 * What became of the resources that a source's pages list: listed = published + unchanged + refused + excluded +
 * gone. `listed` counts those too that were listed before and no longer are (`gone`), once. `failing` are those of the
 * refused that could not be had, and are tried again.
 */
export type ResourceCounts = {
  listed: number;
  published: number;
  unchanged: number;
  refused: number;
  excluded: number;
  gone: number;
  failing: number;
};
export const NO_RESOURCES: ResourceCounts = {
  ...{ listed: 0, published: 0, unchanged: 0, refused: 0, excluded: 0, gone: 0, failing: 0 },
};

/**
 * What a source said when a request failed: of a 2xx body only its length and hash, since a cut page holds passwords.
 */
export type SourceAnswer = { host: string; status: number | null; content: string | null };

export type RunError = {
  part: number;
  dataset: string | null;
  url: string | null;
  message: string;
  at: string;
  answer?: SourceAnswer;
  /** The version that the part made and that is held. */
  held?: number;
};

export type Run = {
  id: string;
  kind: 'collect' | 'users';
  source: string;
  state: RunState;
  started_at: string;
  ended_at: string | null;
  duration_s: number | null;
  /** Parts known so far and parts that ended. */
  parts: number;
  parts_done: number;
  counts: RunCounts;
  /** Of the source's configuration that it was planned by, where that was put at run time. */
  revision?: number;
  /**
   * Of a run that asks no source: which dataset it makes again of stored bytes, and, where it publishes nothing, the
   * version that it compares that with.
   */
  replays?: Replays;
  /** Of a run that looks at one resource only: its id. */
  checks?: string;
  /** An operator said that resources may be gone, however many. */
  accepts_gone?: true;
  /** Of a run of kind `users`: what was asked for, and what became of the users. */
  asked?: { users: number; size: number };
  users?: UserCounts;
  /** Of a run whose source lists all of its resources on pages. */
  resources?: ResourceCounts;
  /** `<dataset>@<version>` published by this run. */
  versions: readonly string[];
  /** The first 50; where some of them were mended, others have their places. */
  errors: readonly RunError[];
  cost_usd_estimate: number;
  /** When this passes without a sign of life, the run fails itself and its source can run again. ISO 8601. */
  lease_until: string;
};

/** Which dataset is made again, and with which version that is compared. */
export type Replays = { dataset: string; version?: number };

/**
 * What no two runs have at a time: their source; the resource that they look at; or, where they ask nobody, the dataset
 * that they make again and the version that they compare it with.
 */
export const exclusiveName = ({ source, replays, checks }: Pick<Run, 'source' | 'replays' | 'checks'>): string => {
  if (replays) return `${source}#${replays.dataset}#${replays.version ?? 'latest'}`;
  return checks === undefined ? source : `${source}#checks#${checks}`;
};

/** How one part ended; a part ends once however often its message is delivered. */
export type PartOutcome = {
  part: number;
  counts: RunCounts;
  versions: readonly string[];
  /** Of a part of users; where it failed, of those users that were written all the same. */
  users?: UserCounts;
  resources?: Partial<ResourceCounts>;
  /** With it the part failed: it can be mended when its message is redriven. */
  error?: Omit<RunError, 'part'>;
  /** With an error: how often the message was received. */
  receives?: number;
  /**
   * How many parts this one found, such as the resources of a page and the page behind it: they are numbered in this
   * write.
   */
  parts_found?: number;
  /**
   * How long a function worked on it, by its share of the function's memory (GB × ms): what it costs is estimated from
   * this.
   */
  gb_ms?: number;
};

/** A run that has just begun: nothing of it has ended. Times are ISO 8601. */
export const begunRun = (
  run: Pick<
    Run,
    | ('id' | 'kind' | 'source' | 'started_at' | 'parts' | 'lease_until' | 'asked' | 'revision' | 'replays')
    | ('checks' | 'accepts_gone')
  >,
): Run => ({
  ...run,
  state: 'running',
  ended_at: null,
  duration_s: null,
  parts_done: 0,
  counts: NO_COUNTS,
  ...(run.kind === 'users' && { users: NO_USERS }),
  versions: [],
  errors: [],
  cost_usd_estimate: 0,
});

/** What the item of a run has room for: parts, and of them listing pages that found others. */
export const MOST_PARTS = 11_000;
export const MOST_LISTING_PAGES = 1_000;
