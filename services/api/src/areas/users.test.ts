import type { UnmaskedRead } from '@granary/domain/ports/unmasked-reads';
import type { Vault } from '@granary/domain/ports/vault';
import { PASSWORD_MARKER, type User } from '@granary/domain/user';
import { makeMemoryReadBudget } from '@granary/stores/memory-read-budget';
import { makeMemoryUserStore } from '@granary/stores/memory-user-store';
import { makeMemoryVault } from '@granary/stores/memory-vault';
import { describe, expect, it } from '@jest/globals';
import { callArea } from '../testing/call-area.ts';
import { sealedUser } from '../testing/sealed-user.ts';
import { routes } from './users.ts';

const memory = makeMemoryVault();
let opened = 0;
/** Counts what is decrypted: for whom nothing may be shown, nothing need be. */
const vault: Vault = {
  current: () => memory.current(),
  named(name) {
    opened += 1;
    return memory.named(name);
  },
};
const users = makeMemoryUserStore();
const noted: UnmaskedRead[] = [];
const deps = {
  users,
  vault,
  audit: { write: async (read: UnmaskedRead) => void noted.push(read) },
  budget: makeMemoryReadBudget(),
  most_unmasked: 1_000_000,
  clock: Date.now,
};
const reader = callArea(deps, routes);
const analyst = callArea(deps, routes, ['analysts']);

const user = (id: number, last_name: string, more: Partial<User> = {}): User => ({
  id,
  last_name,
  password: PASSWORD_MARKER,
  first_name: 'Ana',
  email: 'felicia@email.com',
  phone_number: '+351 910-555-0141',
  gender: 'Female',
  social_insurance_number: '123456652',
  credit_card: { cc_number: '4242-4242-4242-1103' },
  address: { country: 'Portugal', zip_code: '01234' },
  ...more,
});
const names = ["O'Keefe", 'Óbidos', 'obama', '9lives', 'Zola', 'abbott', 'Ångström', '😀', 'Smith & Sons'];
const everybody = [
  ...names.map((name, index) => user(index + 1, name)),
  user(1, 'Quite Another', { gender: 'Male', address: { country: 'Peru' } }),
];
await users.write(await Promise.all(everybody.map((one) => sealedUser(memory, one))), {
  origin: 'users-1/1',
  deadline: Date.now() + 60_000,
});

const lastNames = (list: readonly User[]) => list.map(({ last_name }) => last_name);
const IN_ORDER = [
  '9lives',
  '😀',
  'abbott',
  'Ångström',
  'obama',
  'Óbidos',
  "O'Keefe",
  'Quite Another',
  'Smith & Sons',
  'Zola',
];
/** `o'keefe` sorts before `obama`: an apostrophe is before the letters. */
const SORTED = [
  '9lives',
  '😀',
  'abbott',
  'Ångström',
  "O'Keefe",
  'obama',
  'Óbidos',
  'Quite Another',
  'Smith & Sons',
  'Zola',
];
const linkOf = (headers: Record<string, string>) => /^<([^>]+)>; rel="next"$/.exec(headers.Link ?? '')?.[1];

describe('GET /view-data', () => {
  it('is a bare array of users in alphabetical order, without a Link when these are all', async () => {
    const { statusCode, json, headers } = await reader('/view-data');
    expect({ statusCode, names: lastNames(json()) }).toEqual({ statusCode: 200, names: SORTED });
    expect(new Set(SORTED)).toEqual(new Set(IN_ORDER));
    expect(headers.Link).toBeUndefined();
    expect(headers['Cache-Control']).toBe('private, no-store');
  });

  it('leads on by its Link, which carries the query, until everybody was seen once', async () => {
    const seen: string[] = [];
    let calls = 0;
    let path: string | undefined = '/view-data?limit=3&gender=Female';
    while (path !== undefined) {
      const { json, headers } = await reader(path);
      seen.push(...lastNames(json()));
      const link = linkOf(headers);
      if (link !== undefined) expect(link).toMatch(/^\/dev\/view-data\?limit=3&gender=Female&cursor=[\w-]+$/);
      path = link?.slice('/dev'.length);
      expect(++calls).toBeLessThan(40);
    }
    expect(seen).toEqual(SORTED.filter((name) => name !== 'Quite Another'));
  });
});

