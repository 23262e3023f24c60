import type { UserPlace, UserQuery, UserStore } from '@granary/domain/ports/user-store';
import { nameKey } from '@granary/domain/rules/name-key';
import type { SealedUser, User } from '@granary/domain/user';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';

const sealed = (user: User, secrets?: string): SealedUser => ({
  user,
  sealed: secrets === undefined ? null : { key: 'a2V5', secrets },
});
const named = (id: number, last_name: string, more: Partial<User> = {}): SealedUser =>
  sealed({ id, last_name, ...more });

const WHOLE = sealed(
  {
    id: 9007199254740991,
    last_name: "O'Keefe",
    uid: '7052487b-c744-43ac-b943-1c4d1fbc0730',
    password: '***',
    first_name: '',
    username: 'federico.rolfson',
    email: 'federico.rolfson@email.com',
    avatar: null,
    gender: 'Polygender',
    phone_number: '+299 839-042-9541',
    social_insurance_number: '***-***-719',
    date_of_birth: '1962-06-20',
    employment: { title: 'Strategist', key_skill: null },
    address: {
      city: 'Blockmouth',
      zip_code: '03632',
      country: 'United States',
      coordinates: { lat: -71.13453104872127, lng: 0 },
    },
    credit_card: { cc_number: '****-****-****-1103' },
    subscription: {},
  },
  'c2VhbGVk',
);

