import type { SourceRevision } from '../source-revision.ts';

export type SourceReader = {
  /** The current revision, never from a cache; undefined when the source was never edited at run time. */
  getSource(id: string): Promise<SourceRevision | undefined>;
  /** The current revisions of all sources, by id. An edit shows here within seconds. */
  listSources(): Promise<readonly SourceRevision[]>;
  getRevision(id: string, revision: number): Promise<SourceRevision | undefined>;
  /** Newest first. */
  listRevisions(id: string, page: { limit: number; before?: number }): Promise<readonly SourceRevision[]>;
};

export type SourceWriter = {
  /**
   * Keeps a revision and makes it current. False when its number does not follow the current one's, so that somebody
   * else was there first; true again when the very same edit is repeated.
   */
  editSource(revision: SourceRevision): Promise<boolean>;
};

export type SourceStore = SourceReader & SourceWriter;
