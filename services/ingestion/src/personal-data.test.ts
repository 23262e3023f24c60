import { SendMessageCommand } from '@aws-sdk/client-sqs';
import { startReplica } from '@granary/replica/replica';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { expectNothingPersonal, personalIn } from './testing/personal-data.ts';
import { type GivenUser, startUsersSource, type UsersTestSource } from './testing/users-source.ts';
import { startUsersStack, type UsersStack } from './testing/users-stack.ts';

jest.setTimeout(60_000);

let replica: Awaited<ReturnType<typeof startReplica>>;
let source: UsersTestSource;
let stack: UsersStack;
beforeAll(async () => {
  replica = await startReplica({ port: 0 });
  source = await startUsersSource(replica.bases.users);
  stack = await startUsersStack(source.url);
  await stack.fetch({ users: 20, size: 10 });
});
afterAll(async () => {
  await stack?.stop();
  await source?.close();
  await replica?.close();
});

type Leak = [where: string, what: (user: GivenUser) => unknown, plant: (word: string) => Promise<unknown>];

/** A test that looks for personal data proves something only if it finds what is there. */
describe('The search for personal data', () => {
  // First, since the leaks stay where they are.
  it('finds none in what a fetch leaves behind', () => expectNothingPersonal(stack, source.given));

  it.each<Leak>([
    [
      'standard output',
      (user) => user.password,
      async (word) => stack.lines.push(JSON.stringify({ level: 'INFO', message: word })),
    ],
    [
      'objects',
      (user) => user.credit_card?.cc_number,
      (word) => stack.objects.put('logs/undated/leak.ndjson', Buffer.from(JSON.stringify({ message: word }))),
    ],
    [
      'events',
      (user) => user.email,
      async (word) => {
        stack.deps.runLog.error('users-20260101t000000-leak', 'A line', { word });
        await stack.deps.runLog.flush();
      },
    ],
    [
      'dead letters',
      (user) => user.phone_number,
      (word) =>
        stack.sqs.send(new SendMessageCommand({ QueueUrl: stack.queueUrl('fetch-users-dlq'), MessageBody: word })),
    ],
    [
      'items of runs',
      (user) => user.social_insurance_number,
      async (word) => {
        const run = (await stack.runs.listRuns({ kind: 'users', limit: 1 })).runs[0]!;
        await stack.runs.start({ ...run, id: `${run.id}x`, source: `leak ${word}`, state: 'running' });
      },
    ],
    [
      'table of users',
      (user) => user.social_insurance_number,
      async (word) => {
        const users = [{ user: { id: 1, last_name: 'Leak', username: word }, sealed: null }];
        await stack.deps.users.write(users, { origin: 'leak/1', deadline: Date.now() + 10_000 });
      },
    ],
  ])('finds a leak in %s', async (where, what, plant) => {
    const word = source.given.map(what).find((value) => typeof value === 'string' && value.length > 6) as string;
    await plant(word);
    expect((await personalIn(stack, source.given))[where]).toContain(word);
  });
});
