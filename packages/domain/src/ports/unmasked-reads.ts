/**
 * What it takes to show personal data unmasked: it is noted first who reads it, and how much one may read is bounded.
 */

/** `route` is as it was declared, `GET /v1/users`: which users it were would be personal data in a log. */
export type UnmaskedRead = { sub: string; route: string; users: number };

export type ReadAudit = {
  /** Resolves when the line is written for good. Throws when it is not: then nothing may be shown. */
  write(read: UnmaskedRead): Promise<void>;
};

export type ReadBudget = {
  /**
   * Adds so many users to those that `sub` has read this day (UTC), unless they would be more than `most`: then it adds
   * none and says false. All processes count together, and restarts do not begin anew.
   */
  take(sub: string, users: number, most: number): Promise<boolean>;
};
