import { PASSWORD_MARKER, type User } from '@granary/domain/user';
import { makeDynamoUserStore } from '@granary/stores/dynamo-user-store';
import { makeMemoryReadBudget } from '@granary/stores/memory-read-budget';
import { makeMemoryVault } from '@granary/stores/memory-vault';
import { startEmulators } from '@granary/stores/testing/emulators';
import { afterAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { callArea } from '../testing/call-area.ts';
import { sealedUser } from '../testing/sealed-user.ts';
import { routes } from './users.ts';

const emulators = await startEmulators();
afterAll(() => emulators.stop());

const vault = makeMemoryVault();
const users = makeDynamoUserStore({
  client: emulators.documents,
  table: await emulators.createUsersTable('users-api'),
});
const deps = {
  users,
  vault,
  audit: { write: async () => {} },
  budget: makeMemoryReadBudget(),
  most_unmasked: 0,
  clock: Date.now,
};
const call = callArea(deps, routes);

const LAST_NAMES = ["O'Keefe", 'Óbidos', 'obama', '9lives', 'Zola', 'abbott', 'Ångström', '😀', 'ﷺ'.repeat(100)];
const everybody: User[] = Array.from({ length: 60 }, (_, n) => ({
  id: n % 50,
  last_name: `${LAST_NAMES[n % LAST_NAMES.length]}${n > 30 ? ` ${n}` : ''}`,
  password: PASSWORD_MARKER,
  gender: n % 3 === 0 ? 'Female' : 'Male',
  social_insurance_number: '123456652',
}));
await users.write(await Promise.all(everybody.map((one) => sealedUser(vault, one))), {
  origin: 'users-1/1',
  deadline: Date.now() + 60_000,
});
const written = new Set(everybody.map(({ id, last_name }) => `${id} ${last_name}`));

const follow = async (query: string): Promise<string[]> => {
  const seen: string[] = [];
  for (let cursor: string | null = ''; cursor !== null; ) {
    const { statusCode, json } = await call(`/v1/users?${query}${cursor && `&cursor=${cursor}`}`);
    expect(statusCode).toBe(200);
    seen.push(...json().items.map(({ id, last_name }: User) => `${id} ${last_name}`));
    cursor = json().next;
    // A list that went in circles would never end.
    expect(seen.length).toBeLessThanOrEqual(written.size);
  }
  return seen;
};

const cursorOf = (place: unknown) => Buffer.from(JSON.stringify(place)).toString('base64url');
const wild = fc.oneof(
  fc.string({ unit: 'grapheme', minLength: 1, maxLength: 200 }),
  fc.string({ unit: 'binary', minLength: 1, maxLength: 200 }),
  fc.constantFrom('%', '😀', '__proto__', '́', ' ', '#', '\0', 'ﷺ'.repeat(200), 'O', 'a', 'ß', "o'"),
);

describe('users in DynamoDB, through the API', () => {
  it('are each seen once, whatever the size of a page, with a filter and without', async () => {
    for (const limit of [1, 7, 1000]) {
      const all = await follow(`limit=${limit}`);
      expect({ limit, count: all.length, all: new Set(all) }).toEqual({ limit, count: written.size, all: written });
    }
    const women = [...written].filter((_, n) => n % 3 === 0);
    expect((await follow('limit=3&gender=Female')).sort()).toEqual(women.sort());
    expect((await follow('limit=2&last_name=O')).every((one) => /^\d+ [oÓ]/i.test(one))).toBe(true);
  });

  it('never fail for what is asked: a wild name, a place that nobody has, one outside the names that are asked for', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.option(wild, { nil: undefined }),
        fc.option(wild, { nil: undefined }),
        fc.option(
          fc.oneof(
            fc.record({ initial: fc.constantFrom(...'#AOZ') }),
            fc.record({ id: fc.maxSafeNat(), name: fc.oneof(wild, fc.string({ unit: 'binary', maxLength: 2000 })) }),
            fc.json().map((text) => JSON.parse(text)),
          ),
          { nil: undefined },
        ),
        async (last_name, country, place) => {
          const query = new URLSearchParams({
            ...(last_name !== undefined && { last_name }),
            ...(country !== undefined && { country }),
            ...(place !== undefined && { cursor: cursorOf(place) }),
          });
          const { statusCode } = await call(`/v1/users?${query}`);
          expect([200, 400]).toContain(statusCode);
        },
      ),
      { numRuns: 300 },
    );
  });
});
