import { describe, expect, it } from '@jest/globals';
import type { UserFault } from '../faults.ts';
import { changedPortal } from '../portal/portal-state.ts';
import { type ReplicaUser, usersOf } from './generate.ts';
import { createUsersSite } from './users-site.ts';

const site = createUsersSite();
const ask = (query: string, more: { nth?: number; series?: number; faults?: readonly UserFault[] } = {}) => {
  const { nth = 1, series = 1, faults = [] } = more;
  const document = site.document({
    path: '/api/v2/users',
    query: new URLSearchParams(query),
    nth,
    host: '127.0.0.1',
    portal: changedPortal(undefined),
    edition: { seed: 'granary', vintage: 2023 },
    series,
    faults: faults.map((kind) => ({ path: '*', kind })),
  })!;
  const text = document.body.toString();
  return { ...document, text, json: JSON.parse(text) as ReplicaUser & ReplicaUser[] & { message?: string } };
};
const page = (faults: readonly UserFault[], size = 10) => ask(`size=${size}`, { faults }).json;

const many = Array.from({ length: 30 }, (_, at) => usersOf({ seed: 'granary', series: 1, nth: at + 1 }, 100)).flat();
const some = (holds: (user: ReplicaUser) => boolean) => many.filter(holds).length;

describe('the API of users', () => {
  it('gives a list, one alone as an object, and above 100 an error with status 200', () => {
    expect(ask('size=2').json).toHaveLength(2);
    expect(ask('size=100').json).toHaveLength(100);
    for (const one of ['', 'size=1', 'size=0', 'size=many', 'size=-3', 'size='])
      expect(Object.keys(ask(one).json).slice(0, 3)).toEqual(['id', 'uid', 'password']);
    expect(ask('size=101').text).toBe('{"message":"Maximum allowed size is 100"}');
    expect(ask('size=1').modified).toBeUndefined();
  });

  it('gives others each time, and in each series, but the same with the same seed', () => {
    const one = ask('size=5').text;
    expect(ask('size=5').text).toBe(one);
    expect(ask('size=5', { nth: 2 }).text).not.toBe(one);
    expect(ask('size=5', { series: 2 }).text).not.toBe(one);
  });

  it('has the quirks of the real one', () => {
    expect(new Set(many.map(({ gender }) => gender)).size).toBe(8);
    expect(some(({ last_name }) => last_name.includes("'"))).toBeGreaterThan(50);
    expect(some(({ last_name }) => /[^\u0020-\u007e]/.test(last_name))).toBeGreaterThan(50);
    expect(some(({ address }) => /^0\d{4}(-\d{4})?$/.test(address.zip_code))).toBeGreaterThan(50);
    expect(some(({ phone_number }) => / x\d+$/.test(phone_number))).toBeGreaterThan(50);
    expect(some(({ employment }) => employment.title.includes('&'))).toBeGreaterThan(50);
    expect(some(({ social_insurance_number: sin }) => !/^\d{9}$/.test(sin))).toBe(0);
    expect(new Set(many.map(({ credit_card: { cc_number } }) => cc_number.replace(/\d/g, '9'))).size).toBe(3);
    const { lat, lng } = many[0].address.coordinates;
    expect(String(lat).length + String(lng).length).toBeGreaterThan(28);
    const text = ask('size=100').text;
    expect(text).toContain('\\u0026set=set1');
    expect(text).not.toMatch(/[&<>]/);
  });

  it('repeats ids, and now and then an id with its last name, also within a page', () => {
    expect(many.every(({ id }) => Number.isInteger(id) && id >= 0 && id < 10_000)).toBe(true);
    const keys = many.map(({ id, last_name }) => `${id} ${last_name}`);
    const again = keys.length - new Set(keys).size;
    expect(again).toBeGreaterThan(many.length / 200);
    expect(again).toBeLessThan(many.length / 40);
    expect(new Set(many.map(({ id }) => id)).size).toBeLessThan(new Set(keys).size);
    const within = Array.from({ length: 30 }, (_, at) => keys.slice(at * 100, at * 100 + 100));
    expect(within.some((hundred) => new Set(hundred).size < 100)).toBe(true);
    expect(new Set(many.map(({ uid }) => uid)).size).toBe(many.length);
  });
});

describe('faults of a page of users', () => {
  it('are each of another user', () => {
    const clean = page([]);
    const odd = page([
      'user-without-id',
      'user-without-last-name',
      'user-id-2-53',
      'user-text-coordinates',
      'user-twice',
    ]);
    expect(odd).toHaveLength(10);
    expect(odd[0]).not.toHaveProperty('id');
    expect(odd[1]).not.toHaveProperty('last_name');
    expect(odd[2].id).toBe(2 ** 53);
    expect(typeof odd[3].address.coordinates.lat).toBe('string');
    expect([odd[9].id, odd[9].last_name]).toEqual([odd[4].id, odd[4].last_name]);
    expect(odd[9].uid).toBe(clean[9].uid);
    expect(odd.slice(4, 9)).toEqual(clean.slice(4, 9));
  });

  it('strike the last of a page that is too short, and one alone', () => {
    expect(page(['user-text-coordinates'], 2)[1].address.coordinates.lat).toBe('north');
    expect(page(['user-without-last-name'], 1)).not.toHaveProperty('last_name');
    const [first, second] = page(['user-twice'], 2);
    expect(second.last_name).toBe(first.last_name);
  });

  it('may be an error in the place of all', () => {
    expect(Object.keys(page(['error-200']))).toEqual(['message']);
  });
});
