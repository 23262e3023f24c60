import { makeMemoryDeadLetters } from '@granary/stores/memory-dead-letters';
import { describe, expect, it } from '@jest/globals';
import { SourceRefused } from '../../errors.ts';
import type { FetchUsersMessage } from '../../messages/fetch-users.ts';
import { failPart } from '../runs/fail-part.ts';
import { message } from '../testing/figures-source.ts';
import { makeWorld } from '../testing/world.ts';
import { listDeadLetters } from './list-dead-letters.ts';
import { redriveDeadLetters } from './redrive-dead-letters.ts';

const page = (part: number): FetchUsersMessage => ({
  type: 'fetch-users',
  run: 'run-1',
  part,
  size: 100,
  enqueued_at: '2026-11-20T08:00:00.000Z',
});
const person = JSON.stringify({ ...page(4), email: 'ada@email.com', social_insurance_number: '123456652' });

const failedWorld = async () => {
  const world = makeWorld();
  await world.startRun('run-1', { parts: 5 });
  const letters = makeMemoryDeadLetters({ now: world.clock });
  const answer = { host: 'users.test', status: 404, content: 'No such page' };
  const error = new SourceRefused('It answered 404', { answer });
  await failPart(world)(message('run-1', 2), { receive_count: 3, receipt_handle: 'r', memory_gb: 1 }, error, {
    requests: 1,
    dataset: null,
    url: null,
    stop_is_dead_letter: true,
  });
  return { world, letters, answer };
};

describe('Dead letters', () => {
  it('say what failed, why, when and how often', async () => {
    const { world, letters, answer } = await failedWorld();
    const id = letters.add('fetch-users', JSON.stringify(page(2)));
    const { items, total } = await listDeadLetters({ letters, runs: world.runs })({ limit: 10 });
    expect(total).toBe(1);
    expect(items).toEqual([
      {
        id,
        queue: 'fetch-users',
        run: 'run-1',
        part: 2,
        message: page(2),
        body_bytes: JSON.stringify(page(2)).length,
        body_sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
        reason: 'It answered 404',
        answer,
        failed_at: '2026-11-20T08:00:00.000Z',
        sent_at: '2026-11-20T08:00:00.000Z',
        receives: 3,
      },
    ]);
  });

  it.each([
    ["somebody else's members", person],
    ['a message of another queue', JSON.stringify(message('run-1', 2))],
    ['nothing readable', '{"email":"ada@email.com'],
  ])('show no body that has %s', async (_, body) => {
    const { world, letters } = await failedWorld();
    letters.add('fetch-users', body);
    const { items } = await listDeadLetters({ letters, runs: world.runs })({ limit: 10 });
    expect(items).toMatchObject([{ message: null, body_bytes: body.length }]);
    expect(items[0]!.reason).toContain('The body is no message of this queue');
    expect(JSON.stringify(items)).not.toContain('ada@email.com');
  });

  it('whose run knows of no failure say so', async () => {
    const { world, letters } = await failedWorld();
    letters.add('fetch-users', JSON.stringify(page(3)));
    letters.add('fetch-users', JSON.stringify({ ...page(3), run: 'gone' }));
    const { items } = await listDeadLetters({ letters, runs: world.runs })({ limit: 10 });
    for (const item of items) expect(item).toMatchObject({ failed_at: null, receives: 4 });
    expect(items[0]!.reason).toContain('knows of no failure');
  });

  it('stay where they are when they are looked at, also when looking fails', async () => {
    const { world, letters } = await failedWorld();
    for (let part = 1; part <= 5; part++) letters.add('collect', JSON.stringify(message('run-1', part)));
    const list = listDeadLetters({ letters, runs: world.runs });
    expect((await list({ limit: 3 })).items).toHaveLength(3);
    const broken = { failuresOf: () => Promise.reject(new Error('the table is away')) };
    await expect(listDeadLetters({ letters, runs: broken })({ limit: 5 })).rejects.toThrow('the table is away');
    expect(await list({ limit: 10 })).toMatchObject({ total: 5, items: Array(5).fill({ queue: 'collect' }) });
    expect((await list({ queue: 'fetch-users', limit: 10 })).items).toEqual([]);
  });
});

describe('Redriving dead letters', () => {
  it('sends messages anew, so many a second, as if they had just begun to wait', async () => {
    const { world, letters } = await failedWorld();
    for (let part = 1; part <= 5; part++) letters.add('fetch-users', JSON.stringify(page(part)));
    world.pass(86_400_000);
    const redrive = redriveDeadLetters({ letters, clock: world.clock });
    const { redriven, not_found, left } = await redrive({ per_second: 2, limit: 100 });
    expect(redriven.map(({ delay_s }) => delay_s)).toEqual([0, 0, 1, 1, 2]);
    expect([not_found, left]).toEqual([[], 0]);
    const enqueued_at = '2026-11-21T08:00:00.000Z';
    expect(letters.sent.map(({ body }) => JSON.parse(body))).toEqual(
      [1, 2, 3, 4, 5].map((part) => ({ ...page(part), enqueued_at })),
    );
    expect(await letters.count('fetch-users')).toBe(0);
  });

  it('takes only those that were named, and leaves the others to be seen', async () => {
    const { world, letters } = await failedWorld();
    const ids = [1, 2, 3].map((part) => letters.add('fetch-users', JSON.stringify(page(part))));
    const redrive = redriveDeadLetters({ letters, clock: world.clock });
    const answer = await redrive({ ids: [ids[1]!, 'none'], per_second: 1, limit: 100 });
    expect(answer).toEqual({
      redriven: [{ id: ids[1], queue: 'fetch-users', delay_s: 0 }],
      not_found: ['none'],
      left: 2,
    });
    expect(await letters.receive('fetch-users', { limit: 10, hide_s: 1 })).toHaveLength(2);
  });

  it('sends what it cannot read as it is, and leaves what would have to wait for more than a quarter of an hour', async () => {
    const { world, letters } = await failedWorld();
    letters.add('collect', 'not json');
    for (let part = 1; part <= 100; part++) letters.add('collect', JSON.stringify(message('run-1', part)));
    const redrive = redriveDeadLetters({ letters, clock: world.clock });
    const { redriven, left } = await redrive({ per_second: 0.1, limit: 1000 });
    expect([redriven.length, redriven.at(-1)!.delay_s, left]).toEqual([91, 900, 10]);
    expect(letters.sent[0]!.body).toBe('not json');
    expect(await letters.receive('collect', { limit: 100, hide_s: 1 })).toHaveLength(10);
  });

  it('releases what could not be sent', async () => {
    const { world, letters } = await failedWorld();
    letters.add('collect', JSON.stringify(message('run-1')));
    const broken = { ...letters, redrive: () => Promise.reject(new Error('SQS is away')) };
    const redrive = redriveDeadLetters({ letters: broken, clock: world.clock });
    await expect(redrive({ per_second: 1, limit: 10 })).rejects.toThrow('SQS is away');
    expect(await letters.receive('collect', { limit: 10, hide_s: 1 })).toHaveLength(1);
  });
});
