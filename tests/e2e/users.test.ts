import { gunzipSync } from 'node:zlib';
import { CloudWatchLogsClient, DescribeLogStreamsCommand, GetLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs';
import { GetObjectCommand, ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';
import type { User } from '@granary/domain/user';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { dropState, eventually, newState, type Stack, startStack } from './stack.ts';
import { allUsers, call, endedUsersRun, fetchUsers, json, sortName, type UsersRun } from './users-api.ts';

const groupOf = ({ stage }: Stack) => `/granary/${stage}/users`;

const eventsOf = async (stack: Stack, logStreamName: string): Promise<Record<string, unknown>[]> => {
  const logs = new CloudWatchLogsClient(stack.aws());
  const { events } = await logs.send(
    new GetLogEventsCommand({ logGroupName: groupOf(stack), logStreamName, startFromHead: true, limit: 10_000 }),
  );
  logs.destroy();
  return (events ?? []).map(({ message }) => JSON.parse(message as string));
};

/** Everything that is written down about a stack, as text: logs of the services, log events, objects (unpacked too). */
const everythingWritten = async (stack: Stack): Promise<string> => {
  const pieces = [await stack.serviceLogs()];
  for (const stream of ['Info', 'Error', 'Status', 'Audit']) pieces.push(JSON.stringify(await eventsOf(stack, stream)));
  const s3 = new S3Client({ ...stack.aws(), forcePathStyle: stack.aws().endpoint !== undefined });
  const Bucket = stack.bucket;
  for (const Prefix of ['raw/users/', 'logs/']) {
    const { Contents } = await s3.send(new ListObjectsV2Command({ Bucket, Prefix }));
    if (!Contents?.length) throw new Error(`no object below ${Prefix}`);
    for (const { Key } of Contents) {
      const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key }));
      const bytes = Buffer.from((await Body?.transformToByteArray()) as Uint8Array);
      pieces.push(bytes.toString('latin1'));
      if (Key?.endsWith('.gz')) pieces.push(gunzipSync(bytes).toString());
    }
  }
  s3.destroy();
  return pieces.join('\n');
};

