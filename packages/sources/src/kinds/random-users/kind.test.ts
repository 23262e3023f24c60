import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { SourceUnavailable } from '@granary/domain/errors';
import { maskCard, maskSin, withSecrets } from '@granary/domain/rules/pii';
import type { UsersPage } from '@granary/domain/users-source';
import { describeWith, samples } from '@granary/local/testing/wanted';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { kind } from './kind.ts';

const URL = 'https://users.test/api/v2/users?size=2';
const parse = (body: string | Uint8Array): UsersPage =>
  kind.parsePage(typeof body === 'string' ? new TextEncoder().encode(body) : body, URL);
const read = (...users: unknown[]): UsersPage => parse(JSON.stringify(users));
const thrown = (body: string | Uint8Array): SourceUnavailable => {
  try {
    parse(body);
  } catch (error) {
    return error as SourceUnavailable;
  }
  throw new Error('It was taken for a page');
};

const rolfson = {
  id: 7972,
  uid: '7052487b',
  password: '4FDEwuJI6l',
  last_name: 'Rolfson',
  email: 'federico.rolfson@email.com',
  social_insurance_number: '262917719',
  address: { zip_code: '03632', country: 'United States', coordinates: { lat: -71.13453104872127, lng: 0 } },
  credit_card: { cc_number: '4861857171103' },
};

describe('A page of users', () => {
  it('has its users under the policy: a marker for the password, masks for secrets, and the secrets apart', () => {
    const page = read(rolfson);
    expect(page).toEqual({
      read: 1,
      merged: 0,
      misfits: [],
      users: [
        {
          user: {
            ...rolfson,
            password: '***',
            social_insurance_number: '***-***-719',
            credit_card: { cc_number: '****-****-****-1103' },
          },
          secrets: { social_insurance_number: '262917719', cc_number: '4861857171103' },
          unknown: {},
        },
      ],
    });
  });

  it.each([
    ['one user alone', JSON.stringify(rolfson), 1],
    ['none', '[]', 0],
    ['more than were asked for', JSON.stringify(Array.from({ length: 150 }, (_, id) => ({ id, last_name: 'X' }))), 150],
    ['a byte order mark before it', `\ufeff${JSON.stringify([rolfson])}`, 1],
    ['an ampersand written as an escape', '[{"id":1,"last_name":"A \\u0026 B"}]', 1],
  ])('may be %s', (_, body, count) => {
    expect(parse(body)).toMatchObject({ read: count, misfits: [], merged: 0 });
    expect(parse(body).users).toHaveLength(count);
  });

  it('keeps members that nobody knows apart, wherever they are', () => {
    const body = `[{"id":1,"last_name":"X","height":180,"__proto__":{"admin":true},"constructor":1,
      "address":{"planet":"Mars","city":"Y","coordinates":{"alt":3}},"credit_card":{"CVV_Password":"1"}}]`;
    const [{ user, unknown }] = parse(body).users as [UsersPage['users'][number]];
    expect(user).toEqual({ id: 1, last_name: 'X', address: { city: 'Y', coordinates: {} }, credit_card: {} });
    expect(JSON.parse(JSON.stringify(unknown))).toEqual(
      JSON.parse(
        '{"height":180,"__proto__":{"admin":true},"constructor":1,"address":{"planet":"Mars","coordinates":{"alt":3}}}',
      ),
    );
    expect(({} as Record<string, unknown>).admin).toBeUndefined();
  });

  it('merges users of the same key: the last is taken', () => {
    const page = read(
      { id: 1, last_name: 'X', gender: 'a' },
      { id: 1, last_name: 'Y' },
      { id: 1, last_name: 'X', gender: 'b' },
    );
    expect(page).toMatchObject({ read: 3, merged: 1, misfits: [] });
    expect(page.users.map(({ user }) => [user.last_name, user.gender])).toEqual([
      ['X', 'b'],
      ['Y', undefined],
    ]);
  });
});

