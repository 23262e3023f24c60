import { gunzipSync, gzipSync } from 'node:zlib';
import { describe, expect, it } from '@jest/globals';
import { SourceRefused, SourceThrottled, SourceUnavailable } from '../../errors.ts';
import { userPageKey } from '../../rules/keys.ts';
import { maskCard, maskSin } from '../../rules/pii.ts';
import type { SealedUser } from '../../user.ts';
import { announceLeft } from '../runs/announce-ended.ts';
import { openPage } from './kept-page.ts';
import { readUsers } from './read-users.ts';
import { type GivenUser, makeUsersWorld, type UsersWorld } from './testing/users-world.ts';
import { workOnUsersPage } from './work-on-users-page.ts';

const first = { receive_count: 1, receipt_handle: 'receipt', memory_gb: 1 };
const last = { receive_count: 3, receipt_handle: 'receipt', memory_gb: 1 };

const started = async (parts = 1, size = 3) => {
  const world = makeUsersWorld();
  const { messages } = await world.startRun('run-1', { parts, size });
  return { world, messages, message: messages[0]! };
};
const theRun = async (world: UsersWorld) => (await world.runs.getRun('run-1'))!;
const stored = async (world: UsersWorld) => (await world.users.list({ limit: 1000 })).users;

describe('A page of users', () => {
  it('is fetched, kept, written, and ends its part', async () => {
    const { world, message } = await started();
    expect(await workOnUsersPage(world)(message, first)).toMatchObject({
      outcome: 'written',
      users: { new: 3, overwritten: 0, failed: 0 },
      counts: { requests: 1, rows_read: 3, rows_published: 3 },
    });
    expect(world.asked.map(({ url }) => url)).toEqual(['http://users.test/api/v2/users?size=3']);
    expect(await theRun(world)).toMatchObject({
      state: 'succeeded',
      parts_done: 1,
      counts: { requests: 1, rows_read: 3, rows_published: 3, errors: 0 },
      users: { new: 3, overwritten: 0, failed: 0 },
    });
    expect(await stored(world)).toHaveLength(3);
    expect(world.runLog.lines).toMatchObject([{ level: 'INFO', message: 'Page written', page: 1, users_new: 3 }]);
  });

  it('is announced with its run, once', async () => {
    const { world, messages } = await started(2);
    await workOnUsersPage(world)(messages[0]!, first);
    expect(world.runLog.events).toEqual([]);
    world.pass(2500);
    await workOnUsersPage(world)(messages[1]!, first);
    await workOnUsersPage(world)(messages[1]!, first);
    await announceLeft(world)();
    expect(world.runLog.events).toEqual([
      {
        run: 'run-1',
        state: 'succeeded',
        users: 6,
        users_new: 6,
        users_overwritten: 0,
        users_failed: 0,
        api_calls: 2,
        errors: 0,
        timestamp: world.clock(),
        duration: 2.5,
      },
    ]);
  });

  it('is not fetched again when it was kept: a redelivery writes the same users', async () => {
    const { world, message } = await started();
    const write = world.users.write;
    world.users.write = () => Promise.reject(new Error('The process ran out of memory'));
    expect(await workOnUsersPage(world)(message, first)).toMatchObject({ decision: 'retry', last: false });
    world.users.write = write;
    expect(await workOnUsersPage(world)(message, { ...first, receive_count: 2 })).toMatchObject({
      outcome: 'written',
      counts: { requests: 0 },
    });
    expect((await stored(world)).map(({ user }) => user.id).sort()).toEqual(world.api.given.map(({ id }) => id).sort());
    expect(await theRun(world)).toMatchObject({ counts: { requests: 1 }, users: { new: 3 } });
    expect(await workOnUsersPage(world)(message, first)).toMatchObject({ outcome: 'ended-before' });
    expect(world.asked).toHaveLength(1);
  });

  it('tells of users who cannot be taken by their place and field only', async () => {
    const { world, message } = await started();
    world.api.body = JSON.stringify([
      { id: 1, last_name: 'Rolfson' },
      { id: 1, last_name: 'Rolfson' },
      { id: 'x', last_name: 'Secret', password: 'hunter2' },
    ]);
    expect(await workOnUsersPage(world)(message, first)).toMatchObject({
      users: { new: 1 },
      counts: { rows_read: 3, rows_published: 1, rows_quarantined: 1, rows_deduplicated: 1 },
    });
    expect(world.runLog.lines.filter(({ level }) => level === 'ERROR')).toMatchObject([
      { page: 1, index: 3, field: 'id', reason: 'should be a whole number from 0 to 2^53 - 1' },
    ]);
    expect(JSON.stringify(world.runLog.lines)).not.toMatch(/Secret|hunter2/);
    const page = await openPage(world.vault, message, (await world.pages.get(userPageKey('run-1', 1)))!);
    expect(page.misfits).toMatchObject([{ index: 3, raw: { id: 'x', last_name: 'Secret' } }]);
  });

  it('counts users who were there as overwritten', async () => {
    const { world, messages } = await started(2);
    world.api.body = '[{"id":1,"last_name":"X"},{"id":2,"last_name":"Y"}]';
    await workOnUsersPage(world)(messages[0]!, first);
    world.api.body = '[{"id":2,"last_name":"Y"},{"id":3,"last_name":"Z"}]';
    await workOnUsersPage(world)(messages[1]!, first);
    expect(await theRun(world)).toMatchObject({ users: { new: 3, overwritten: 1, failed: 0 } });
  });
});

