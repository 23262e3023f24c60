import type { SealedUser, UserCounts } from '../user.ts';

/** Where a list goes on: the keys of the last item read. Opaque to callers of the API. */
export type UserPlace =
  | { name_initial: string; name_key: string; id: number; last_name: string }
  | { name_initial: string };

export type UserQuery = {
  /** Names that begin so, whatever case and accents. */
  last_name?: string;
  /** Exactly so. */
  country?: string;
  gender?: string;
  /** At most so many users. */
  limit: number;
  after?: UserPlace;
};

export type UserReader = {
  /**
   * In alphabetical order of last names (those that begin with no letter first), read by queries only. With a filter a
   * page may be shorter than its limit, or empty, and still have a next one: it reads a bounded number of items.
   */
  list(query: UserQuery): Promise<{ users: readonly SealedUser[]; next: UserPlace | null }>;
  /** All users of that id: it repeats. In order of last name. */
  byId(id: number): Promise<readonly SealedUser[]>;
};

export type UserWriter = {
  /**
   * Writes every user, or says how many it could not: throttling is retried with jitter until `deadline` (ms since the
   * epoch). Keys must differ. `origin` names the page: the same page written again counts the same users as new.
   */
  write(users: readonly SealedUser[], options: { origin: string; deadline: number }): Promise<UserCounts>;
};

export type UserStore = UserReader & UserWriter;