/** What every UserStore does. `make` gives an empty one. */
export const userStoreContract = (name: string, make: () => Promise<UserStore>): void => {
  const deadline = Date.now() + 3_600_000;
  const write = (store: UserStore, users: readonly SealedUser[], origin = 'run-1/1') =>
    store.write(users, { origin, deadline });
  const all = async (store: UserStore, query: Omit<UserQuery, 'after'>) => {
    const pages: (readonly SealedUser[])[] = [];
    let after: UserPlace | undefined;
    do {
      const { users, next } = await store.list({ ...query, after });
      expect(users.length).toBeLessThanOrEqual(query.limit);
      pages.push(users);
      after = next ?? undefined;
    } while (after);
    return { pages, names: pages.flat().map(({ user }) => user.last_name), users: pages.flat() };
  };

  describe(`${name} as a UserStore`, () => {
    it('gives users back as they were written', async () => {
      const store = await make();
      const bare = named(0, 'X');
      expect(await write(store, [WHOLE, bare])).toEqual({ new: 2, overwritten: 0, failed: 0 });
      expect(await store.byId(WHOLE.user.id)).toEqual([WHOLE]);
      expect(await store.byId(0)).toEqual([bare]);
      expect(await store.byId(1)).toEqual([]);
      expect(await store.list({ limit: 10 })).toEqual({ users: [WHOLE, bare], next: null });
    });

    it('replaces a user whole: what the new one does not have is gone', async () => {
      const store = await make();
      await write(store, [WHOLE]);
      const bare = named(WHOLE.user.id, WHOLE.user.last_name);
      expect(await write(store, [bare], 'run-2/1')).toEqual({ new: 0, overwritten: 1, failed: 0 });
      expect(await store.byId(bare.user.id)).toEqual([bare]);
      expect(await store.list({ limit: 10, country: 'United States' })).toMatchObject({ users: [] });
    });

    it('counts a page that is written again as it counted it first', async () => {
      const store = await make();
      await write(store, [named(1, 'A'), named(2, 'B')], 'run-1/1');
      const second = [named(2, 'B', { gender: 'x' }), named(3, 'C')];
      const counted = { new: 1, overwritten: 1, failed: 0 };
      expect(await write(store, second, 'run-1/2')).toEqual(counted);
      expect(await write(store, second, 'run-1/2')).toEqual(counted);
      expect(await write(store, [named(1, 'A'), named(2, 'B')], 'run-1/1')).toEqual({
        new: 2,
        overwritten: 0,
        failed: 0,
      });
      expect(await write(store, second, 'run-1/2')).toEqual(counted);
      expect(await write(store, [])).toEqual({ new: 0, overwritten: 0, failed: 0 });
    });

    it('gives all users of an id, by last name', async () => {
      const store = await make();
      await write(store, [named(7, 'b'), named(7, 'Z'), named(7, 'É'), named(8, 'a')]);
      expect((await store.byId(7)).map(({ user }) => user.last_name)).toEqual(['Z', 'b', 'É']);
    });

    it('lists by last name, whatever case and accents, those that begin with no letter first', async () => {
      const store = await make();
      const names = ['zeta', 'Álvarez', 'alvarado', 'Beta', "O'Keefe", 'Ødegaard', 'Okafor', '3com', '王', 'Zoë'];
      await write(
        store,
        names.map((last_name, id) => named(id, last_name)),
      );
      const order = ['3com', '王', 'alvarado', 'Álvarez', 'Beta', "O'Keefe", 'Ødegaard', 'Okafor', 'zeta', 'Zoë'];
      for (const limit of [1, 2, 3, 9, 10, 11]) {
        const { names: listed, pages } = await all(store, { limit });
        expect(listed).toEqual(order);
        expect(pages).toHaveLength(Math.ceil(order.length / limit));
      }
    });

    it('finds names by how they begin', async () => {
      const store = await make();
      const names = ['Smith', 'smithers', 'Šmit', 'Smyth', 'Mc Smith', "'t Hooft"];
      await write(
        store,
        names.map((last_name, id) => named(id, last_name)),
      );
      const found = async (last_name: string) => (await all(store, { limit: 2, last_name })).names;
      expect(await found('SMIT')).toEqual(['Šmit', 'Smith', 'smithers']);
      expect(await found('šmith')).toEqual(['Smith', 'smithers']);
      expect(await found("'t h")).toEqual(["'t Hooft"]);
      expect(await found('x')).toEqual([]);
      expect(await found('')).toHaveLength(6);
    });

    it('gives every user once and in order, by pages of any size, whatever is asked for', async () => {
      const store = await make();
      const letters = ['a', 'B', 'é', 'M', 'ø', 'z', '9', "'", 'Z'];
      const users = Array.from({ length: 140 }, (_, id) => {
        const last_name = `${letters[id % 9]}${letters[(id * 5) % 7]}${id % 3}`;
        const country = id % 4 === 0 ? undefined : `Country ${id % 3}`;
        return named(id % 60, last_name, { gender: id % 2 ? 'Agender' : null, address: country ? { country } : null });
      });
      const byKey = new Map(users.map((user) => [`${user.user.id}/${user.user.last_name}`, user]));
      await write(store, [...byKey.values()]);
      await fc.assert(
        fc.asyncProperty(
          fc.integer({ min: 1, max: 200 }),
          fc.option(fc.constantFrom('Country 0', 'Country 2', 'Nowhere'), { nil: undefined }),
          fc.option(fc.constantFrom('Agender', 'Other'), { nil: undefined }),
          fc.option(fc.constantFrom('a', 'E', 'ma', 'Øa1', '9', 'q'), { nil: undefined }),
          async (limit, country, gender, last_name) => {
            const { users: listed } = await all(store, { limit, country, gender, last_name });
            const keyOf = ({ user }: SealedUser) => `${user.id}/${user.last_name}`;
            const plain = (text: string) => nameKey(text, 0).name_key.slice(0, -2);
            const wanted = [...byKey.values()].filter(
              ({ user }) =>
                (country === undefined || user.address?.country === country) &&
                (gender === undefined || user.gender === gender) &&
                (last_name === undefined || plain(user.last_name).startsWith(plain(last_name))),
            );
            expect(listed.map(keyOf).sort()).toEqual(wanted.map(keyOf).sort());
            const places = listed.map(({ user }) => nameKey(user.last_name, user.id));
            const keys = places.map(({ name_initial, name_key }) => name_initial + name_key);
            expect(keys).toEqual([...keys].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b))));
          },
        ),
        { numRuns: 40 },
      );
    });

    it('takes names as long as a key may be, that differ in nothing but their end', async () => {
      const store = await make();
      const long = [named(1, `${'é'.repeat(511)}a`), named(1, `${'é'.repeat(511)}b`), named(1, `${'é'.repeat(511)}c`)];
      await write(store, long);
      expect((await all(store, { limit: 1 })).names.sort()).toEqual(long.map(({ user }) => user.last_name));
    });
  });
};
