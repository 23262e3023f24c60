import { InvalidRequest } from '@granary/domain/errors';
import type { UserPlace, UserReader } from '@granary/domain/ports/user-store';
import { nameKey, namePrefix } from '@granary/domain/rules/name-key';
import { type ReadUsersDeps, readUsers } from '@granary/domain/use-cases/users/read-users';
import type { User } from '@granary/domain/user';
import type { Caller } from '@granary/runtime/endpoint';
import * as z from 'zod/mini';
import { readCursor, writeCursor } from '../paging/cursor.ts';
import { nextLink } from '../paging/next-link.ts';

export type UsersDeps = ReadUsersDeps & { users: UserReader };

/** Personal data is kept by nobody on its way, and by no browser. */
export const PERSONAL = 'private, no-store';

/** Of every route that shows it. */
export const AUDITED =
  'Each read of unmasked data by an analyst is recorded (who, which route, how many users). An analyst has a daily limit; beyond it the answer is 429.';

const text = () => z.optional(z.string().check(z.minLength(1), z.maxLength(200)));

export const usersQuery = () =>
  z.object({
    last_name: text(),
    country: text(),
    gender: text(),
    limit: z._default(z.int().check(z.minimum(1), z.maximum(1000)), 100),
    cursor: z.optional(z.string().check(z.maxLength(4000))),
  });

type UsersQuery = { last_name?: string; country?: string; gender?: string; limit: number; cursor?: string };
export type ListedUsers = { users: readonly User[]; next: string | null; headers: Readonly<Record<string, string>> };

/**
 * A page of users in alphabetical order, as the caller may see them (what {@link readUsers} throws included). Throws
 * InvalidRequest for a cursor of another list, and for one of another prefix of names: it is no place within this one.
 */
export const usersPage =
  (deps: UsersDeps) =>
  async (path: string, { cursor, ...query }: UsersQuery, caller: Caller | undefined): Promise<ListedUsers> => {
    const after = cursor === undefined ? undefined : placeOf(readCursor(cursor, isShortPlace), query.last_name);
    const page = await deps.users.list({ ...query, after });
    const seen = await readUsers(deps)(page.users, caller, `GET ${path}`);
    if (!page.next) return { users: seen, next: null, headers: {} };
    const next = shortPlace(page.next);
    return { users: seen, next: writeCursor(next), headers: nextLink(path, query, next) };
  };

/** The rest of a place follows from these, so a cursor that somebody wrote by hand cannot be one that no item has. */
type ShortPlace = { initial: string } | { id: number; name: string };

const isShortPlace = (place: unknown): place is ShortPlace => {
  if (typeof place !== 'object' || place === null) return false;
  const { initial, id, name } = place as Record<string, unknown>;
  if (initial !== undefined) return typeof initial === 'string' && /^[A-Z#]$/.test(initial);
  return Number.isSafeInteger(id) && (id as number) >= 0 && typeof name === 'string' && name !== '';
};

const shortPlace = (place: UserPlace): ShortPlace =>
  'id' in place ? { id: place.id, name: place.last_name } : { initial: place.name_initial };

const placeOf = (short: ShortPlace, last_name: string | undefined): UserPlace => {
  const place =
    'initial' in short
      ? { name_initial: short.initial }
      : { ...nameKey(short.name, short.id), id: short.id, last_name: short.name };
  const within = last_name === undefined ? undefined : namePrefix(last_name);
  const is_within =
    !within?.prefix ||
    (place.name_initial === within.name_initial &&
      (!('name_key' in place) || place.name_key.startsWith(within.prefix)));
  if (is_within) return place;
  throw InvalidRequest.of(
    'cursor',
    'must be the `next` of a list of the same `last_name`',
    'The cursor was issued for another `last_name`. Ask again without it.',
  );
};