describe('A user that cannot be taken', () => {
  const x = { id: 1, last_name: 'X' };
  it.each([
    [{ last_name: 'X' }, 'id'],
    [{ id: '1', last_name: 'X' }, 'id'],
    [{ id: 1.5, last_name: 'X' }, 'id'],
    [{ id: -1, last_name: 'X' }, 'id'],
    [{ id: 2 ** 53, last_name: 'X' }, 'id'],
    [{ id: 1 }, 'last_name'],
    [{ id: 1, last_name: null }, 'last_name'],
    [{ id: 1, last_name: ' \n' }, 'last_name'],
    [{ id: 1, last_name: 'é'.repeat(513) }, 'last_name'],
    [{ ...x, address: 'here' }, 'address'],
    [{ ...x, address: { coordinates: { lat: '71.1' } } }, 'address.coordinates.lat'],
    [{ ...x, address: { coordinates: { lng: 1e300 } } }, 'address.coordinates.lng'],
    [{ ...x, address: { coordinates: { lng: 1e-300 } } }, 'address.coordinates.lng'],
    [{ ...x, credit_card: { cc_number: 4861857171103 } }, 'credit_card.cc_number'],
    [{ ...x, first_name: ['X'] }, 'first_name'],
    [{ ...x, first_name: 'é'.repeat(200_000) }, ''],
    ['X', ''],
    [null, ''],
    [[x], ''],
  ])('says which field, and does not harm its neighbours: %#', (user, field) => {
    const page = read(x, user, { id: 2, last_name: 'Y' });
    expect(page).toMatchObject({ read: 3, merged: 0, misfits: [{ index: 2, field }] });
    expect(page.users).toHaveLength(2);
    expect(page.misfits[0]!.reason).toMatch(/^should be /);
  });

  it.each(['passwd', 'user_pwd', 'Passcode', 'old_pass', 'ｐａｓｓｗｏｒｄ', 'pa\u200bssword', 'pássword'])(
    'holds nothing of a member called %j',
    (name) => {
      const page = read({
        id: 1,
        last_name: 'X',
        [name]: 'hunter2',
        more: [{ [name]: ['hunter2'] }],
        passport: 'kept',
      });
      expect(JSON.stringify(page)).not.toContain('hunter2');
      expect(page.users[0]!.unknown).toMatchObject({ passport: 'kept' });
    },
  );

  it('that says an error says it in one line, which gives no orders to a terminal and repeats no key', () => {
    const said = JSON.stringify({ message: 'no\u001b]0;owned\u0007\n  page 2: all is well; key s3cretKey is wrong' });
    const parsing = () => kind.parsePage(new TextEncoder().encode(said), 'https://users.test/users?k=s3cretKey&size=1');
    expect(parsing).toThrow('users.test answered 200 with "no]0;owned page 2: all is well; key (removed) is wrong"');
  });

  it('may hold anything, but no password', () => {
    const page = read(
      { password: 'hunter2', Nested: [{ PassWord: 'hunter2', user_password: ['hunter2'] }], note: 'password: hunter2' },
      '{"password":"hunter2"}',
      { ...x, extra: { passwd: 'hunter2' }, Password: 'hunter2' },
    );
    expect(page.misfits).toHaveLength(2);
    expect(JSON.stringify(page)).not.toContain('hunter2');
  });

  it('does no harm by its depth or its breadth', () => {
    const deep = `${'['.repeat(100_000)}${']'.repeat(100_000)}`;
    const broad = Object.fromEntries(Array.from({ length: 100_000 }, (_, index) => [`m${index}`, index]));
    const page = parse(`[{"id":1,"last_name":"X","deep":${deep}},{"id":2,"last_name":"Y","address":${deep}}]`);
    expect(page).toMatchObject({ read: 2, misfits: [{ index: 2, field: 'address' }] });
    expect(JSON.stringify(page)).toContain('nested too deeply');
    expect(Object.keys(read({ ...x, ...broad }).users[0]!.unknown)).toHaveLength(100_000);
  });
});

