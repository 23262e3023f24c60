import type { Source } from './source.ts';

/** `paused`: not collected until it is resumed. `deleted`: not collected any more; what was published stays. */
export type SourceState = 'active' | 'paused' | 'deleted';

export type SourceChange = 'created' | 'changed' | 'paused' | 'resumed' | 'deleted';

/** An edit of a source at run time, and how the source stands with it. Each is kept; the newest one is current. */
export type SourceRevision = {
  /** Id of the source. */
  source: string;
  /** From 1, without gaps. */
  revision: number;
  change: SourceChange;
  state: SourceState;
  /** Null where the source is shipped: its configuration is in the repository, and its state alone is edited. */
  configuration: Source | null;
  /** ISO 8601. */
  edited_at: string;
  /** The `sub` of an operator's token. */
  edited_by: string;
};

/** As JSON in UTF-8. An item of DynamoDB holds 400 kB, with all that is in it. */
export const MOST_CONFIGURATION_BYTES = 256 * 1024;