describe('GET /v1/users', () => {
  it('is the same list as items and next, with the same Link', async () => {
    const first = await reader('/v1/users?limit=4');
    const { items, next } = first.json();
    expect(lastNames(items)).toEqual(SORTED.slice(0, 4));
    expect(linkOf(first.headers)).toBe(`/dev/v1/users?limit=4&cursor=${next}`);
    const second = (await reader(`/v1/users?limit=100&cursor=${next}`)).json();
    expect({ names: lastNames(second.items), next: second.next }).toEqual({ names: SORTED.slice(4), next: null });
  });

  it('finds by how a last name begins, whatever case and accents, by country and by gender', async () => {
    const found = async (query: string) => {
      const list: User[] = [];
      for (let cursor: string | null = ''; cursor !== null; ) {
        const { json } = await reader(`/v1/users?${query}${cursor && `&cursor=${cursor}`}`);
        list.push(...json().items);
        cursor = json().next;
      }
      return lastNames(list);
    };
    expect(await found('last_name=OB')).toEqual(['obama', 'Óbidos']);
    expect(await found(`last_name=${encodeURIComponent('ó')}`)).toEqual(["O'Keefe", 'obama', 'Óbidos']);
    expect(await found(`last_name=${encodeURIComponent("o'k")}`)).toEqual(["O'Keefe"]);
    expect(await found('last_name=a&limit=1')).toEqual(['abbott', 'Ångström']);
    expect(await found('last_name=angstrom')).toEqual(['Ångström']);
    expect(await found('country=Peru')).toEqual(['Quite Another']);
    expect(await found('gender=Male&country=Portugal')).toEqual([]);
    expect(await found(`last_name=${encodeURIComponent('😀')}`)).toEqual(['😀']);
    expect(await found('last_name=%25')).toEqual([]);
    expect(await found('last_name=__proto__')).toEqual([]);
    expect(await found('country=__proto__&gender=constructor')).toEqual([]);
    expect(await found(`last_name=${'o'.repeat(200)}`)).toEqual([]);
    expect(await found(`last_name=${encodeURIComponent('😀'.repeat(100))}`)).toEqual([]);
    // One character that becomes eighteen when it is taken apart.
    expect(await found(`last_name=${encodeURIComponent('ﷺ'.repeat(200))}`)).toEqual([]);
  });

  it('refuses what does not fit, naming the field', async () => {
    const refused = async (query: string) => {
      const { statusCode, json } = await reader(`/v1/users?${query}`);
      return { query, statusCode, fields: (json().errors ?? []).map(({ field }: { field: string }) => field) };
    };
    for (const [query, field] of [
      ['limit=0', 'limit'],
      ['limit=1001', 'limit'],
      ['limit=ten', 'limit'],
      ['limit=1&limit=2', 'limit'],
      ['last_name=', 'last_name'],
      [`last_name=${'o'.repeat(2000)}`, 'last_name'],
      ['last_name=a&last_name=b', 'last_name'],
      ['country=', 'country'],
      ['__proto__=1', '__proto__'],
      ['name=o', 'name'],
      ['cursor=', 'cursor'],
      ['cursor=%', 'cursor'],
      ['cursor=😀', 'cursor'],
      [`cursor=${'x'.repeat(4001)}`, 'cursor'],
    ] as const)
      expect(await refused(query)).toEqual({ query, statusCode: 400, fields: [field] });
  });

  it('refuses cursors of other lists, and any that it did not give', async () => {
    const cursor = (place: unknown) => Buffer.from(JSON.stringify(place)).toString('base64url');
    for (const place of [
      { before: 'x' },
      { version: 1, offset: 0 },
      { initial: 'AB' },
      { initial: '' },
      { initial: ['A'] },
      { id: -1, name: 'x' },
      { id: 1.5, name: 'x' },
      { id: 2 ** 53, name: 'x' },
      { id: '1', name: 'x' },
      { id: 1, name: '' },
      { id: 1 },
      null,
      [],
      5,
    ]) {
      const { statusCode, json } = await reader(`/v1/users?cursor=${cursor(place)}`);
      expect({ place, statusCode, field: json().errors[0].field }).toEqual({ place, statusCode: 400, field: 'cursor' });
    }
    const { next } = (await reader('/v1/users?last_name=a&limit=1')).json();
    expect((await reader(`/v1/users?last_name=o&cursor=${next}`)).statusCode).toBe(400);
    expect((await reader(`/v1/users?cursor=${next}`)).statusCode).toBe(200);
  });
});

describe('GET /v1/users/{id}', () => {
  it('is a list, since ids repeat', async () => {
    const { json, headers } = await reader('/v1/users/1');
    expect({ names: lastNames(json().items), next: json().next }).toEqual({
      names: ["O'Keefe", 'Quite Another'],
      next: null,
    });
    expect(headers['Cache-Control']).toBe('private, no-store');
  });

  it('is 404 when there is none, and 400 for what is no id', async () => {
    for (const id of ['999', '0', String(2 ** 53 - 1)])
      expect({ id, status: (await reader(`/v1/users/${id}`)).statusCode }).toEqual({ id, status: 404 });
    for (const id of [
      String(2 ** 53),
      '-1',
      '1.5',
      'abc',
      '1%20or%201',
      '__proto__',
      '9'.repeat(200),
      '%F0%9F%98%80',
    ]) {
      const { statusCode, json } = await reader(`/v1/users/${id}`);
      expect({ id, statusCode, field: json().errors?.[0].field }).toEqual({ id, statusCode: 400, field: 'id' });
    }
    expect((await reader('/v1/users/999')).json().detail).toBe(
      'There is no user of id 999; they are listed at /v1/users.',
    );
  });
});