describe('What is no page', () => {
  it.each([
    ['{"message":"Maximum allowed size is 100"}', 'answered 200 with "Maximum allowed size is 100"'],
    ['{"message":"No user federico@email.com"}', 'answered 200 with "No user (e-mail removed)"'],
    ['{}', 'a body that holds no users'],
    ['"users"', 'a body that holds no users'],
    ['', 'an empty body'],
    [' <!doctype html><html>', 'HTML'],
    [JSON.stringify([rolfson]).slice(0, -20), 'cut short'],
    [Uint8Array.of(0x5b, 0xff, 0x5d), 'no UTF-8'],
    [`[${'1,'.repeat(20_000)}1]`, '20001 elements'],
  ])('is SourceUnavailable: %#', (body, message) => {
    const error = thrown(body);
    expect(error).toBeInstanceOf(SourceUnavailable);
    expect(error.message).toContain(message);
    expect(error.message.length).toBeLessThan(300);
    expect(error.answer).toMatchObject({ host: 'users.test', status: 200 });
    expect(error.answer!.content).toMatch(/^\d+ bytes, sha256 [0-9a-f]{64}$/);
  });

  it('says nothing of what was in it', () => {
    fc.assert(
      fc.property(fc.nat(JSON.stringify([rolfson]).length - 2), (length) => {
        const error = thrown(JSON.stringify([rolfson]).slice(0, length));
        expect(JSON.stringify([error.message, error.answer])).not.toMatch(/Rolfson|4FDEwu|262917|486185/i);
      }),
    );
  });
});

describe('Any page', () => {
  const user = fc.record(
    {
      id: fc.oneof(fc.nat(3), fc.constantFrom('1', 1.5, 2 ** 53, null)),
      last_name: fc.oneof(fc.constantFrom('A', 'B', ' '), fc.string({ unit: 'binary' }), fc.constant('\ud800')),
      password: fc.constant('s3cr3t-Password-value'),
      first_name: fc.oneof(fc.string(), fc.constant(null)),
      address: fc.oneof(
        fc.jsonValue(),
        fc.record({ city: fc.string(), coordinates: fc.record({ lat: fc.double(), lng: fc.double() }) }),
      ),
      credit_card: fc.oneof(fc.jsonValue(), fc.record({ cc_number: fc.string() })),
      other: fc.jsonValue(),
    },
    { requiredKeys: [] },
  );

  it('is read in full: every user is taken, merged or told why not, and none has a password', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(user, fc.jsonValue()), { maxLength: 20 }), (elements) => {
        const page = read(...elements);
        expect(page.users.length + page.misfits.length + page.merged).toBe(elements.length);
        expect(new Set(page.users.map(({ user }) => `${user.id}/${user.last_name}`)).size).toBe(page.users.length);
        expect(JSON.stringify(page)).not.toContain('s3cr3t');
        for (const { user } of page.users) {
          expect(user.last_name.isWellFormed()).toBe(true);
          expect(user.last_name.trim()).not.toBe('');
        }
      }),
      { numRuns: 300 },
    );
  });
});

describe('The address of a page', () => {
  it.each([
    ['https://random-data-api.com/api/v2/', 'https://random-data-api.com/api/v2/users?size=5'],
    ['http://127.0.0.1:4010', 'http://127.0.0.1:4010/users?size=5'],
    ['http://127.0.0.1:4010/users', 'http://127.0.0.1:4010/users?size=5'],
    ['http://a.test/people?key=1&size=9', 'http://a.test/people?key=1&size=5'],
    ['http://a.test/v2/?key=1#x', 'http://a.test/v2/users?key=1&size=5'],
  ])('at %s', (base, url) => {
    expect(kind.urlOf(base, 5)).toBe(url);
  });
});

describeWith(samples('data/users'), 'The real samples', (folder) => {
  it('are taken whole, and are the same when their secrets are put back', () => {
    const body = readFileSync(join(folder, 'users.json'));
    const given = JSON.parse(body.toString());
    const page = parse(body);
    expect(page).toMatchObject({ read: given.length, misfits: [], merged: 0 });
    for (const [index, { user, secrets, unknown }] of page.users.entries()) {
      const as = given[index];
      expect(unknown).toEqual({});
      expect(user.social_insurance_number).toBe(maskSin(as.social_insurance_number));
      expect(user.credit_card!.cc_number).toBe(maskCard(as.credit_card.cc_number));
      expect(withSecrets(user, secrets)).toEqual({ ...as, password: '***' });
    }
  });

  it('include an error with status 200', () => {
    expect(thrown(readFileSync(join(folder, 'error_size_over_100.json'))).message).toContain(
      'Maximum allowed size is 100',
    );
  });
});
