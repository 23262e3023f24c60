import type { Secrets, User } from './user.ts';

/** A user of a page that could not be taken, and why. `reason` names the field and what it should be, never what it holds. */
export type UserMisfit = {
  /** Place in the page, from 1. */
  index: number;
  field: string;
  reason: string;
  /** As it came, but without its password. Kept with the page only. */
  raw: unknown;
};

/** What a page held: read = users + misfits + merged. */
export type UsersPage = {
  read: number;
  /** After the policy: passwords are markers, secrets are masked in `user` and stand in `secrets`. Keys differ. */
  users: readonly {
    user: User;
    secrets: Secrets /** Members nobody knows yet; kept with the page only. */;
    unknown: Readonly<Record<string, unknown>>;
  }[];
  misfits: readonly UserMisfit[];
  /** Users whose id and last name another one of the page has; the last of them is taken. */
  merged: number;
};

/** Where users come from, and how its answers are read. */
export type UsersSource = {
  id: string;
  title: string;
  base_url: string;
  base_url_variable: string;
  /** Bytes (after content decoding) above which an answer is refused. */
  max_bytes: number;
  /** The address that answers with `size` users (1 to 100). */
  urlOf(base_url: string, size: number): string;
  /**
   * Reads an answer: a list, or one user alone. Pure. Throws SourceUnavailable for what is no page at all: an error in a body of status 200,
   * HTML, JSON that was cut; `answer` then has its length and hash only.
   */
  parsePage(body: Uint8Array, url: string): UsersPage;
};