/** One stack for the story of the users; the tests run in this order and build on one another. */
describe('users', () => {
  const state = newState();
  let stack: Stack;
  let run: UsersRun;

  beforeAll(async () => {
    stack = await startStack({ state, args: ['--no-collect'] });
  }, 600_000);
  afterAll(async () => {
    await stack?.stop();
    dropState(state);
  }, 90_000);

  it('were never fetched on a fresh stack: the status is null, the lists are empty', async () => {
    const status = await call(stack, 'reader', '/status');
    expect([status.status, await status.text()]).toEqual([200, 'null']);
    expect(await json(stack, 'reader', '/view-data')).toEqual([]);
    expect(await json(stack, 'reader', '/v1/users')).toEqual({ items: [], next: null });
  });

  it('are fetched by operators only', async () => {
    const tries = { nobody: null, a_reader: 'reader', an_analyst: 'analyst' } as const;
    for (const [who, role] of Object.entries(tries)) {
      const answer = await call(stack, role, '/fetch-data', { users: 300 });
      expect({ who, status: answer.status }).toEqual({ who, status: role === null ? 401 : 403 });
      expect(answer.headers.get('content-type')).toContain('application/problem+json');
    }
    for (const wrong of [{ size: 0 }, { size: 101 }, { size: 'many' }, { users: 0 }, { users: 5, pages: 3 }]) {
      const answer = await call(stack, 'operator', '/fetch-data', wrong);
      expect({ wrong, status: answer.status }).toEqual({ wrong, status: 400 });
    }
    const started = await call(stack, 'operator', '/fetch-data', { users: 950, size: 100 });
    run = (await started.json()) as UsersRun;
    expect({ status: started.status, location: stack.url(started.headers.get('location') as string) }).toEqual({
      status: 202,
      location: stack.url(`/v1/runs/${run.id}`),
    });
    expect(run).toMatchObject({ kind: 'users', state: 'running', parts: 10, asked: { users: 950, size: 100 } });
  });

  it('are counted when they are written, and the status says so', async () => {
    run = await endedUsersRun(stack, run.id);
    expect(run).toMatchObject({ state: 'succeeded', parts_done: 10, errors: [], counts: { requests: 10, errors: 0 } });
    const { rows_read, rows_published, rows_deduplicated, rows_quarantined } = run.counts;
    expect(rows_read).toBe(950);
    expect(rows_published + rows_deduplicated + rows_quarantined).toBe(rows_read);
    expect(run.users.new + run.users.overwritten).toBe(rows_published);
    const status = await json<Record<string, unknown>>(stack, 'reader', '/status');
    expect(status).toEqual({
      users: rows_published,
      api_calls: 10,
      errors: [],
      timestamp: expect.any(Number),
      duration: expect.any(Number),
    });
    expect(await allUsers(stack, 'reader')).toHaveLength(run.users.new);
  });

  it('are listed in alphabetical order, a page at a time, and filtered', async () => {
    const users = await allUsers(stack, 'reader');
    expect(users.map(sortName)).toEqual(users.map(sortName).sort());
    const first = await call(stack, 'reader', '/view-data?limit=10');
    const link = first.headers.get('link') as string;
    expect(link).toMatch(/^<[^>]*\/view-data\?[^>]+>; rel="next"$/);
    expect((await first.json()) as User[]).toEqual(users.slice(0, 10));
    const second = await json<User[]>(stack, 'reader', link.slice(1, link.indexOf('>')));
    expect(second).toEqual(users.slice(10, 20));

    const some = users[Math.floor(users.length / 2)] as User;
    const prefix = some.last_name.slice(0, 2);
    const found = await allUsers(stack, 'reader', `&last_name=${encodeURIComponent(prefix)}`);
    expect(found).toEqual(users.filter((user) => sortName(user).startsWith(sortName({ ...some, last_name: prefix }))));
    const gender = await allUsers(stack, 'reader', `&gender=${encodeURIComponent(some.gender as string)}`);
    expect(gender).toEqual(users.filter((user) => user.gender === some.gender));
    const byId = await json<{ items: User[] }>(stack, 'reader', `/v1/users/${some.id}`);
    expect(byId.items).toContainEqual(some);
    expect((await call(stack, 'reader', '/v1/users/9007199254740991')).status).toBe(404);
    expect((await call(stack, 'reader', '/v1/users/9007199254740992')).status).toBe(400);
  });

  it('are masked for readers and operators, whole for analysts, and nobody sees a password', async () => {
    const [masked, whole, asOperator] = [
      await allUsers(stack, 'reader'),
      await allUsers(stack, 'analyst'),
      await allUsers(stack, 'operator'),
    ];
    expect(asOperator).toEqual(masked);
    for (const [index, user] of masked.entries()) {
      const known = whole[index] as User;
      const sin = known.social_insurance_number as string;
      const card = known.credit_card?.cc_number as string;
      expect(sin).toMatch(/^\d{9}$/);
      expect(user.social_insurance_number).toBe(`***-***-${sin.slice(-3)}`);
      expect(user.credit_card?.cc_number).toBe(`****-****-****-${card.replaceAll(/\D/g, '').slice(-4)}`);
      expect([user.email, user.username]).toEqual([`${known.email?.[0]}***@***`, `${known.username?.[0]}***`]);
      expect(user.phone_number).not.toBe(known.phone_number);
      expect([user.password, known.password]).toEqual(['***', '***']);
    }
    for (const path of ['/view-data', '/v1/users', '/v1/users/1', '/status', '/v1/admin/dead-letters'])
      expect({ path, status: (await call(stack, null, path)).status }).toEqual({ path, status: 401 });
    for (const role of ['reader', 'analyst'] as const)
      expect((await call(stack, role, '/v1/admin/dead-letters')).status).toBe(403);
  });

  it('X4: are noted when an analyst reads them, and nobody else', async () => {
    const before = await eventsOf(stack, 'Audit');
    expect(before.every(({ users }) => Number(users) > 0)).toBe(true);
    await call(stack, 'reader', '/v1/users?limit=5');
    await call(stack, 'operator', '/view-data?limit=5');
    await call(stack, 'analyst', '/view-data?limit=5');
    const sub = JSON.parse(
      Buffer.from((await stack.token('analyst')).split('.')[1] as string, 'base64url').toString(),
    ).sub;
    const lines = (await eventsOf(stack, 'Audit')).slice(before.length);
    expect(lines).toEqual([
      expect.objectContaining({ sub, route: 'GET /view-data', users: 5, UnmaskedReads: 1, UnmaskedUsers: 5 }),
    ]);
  });

  it('leave lines in three of four log streams, and in the log of their run', async () => {
    const logs = new CloudWatchLogsClient(stack.aws());
    const { logStreams } = await logs.send(new DescribeLogStreamsCommand({ logGroupName: groupOf(stack) }));
    logs.destroy();
    expect(logStreams?.map(({ logStreamName }) => logStreamName).sort()).toEqual(['Audit', 'Error', 'Info', 'Status']);
    expect(await eventsOf(stack, 'Error')).toEqual([]);
    const status = await eventually(
      () => eventsOf(stack, 'Status'),
      (events) => events.length > 0,
    );
    expect(status).toHaveLength(1);
    expect(status[0]).toMatchObject({
      run: run.id,
      state: 'succeeded',
      users: run.counts.rows_published,
      api_calls: 10,
    });
    const pages = (events: Record<string, unknown>[]) =>
      events.flatMap((event) => (event.page === undefined ? [] : [Number(event.page)])).sort((a, b) => a - b);
    const ten = Array.from({ length: 10 }, (_, index) => index + 1);
    await eventually(
      () => eventsOf(stack, 'Info'),
      (events) => pages(events).length === 10,
    );
    expect(pages(await eventsOf(stack, 'Info'))).toEqual(ten);
    const { items } = await json<{ items: Record<string, unknown>[] }>(
      stack,
      'reader',
      `/v1/runs/${run.id}/log?limit=100`,
    );
    expect(pages(items)).toEqual(ten);
    expect(items.map(({ time }) => time)).toEqual(items.map(({ time }) => time).sort());
  });

  it('are overwritten by a second fetch that brings the same ones, and one run is one Status event', async () => {
    const before = await allUsers(stack, 'reader');
    const second = await fetchUsers(stack, { users: 500 });
    expect(second.state).toBe('succeeded');
    const after = await allUsers(stack, 'reader');
    expect(after.length).toBe(before.length + second.users.new);
    expect((await json<{ items: object[] }>(stack, 'reader', '/v1/runs?kind=users')).items).toHaveLength(2);
    const status = await eventually(
      () => eventsOf(stack, 'Status'),
      (events) => events.length > 1,
    );
    expect(status.map((event) => event.run)).toEqual([run.id, second.id]);
  });

  it('leave no personal data in logs, log events, objects, runs or the status', async () => {
    const secrets = (await allUsers(stack, 'analyst'))
      .slice(0, 400)
      .flatMap((user) => [
        user.social_insurance_number as string,
        user.credit_card?.cc_number as string,
        user.email as string,
        user.phone_number as string,
      ]);
    expect(new Set(secrets).size).toBeGreaterThan(1000);
    const answers = [
      await (await call(stack, 'operator', '/status')).text(),
      await (await call(stack, 'operator', `/v1/runs/${run.id}`)).text(),
      await (await call(stack, 'operator', `/v1/runs/${run.id}/log?limit=100`)).text(),
      await (await call(stack, 'operator', '/v1/admin/dead-letters')).text(),
    ];
    const written = [await everythingWritten(stack), ...answers].join('\n');
    expect(written).toContain(run.id);
    expect(secrets.filter((secret) => written.includes(secret))).toEqual([]);
    expect(written).not.toMatch(/"password"\s*:\s*"(?!\*\*\*")/);
  });
});
