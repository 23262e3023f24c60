import type { UserStore } from '@granary/domain/ports/user-store';
import { NAME_INITIALS, namePrefix } from '@granary/domain/rules/name-key';
import { NO_USERS } from '@granary/domain/user';
import { toItem, toUser, type UserItem } from './user-items.ts';

/** For tests: everything is read for each answer, so that a filter never makes a page short. */
export const makeMemoryUserStore = (): UserStore => {
  const items = new Map<string, UserItem>();

  return {
    async write(users, { origin }) {
      const counts = { ...NO_USERS };
      for (const user of structuredClone(users)) {
        const key = JSON.stringify([user.user.id, user.user.last_name]);
        const first_written_by = items.get(key)?.first_written_by ?? origin;
        items.set(key, { ...toItem(user, origin), first_written_by });
        counts[first_written_by === origin ? 'new' : 'overwritten'] += 1;
      }
      return counts;
    },
    async list({ last_name, country, gender, limit, after }) {
      const { name_initial, prefix } = namePrefix(last_name ?? '');
      const sorted = [...items.values()].sort(byPlace);
      const wanted = sorted.filter(
        (item) =>
          (!prefix || (item.name_initial === name_initial && item.name_key.startsWith(prefix))) &&
          (country === undefined || item.country === country) &&
          (gender === undefined || item.gender === gender) &&
          (!after || byPlace(after, item) < 0),
      );
      const shown = wanted.slice(0, limit);
      const last = shown.at(-1);
      const next = last && wanted.length > limit ? { ...placeOf(last) } : null;
      return { users: structuredClone(shown).map(toUser), next };
    },
    async byId(id) {
      const found = [...items.values()].filter((item) => item.id === id);
      return structuredClone(found.sort((a, b) => byBytes(a.last_name, b.last_name))).map(toUser);
    },
  };
};

const placeOf = ({ name_initial, name_key, id, last_name }: UserItem) => ({ name_initial, name_key, id, last_name });

type Place = { name_initial: string; name_key?: string; id?: number; last_name?: string };

/** A place that names an initial alone is before all users of that initial. */
const byPlace = (a: Place, b: Place): number =>
  NAME_INITIALS.indexOf(a.name_initial) - NAME_INITIALS.indexOf(b.name_initial) ||
  byBytes(a.name_key ?? '', b.name_key ?? '') ||
  (a.id ?? 0) - (b.id ?? 0) ||
  byBytes(a.last_name ?? '', b.last_name ?? '');

/** As DynamoDB sorts: by bytes of UTF-8. */
const byBytes = (a: string, b: string): number => Buffer.compare(Buffer.from(a), Buffer.from(b));
