import type { UserFault } from '../faults.ts';
import type { ReplicaUser } from './generate.ts';

/** A user with something wrong in it. */
type OddUser = Record<string, unknown>;

const without = (name: string) => (user: OddUser) => {
  const { [name]: _, ...rest } = user;
  return rest;
};

/** Which user of a page each fault is of, from 0, and what becomes of that. */
const CHANGES: Partial<Record<UserFault, readonly [number, (user: OddUser, all: readonly OddUser[]) => OddUser]>> = {
  'user-without-id': [0, without('id')],
  'user-without-last-name': [1, without('last_name')],
  'user-id-2-53': [2, (user) => ({ ...user, id: 2 ** 53 })],
  'user-text-coordinates': [
    3,
    (user) => ({ ...user, address: { ...(user.address as object), coordinates: { lat: 'north', lng: 'unknown' } } }),
  ],
  'user-twice': [
    Number.POSITIVE_INFINITY,
    (user, all) => {
      const { id, last_name } = all[Math.min(4, Math.max(0, all.length - 2))];
      return { ...user, id, last_name };
    },
  ],
};

/** The page with these faults in it; of a page too short for a fault the last user has it. */
export const withUserFaults = (users: readonly ReplicaUser[], kinds: readonly UserFault[]): readonly OddUser[] =>
  kinds.reduce<readonly OddUser[]>((page, kind) => {
    const [index, change] = CHANGES[kind] ?? [0, (user: OddUser) => user];
    const at = Math.min(index, page.length - 1);
    return page.with(at, change(page[at], page));
  }, users);