describe('A page that fails', () => {
  const answer = { host: 'users.test', status: 500, content: 'sorry' };

  it('is left to the queue, and at the last receive says why on its run', async () => {
    const { world, message } = await started();
    for (let receive_count = 1; receive_count <= 3; receive_count++) {
      world.api.failures.push(new SourceUnavailable('It answered 500', { answer }));
      const worked = await workOnUsersPage(world)(message, { ...first, receive_count });
      expect(worked).toMatchObject({ decision: 'retry', last: receive_count === 3 });
    }
    expect(world.asked).toHaveLength(3);
    expect(await theRun(world)).toMatchObject({
      state: 'failed',
      counts: { requests: 3, errors: 1 },
      errors: [{ part: 1, url: 'http://users.test/api/v2/users', message: 'It answered 500', answer }],
    });
    expect(world.runLog.events).toMatchObject([{ state: 'failed', users: 0, api_calls: 3, errors: 1 }]);
    expect(world.runLog.lines).toMatchObject([
      { level: 'ERROR', message: 'Page failed', reason: 'It answered 500', status: 500, receive: 1 },
      { message: 'Page failed', receive: 2 },
      { message: 'Page failed for the last time', receive: 3 },
    ]);
  });

  it('is mended when its message is redriven and works', async () => {
    const { world, message } = await started();
    world.api.failures.push(new SourceUnavailable('It answered 500'));
    await workOnUsersPage(world)(message, last);
    expect(await workOnUsersPage(world)(message, first)).toMatchObject({ outcome: 'written' });
    expect(await theRun(world)).toMatchObject({
      state: 'succeeded',
      counts: { requests: 2, rows_read: 3, errors: 0 },
      users: { new: 3 },
      errors: [],
    });
    expect(world.runLog.events).toHaveLength(1);
  });

  it('goes to the dead letters too when asking again would not help', async () => {
    const { world, message } = await started();
    world.api.failures.push(new SourceRefused('It answered 404'), new SourceRefused('It answered 404'));
    expect(await workOnUsersPage(world)(message, first)).toMatchObject({ decision: 'retry', last: false });
    expect(await workOnUsersPage(world)(message, last)).toMatchObject({ decision: 'retry', last: true });
    expect(await theRun(world)).toMatchObject({ errors: [{ message: 'It answered 404' }] });
  });

  it('spends no receive when the source asks to wait, and everybody waits', async () => {
    const { world, messages } = await started(2);
    world.api.failures.push(new SourceThrottled('429', world.clock() + 60_000, 'users.test'));
    expect(await workOnUsersPage(world)(messages[0]!, last)).toMatchObject({ decision: 'defer' });
    expect(await workOnUsersPage(world)(messages[1]!, last)).toMatchObject({ decision: 'defer' });
    expect(world.asked).toHaveLength(1);
    expect(world.queue.sent.map(({ message }) => message)).toEqual(messages);
    for (const { delay_s } of world.queue.sent) expect(delay_s).toBeGreaterThanOrEqual(60);
    expect(await theRun(world)).toMatchObject({ state: 'running', counts: { requests: 1 } });
  });

  it('counts what was written of it, and is written to its end later', async () => {
    const { world, message } = await started();
    const write = world.users.write;
    world.users.write = async (users, options) => {
      const { new: written } = await write(users.slice(1), options);
      return { new: written, overwritten: 0, failed: 1 };
    };
    expect(await workOnUsersPage(world)(message, last)).toMatchObject({ decision: 'retry', last: true });
    expect(await theRun(world)).toMatchObject({
      state: 'failed',
      users: { new: 2, overwritten: 0, failed: 1 },
      counts: { rows_read: 2, rows_published: 2 },
      errors: [{ message: '1 of 3 users of page 1 could not be written in time' }],
    });
    world.users.write = write;
    await workOnUsersPage(world)(message, first);
    expect(await theRun(world)).toMatchObject({
      state: 'succeeded',
      users: { new: 3, overwritten: 0, failed: 0 },
      counts: { rows_read: 3, rows_published: 3 },
    });
    expect(world.asked).toHaveLength(1);
  });

  it('tells nobody what unexpected errors say', async () => {
    const { world, message } = await started();
    world.api.failures.push(new TypeError('cannot read Rolfson'));
    await workOnUsersPage(world)(message, last);
    expect(JSON.stringify([await theRun(world), world.runLog.lines])).not.toContain('Rolfson');
  });

  it.each([
    ['is no gzip', () => Buffer.from('{}')],
    ['is cut', (kept: Uint8Array) => kept.subarray(0, kept.length - 20)],
    [
      'was sealed with a key that is gone',
      (kept: Uint8Array) =>
        gzipSync(
          gunzipSync(kept)
            .toString()
            .replace(/"key":"/, '$&x'),
        ),
    ],
    [
      'is of another page',
      (kept: Uint8Array) =>
        gzipSync(
          gunzipSync(kept)
            .toString()
            .replace(/"data":".../, '"data":"AAA'),
        ),
    ],
  ])('says so when what was kept of it %s, and is fetched anew when that was deleted', async (_, spoilt) => {
    const { world, message } = await started();
    const write = world.users.write;
    world.users.write = () => Promise.reject(new Error('The process ran out of memory'));
    await workOnUsersPage(world)(message, first);
    world.users.write = write;
    const key = userPageKey('run-1', 1);
    await world.pages.put(key, spoilt((await world.pages.get(key))!));
    expect(await workOnUsersPage(world)(message, last)).toMatchObject({ decision: 'retry', last: true });
    const [error] = (await theRun(world)).errors;
    expect(error!.message).toMatch(/^What was kept of the page cannot be opened \(\w+\)/);
    expect(error!.message).toContain(key);
    expect(world.runLog.lines.at(-1)).toMatchObject({ reason: error!.message });
    await world.pages.delete([key]);
    expect(await workOnUsersPage(world)(message, first)).toMatchObject({ outcome: 'written' });
    expect(await theRun(world)).toMatchObject({ state: 'succeeded', users: { new: 3 }, counts: { requests: 2 } });
  });

  it('goes out at most seventy-five times a minute', async () => {
    const { world, messages } = await started(80, 1);
    const worked = [];
    for (const message of messages) worked.push((await workOnUsersPage(world)(message, first)).decision);
    expect(worked.slice(0, 75)).toEqual(Array(75).fill('done'));
    expect(worked.slice(75)).toEqual(Array(5).fill('defer'));
    world.pass(60_000);
    for (const message of messages.slice(75)) {
      expect(await workOnUsersPage(world)(message, first)).toMatchObject({ outcome: 'written' });
    }
    expect(await theRun(world)).toMatchObject({ state: 'succeeded', counts: { requests: 80 }, users: { new: 80 } });
  });
});

describe('What is about people', () => {
  const secretsOf = ({ password, social_insurance_number, credit_card }: GivenUser) => [
    password,
    social_insurance_number,
    credit_card.cc_number,
  ];

  const unwatched = { audit: { write: async () => {} }, budget: { take: async () => true }, most_unmasked: 1 };

  it('is read by analysts, masked for others, and of a password nothing is left', async () => {
    const { world, message } = await started();
    await workOnUsersPage(world)(message, first);
    const readAs = async (sealed: SealedUser, groups: string[]) =>
      (await readUsers({ ...world, ...unwatched })([sealed], { sub: '1', groups }, 'GET /v1/users'))[0];
    for (const sealed of await stored(world)) {
      const given = world.api.given.find(({ id }) => id === sealed.user.id)!;
      expect(await readAs(sealed, ['readers', 'analysts'])).toEqual({ ...given, password: '***' });
      expect(await readAs(sealed, ['readers', 'operators'])).toEqual({
        ...given,
        password: '***',
        email: 's***@***',
        phone_number: `***-***-**${given.phone_number.slice(-2)}`,
        social_insurance_number: maskSin(given.social_insurance_number),
        credit_card: { cc_number: maskCard(given.credit_card.cc_number) },
      });
      const moved = { ...sealed, user: { ...sealed.user, id: sealed.user.id + 1 } };
      await expect(readAs(moved, ['analysts'])).rejects.toThrow();
    }
  });

  it('is nowhere in the clear: not in the kept page, not in a line, not on the run', async () => {
    const { world, messages } = await started(3, 10);
    for (const message of messages) await workOnUsersPage(world)(message, first);
    const kept = await Promise.all((await world.pages.list('')).map((key) => world.pages.get(key)));
    const clear = kept.map((bytes) => gunzipSync(bytes!).toString());
    const stores = [clear, world.runLog.lines, world.runLog.events, await theRun(world), world.queue.sent];
    const said =
      JSON.stringify(stores) +
      JSON.stringify((await stored(world)).map(({ user: { email: _, phone_number: __, ...user } }) => user));
    for (const user of world.api.given) {
      for (const secret of [...secretsOf(user), user.email, user.phone_number]) expect(said).not.toContain(secret);
    }
    for (const text of clear) expect(text).not.toContain('Rolfson');
    const { users } = await openPage(world.vault, messages[0]!, kept[0]!);
    expect(JSON.stringify(users)).not.toContain(world.api.given[0]!.password);
  });
});
