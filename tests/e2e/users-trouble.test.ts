import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { setReplica } from './collecting.ts';
import { needsLocal } from './needs-local.ts';
import { dropState, eventually, newState, type Stack, startStack } from './stack.ts';
import { call, type DeadLetter, endedUsersRun, fetchUsers, json, type UsersRun } from './users-api.ts';

const deadLetters = (stack: Stack) =>
  json<{ items: DeadLetter[]; total: number }>(stack, 'operator', '/v1/admin/dead-letters?queue=fetch-users&limit=500');

const PATH = '/api/v2/users';

needsLocal('it starts the stack with another rate limit').describe('a fetch of users that meets trouble', () => {
  const state = newState();
  let stack: Stack;
  let run: UsersRun;

  beforeAll(async () => {
    // No limit binds here: what is looked at are failures.
    stack = await startStack({ state, args: ['--no-collect'], env: { GRANARY_USERS_PER_MINUTE: '60000' } });
    await setReplica(stack, { rate_limit: null });
  }, 600_000);
  afterAll(async () => {
    await stack?.stop();
    dropState(state);
  }, 90_000);

  it('accounts for each of 200 pages while 30 % of the calls fail', async () => {
    await setReplica(stack, {
      faults: [
        { path: PATH, kind: '500', rate: 0.1 },
        { path: PATH, kind: 'cut', rate: 0.1 },
        { path: PATH, kind: 'error-200', rate: 0.1 },
      ],
    });
    run = await fetchUsers(stack, { users: 2_000, size: 10 }, 240_000);
    const failed = run.counts.errors;
    process.stdout.write(`    ${run.parts - failed} pages written, ${failed} failed, ${run.counts.requests} calls\n`);
    expect(run).toMatchObject({ parts: 200, parts_done: 200, state: failed > 0 ? 'partial' : 'succeeded' });
    expect(run.counts.rows_read).toBe((200 - failed) * 10);
    expect(run.users.new + run.users.overwritten).toBe(run.counts.rows_published);
    // Every page that was written took one call that worked, every one that failed took three that did not.
    expect(run.counts.requests).toBeGreaterThanOrEqual(200 + 2 * failed);
    const status = await json<{ users: number; api_calls: number; errors: unknown[] }>(stack, 'reader', '/status');
    expect(status).toMatchObject({ users: run.counts.rows_published, api_calls: run.counts.requests });
    expect(status.errors).toHaveLength(failed);
    for (const error of status.errors)
      expect(Object.keys(error as object).sort()).toEqual(['host', 'message', 'response', 'response_content']);
  }, 900_000);

  it('has exactly the pages that never worked among the dead letters, each with its reason', async () => {
    const failedPages = run.errors.map(({ part }) => part).sort((a, b) => a - b);
    const letters = await eventually(
      () => deadLetters(stack),
      ({ items }) => items.length === failedPages.length,
    );
    expect(letters.items.map(({ part }) => part).sort((a, b) => Number(a) - Number(b))).toEqual(failedPages);
    for (const letter of letters.items) {
      expect(letter).toMatchObject({ queue: 'fetch-users', run: run.id });
      expect(letter.receives).toBeGreaterThanOrEqual(3);
      expect(letter.reason).not.toBe('');
    }
    // Looking at them takes nothing away.
    expect((await deadLetters(stack)).items).toHaveLength(failedPages.length);
  }, 180_000);

  it('is complete after the faults are off and a redrive', async () => {
    await setReplica(stack, { faults: [] });
    const redriven = await json<{ redriven: unknown[] }>(stack, 'operator', '/v1/admin/dead-letters/redrive', {
      per_second: 100,
    });
    expect(redriven.redriven).toHaveLength(run.counts.errors);
    const whole = await eventually(
      () => json<UsersRun>(stack, 'reader', `/v1/runs/${run.id}`),
      ({ state: now }) => now === 'succeeded',
    );
    expect(whole).toMatchObject({ parts_done: 200, errors: [], counts: { errors: 0, rows_read: 2_000 } });
    expect(whole.users.new + whole.users.overwritten).toBe(whole.counts.rows_published);
    expect((await deadLetters(stack)).items).toEqual([]);
    expect(await json(stack, 'reader', '/status')).toMatchObject({ users: whole.counts.rows_published, errors: [] });
  }, 360_000);

  it('ends, with the reason, when every page is something else: HTML, 5 MB, nothing usable', async () => {
    await setReplica(stack, { faults: [{ path: PATH, kind: 'html' }] });
    const html = await fetchUsers(stack, { users: 2, size: 1 }, 120_000);
    expect(html).toMatchObject({ state: 'failed', counts: { errors: 2, rows_read: 0 } });
    for (const { answer } of html.errors) {
      expect(answer?.status).toBe(200);
      // Of an answer of status 200 the length and the hash are kept, never the text.
      expect(answer?.content).toMatch(/^\d+ bytes, sha256 [0-9a-f]{64}$/);
    }
    await setReplica(stack, { faults: [{ path: PATH, kind: 'huge', bytes: 5_000_000 }] });
    const huge = await fetchUsers(stack, { users: 100 }, 120_000);
    expect(huge).toMatchObject({ state: 'failed', counts: { errors: 1 } });
    expect(huge.errors[0]?.message).toMatch(/larger than/);

    await setReplica(stack, {
      faults: [
        { path: PATH, kind: 'user-without-id', limit: 1 },
        { path: PATH, kind: 'user-id-2-53', limit: 1 },
        { path: PATH, kind: 'user-text-coordinates', limit: 1 },
      ],
    });
    const odd = await fetchUsers(stack, { users: 100 }, 120_000);
    expect(odd).toMatchObject({ state: 'succeeded', counts: { rows_read: 100, rows_quarantined: 3 } });
    const { items } = await json<{ items: object[] }>(stack, 'reader', `/v1/runs/${odd.id}/log`);
    expect(JSON.stringify(items)).toMatch(/coordinates/);
  }, 900_000);

  it('is not harmed by a poisoned message, which an operator finds without its text', async () => {
    await setReplica(stack, { faults: [] });
    await json(stack, 'operator', '/v1/admin/dead-letters/redrive', {});
    await eventually(
      () => deadLetters(stack),
      ({ items }) => items.length === 0,
    );
    const { awsEndpoint, region } = stack.local;
    const sqs = new SQSClient({
      endpoint: awsEndpoint,
      region,
      credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
    });
    await sqs.send(
      new SendMessageCommand({
        QueueUrl: `${awsEndpoint}/000000000000/granary-local-fetch-users`,
        MessageBody: '{"type":"fetch-users","size":101,"password":"hunter2"',
      }),
    );
    sqs.destroy();
    expect((await fetchUsers(stack, { users: 20, size: 10 })).state).toBe('succeeded');
    const found = await eventually(
      () => call(stack, 'operator', '/v1/admin/dead-letters').then((answer) => answer.text()),
      (text) => JSON.parse(text).items.length === 1,
    );
    expect(found).not.toContain('hunter2');
    expect(JSON.parse(found).items[0]).toMatchObject({ message: null, run: null });
  }, 360_000);

  it('asks nobody for what is out of range, and names the field', async () => {
    const answer = await call(stack, 'operator', '/v1/admin/dead-letters/redrive', { per_second: 1_000 });
    expect(answer.status).toBe(400);
    expect(((await answer.json()) as { errors: { field: string }[] }).errors[0]?.field).toBe('per_second');
    await endedUsersRun(stack, run.id);
  });

  it('X9: takes nothing but an object for one, and names the body', async () => {
    for (const path of ['/fetch-data', '/v1/admin/dead-letters/redrive'])
      for (const body of [null, 0, false, '', [], 'text', 1, true]) {
        const answer = await call(stack, 'operator', path, body);
        const { errors } = (await answer.json()) as { errors?: { field: string; message: string }[] };
        expect({ path, body, status: answer.status, errors }).toEqual({
          ...{ path, body, status: 400 },
          errors: [{ field: 'body', message: 'must be object' }],
        });
      }
  });
});