describe('what is personal', () => {
  const PATHS = ['/view-data?last_name=zola', '/v1/users?last_name=zola', '/v1/users/5'];
  const only = (body: User[] | { items: User[] }): User => (Array.isArray(body) ? body[0] : body.items[0])!;

  it('is masked for readers and operators, for whom nothing is decrypted', async () => {
    opened = 0;
    for (const groups of [['readers'], ['operators'], ['readers', 'operators'], []])
      for (const path of PATHS)
        expect(only((await callArea(deps, routes, groups)(path)).json())).toMatchObject({
          last_name: 'Zola',
          social_insurance_number: '***-***-652',
          credit_card: { cc_number: '****-****-****-1103' },
          email: 'f***@***',
          phone_number: '***-***-**41',
        });
    expect(opened).toBe(0);
  });

  it('is as it came for analysts, field by field, but for the password, which nobody has', async () => {
    for (const path of PATHS) expect(only((await analyst(path)).json())).toEqual(user(5, 'Zola'));
    expect(user(5, 'Zola').password).toBe('***');
  });

  it('is told nobody who only has the answer of another group: no ETag of theirs is a 304, and nothing is kept', async () => {
    for (const path of PATHS) {
      const [theirs, ours] = [await analyst(path), await reader(path)];
      for (const [ask, held] of [
        [reader, theirs],
        [analyst, ours],
      ] as const) {
        for (const method of ['GET', 'HEAD']) {
          const answer = await ask(path, { method, headers: { 'If-None-Match': held.headers.ETag! } });
          expect(answer.statusCode).toBe(200);
          expect(answer.headers['Cache-Control']).toBe('private, no-store');
          expect(answer.headers.ETag).not.toBe(held.headers.ETag);
        }
      }
      expect((await reader(path, { method: 'HEAD' })).body).toBe(ours.body);
    }
  });

  it('is not in an answer for readers anywhere, nor in a line that was logged', async () => {
    for (const path of PATHS) {
      const { body } = await reader(path);
      for (const secret of ['123456652', '4242-4242', 'felicia@', '910-555', '"sealed"', 'name_key'])
        expect(body).not.toContain(secret);
    }
  });
});

describe('X4: what an analyst reads unmasked', () => {
  const sight = (over: Partial<typeof deps> = {}, groups = ['analysts']) => {
    noted.length = 0;
    return callArea({ ...deps, budget: makeMemoryReadBudget(), ...over }, routes, groups);
  };

  it('is noted by every route: who, by which, how many; nothing of whom', async () => {
    const call = sight();
    for (const path of ['/view-data?limit=3', '/v1/users?last_name=o', '/v1/users/1'])
      expect((await call(path)).statusCode).toBe(200);
    expect(noted).toEqual([
      { sub: '1', route: 'GET /view-data', users: 3 },
      { sub: '1', route: 'GET /v1/users', users: 3 },
      { sub: '1', route: 'GET /v1/users/{id}', users: 2 },
    ]);
  });

  it('is noted before it is opened, and not shown at all when it cannot be noted', async () => {
    opened = 0;
    const call = sight({ audit: { write: () => Promise.reject(new Error('CloudWatch Logs is away')) } });
    for (const path of ['/view-data', '/v1/users', '/v1/users/5']) {
      const { statusCode, body, json } = await call(path);
      expect({ path, statusCode, title: json().title }).toEqual({ path, statusCode: 503, title: 'Not Audited' });
      expect(body).not.toMatch(/Zola|123456652|felicia|CloudWatch/);
    }
    expect(opened).toBe(0);
  });

  it('is bounded a day: beyond it is 429, which says how much it is and when to come back, and notes nothing', async () => {
    const at = Date.parse('2026-11-29T21:00:00Z');
    const call = sight({ most_unmasked: 12, clock: () => at });
    expect((await call('/v1/users?limit=10')).statusCode).toBe(200);
    const { statusCode, json, headers, body } = await call('/v1/users?limit=3');
    expect({ statusCode, after: headers['Retry-After'] }).toEqual({ statusCode: 429, after: String(3 * 3600) });
    expect(json()).toMatchObject({
      title: 'Too Many Requests',
      detail: expect.stringContaining('at most 12 users a day'),
    });
    expect(body).not.toContain('felicia');
    expect((await call('/v1/users?limit=2')).statusCode).toBe(200);
    expect((await call('/v1/users/5')).statusCode).toBe(429);
    expect(noted.map(({ users: count }) => count)).toEqual([10, 2]);
  });

  it('is nothing for others, and where there is nobody: that is neither counted nor noted', async () => {
    const closed = { most_unmasked: 0 };
    for (const groups of [['readers'], ['operators'], []])
      expect((await sight(closed, groups)('/v1/users')).statusCode).toBe(200);
    expect((await sight(closed)('/v1/users?last_name=qqq')).json()).toEqual({ items: [], next: null });
    expect((await sight(closed)('/v1/users/999')).statusCode).toBe(404);
    expect(noted).toEqual([]);
  });
});
