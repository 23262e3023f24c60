import type { ZodMiniType } from 'zod/mini';
import type { Source } from './source.ts';
import type { Secrets, User } from './user.ts';

/**
 * A user of a page that could not be taken, and why. `reason` names the field and what it should be, never what it
 * holds.
 */
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
    secrets: Secrets;
    /** Members that the shape of a user does not name; kept with the page only. */
    unknown: Readonly<Record<string, unknown>>;
  }[];
  misfits: readonly UserMisfit[];
  /** Users whose id and last name another one of the page has; the last of them is taken. */
  merged: number;
};

/** What a source of users says besides: how many a scheduled fetch asks for, and how many at most in one answer. */
export type UsersConfig = { users_per_run: number; page_size: number };

/** Code that knows one way in which users are given. Pure. */
export type UsersKind<Config extends UsersConfig> = {
  kind: string;
  config: ZodMiniType<Config>;
  /** What the fetcher asks for: an Accept header. */
  accept: string;
  /** The address that answers with `size` users (1 to `page_size`). */
  urlOf(base_url: string, size: number): string;
  /**
   * Reads an answer: a list, or one user alone. Throws SourceUnavailable for what is no page at all: an error in a body
   * of status 200, HTML, JSON that was cut; `answer` then has its length and hash only.
   */
  parsePage(body: Uint8Array, url: string): UsersPage;
};

/** The identity, for inference: the file of a kind exports `kind = defineUsersKind({…})`. */
export const defineUsersKind = <Config extends UsersConfig>(kind: UsersKind<Config>): UsersKind<Config> => kind;

/** A source of users with its kind's code. */
export type UsersSource = Source<UsersConfig> & Pick<UsersKind<UsersConfig>, 'accept' | 'urlOf' | 'parsePage'>;

export const withUsersKind = (
  { accept, urlOf, parsePage }: UsersKind<UsersConfig>,
  source: Source<UsersConfig>,
): UsersSource => ({ ...source, accept, urlOf, parsePage });
