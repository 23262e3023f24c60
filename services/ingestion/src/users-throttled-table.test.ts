import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { DynamoDBClient, ProvisionedThroughputExceededException } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { startReplica } from '@granary/replica/replica';
import { namingCalls } from '@granary/runtime/naming-calls';
import { makeDynamoUserStore } from '@granary/stores/dynamo-user-store';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { expectNothingPersonal } from './testing/personal-data.ts';
import { randomOf, startUsersSource, type UsersTestSource } from './testing/users-source.ts';
import { startUsersStack, type UsersStack } from './testing/users-stack.ts';

jest.setTimeout(90_000);

let replica: Awaited<ReturnType<typeof startReplica>>;
let source: UsersTestSource;
let stack: UsersStack;
beforeAll(async () => {
  replica = await startReplica({ port: 0 });
  source = await startUsersSource(replica.bases.users);
  stack = await startUsersStack(source.url);
});
afterAll(async () => {
  await stack?.stop();
  await source?.close();
  await replica?.close();
});

/** A table that is too busy whenever `busy` says so: what is left of the error after the SDK's own attempts. */
const throttledStore = (busy: () => boolean) => {
  const client = new DynamoDBClient({});
  client.middlewareStack.add(
    (next) => async (args) => {
      if (busy()) throw new ProvisionedThroughputExceededException({ message: 'Slow down', $metadata: {} });
      return next(args);
    },
    { step: 'initialize' },
  );
  return makeDynamoUserStore({ client: DynamoDBDocumentClient.from(client), table: stack.env.USERS_TABLE! });
};

describe('A table of users that is too busy for a while', () => {
  it('costs time, and not one user', async () => {
    const random = randomOf(7);
    let refused = 0;
    const users = throttledStore(() => {
      if (refused >= 200 || random() < 0.5) return false;
      refused += 1;
      return true;
    });
    const run = await stack.fetch({ users: 200, size: 50 }, { overrides: { users } });
    expect(refused).toBeGreaterThan(100);
    expect(run).toMatchObject({ state: 'succeeded', users: { failed: 0 }, counts: { requests: 4, rows_read: 200 } });
    expect(run.users!.new + run.users!.overwritten).toBe(run.counts.rows_published);
  });

  it('has the pages written once more, and not fetched, when it takes too long', async () => {
    const before = (await stack.itemsOf('users')).length;
    const asked = source.requests();
    const [busy, free] = [throttledStore(() => true), throttledStore(() => false)];
    // The first time that a page is to be written the table is too busy for as long as there is time for it.
    const tried = new Set<string>();
    const write: typeof free.write = (users, { origin, deadline }) => {
      if (tried.has(origin)) return free.write(users, { origin, deadline });
      tried.add(origin);
      return busy.write(users, { origin, deadline: Date.now() + 300 });
    };
    const run = await stack.fetch({ users: 60, size: 20 }, { overrides: { users: { write } } });
    expect(run).toMatchObject({ state: 'succeeded', errors: [], users: { failed: 0 }, counts: { requests: 3 } });
    expect(source.requests() - asked).toBe(3);
    expect(run.users!.new + run.users!.overwritten).toBe(run.counts.rows_published);
    expect((await stack.itemsOf('users')).length - before).toBe(run.users!.new);
    expect(stack.lines.filter((line) => line.includes('UsersNotWritten')).length).toBeGreaterThan(0);
  });
});

describe('A table of users that the worker may not write to', () => {
  const DENIED =
    'User: arn:aws:sts::000000000000:assumed-role/fetch-users is not authorized to perform: dynamodb:UpdateItem on resource: arn:aws:dynamodb:us-east-1:000000000000:table/granary-local-users';
  /** Answers every call as DynamoDB does when IAM says no. */
  const denyingStore = async () => {
    const server = createServer((_, response) => {
      response.writeHead(400, { 'content-type': 'application/x-amz-json-1.0', 'x-amzn-requestid': 'OF-THE-DENIAL' });
      response.end(JSON.stringify({ __type: 'com.amazon.coral.service#AccessDeniedException', Message: DENIED }));
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const client = namingCalls(
      new DynamoDBClient({ endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, maxAttempts: 1 }),
    );
    const table = stack.env.USERS_TABLE!;
    const close = () => {
      client.destroy();
      server.closeAllConnections();
      server.close();
    };
    return { users: makeDynamoUserStore({ client: DynamoDBDocumentClient.from(client), table }), close };
  };

  it('has the log say which call was denied, of what and by which grant, and nothing of a person', async () => {
    const { users, close } = await denyingStore();
    const before = stack.lines.length;
    const failures = () =>
      stack.lines
        .slice(before)
        .filter((line) => line.includes('message failed'))
        .map((line) => JSON.parse(line));
    // The workers of the test before are still at the queue.
    await stack.workUntil(async () => true, { overrides: { users } });
    const { run } = await stack.plan({ force: true, users: 10, size: 10 });
    await stack.workUntil(async () => failures().length > 0, { overrides: { users } });
    // With the grant back, nothing is lost.
    await stack.workUntil(async () => (await stack.runOf(run!.id)).state === 'succeeded');
    close();
    const failed = failures();
    expect(failed.length).toBeGreaterThan(0);
    expect(failed[0].error).toEqual({
      name: 'AccessDeniedException',
      message: DENIED,
      operation: 'DynamoDB UpdateItem',
      status: 400,
      request_id: 'OF-THE-DENIAL',
      stack: expect.stringContaining('AccessDeniedException'),
    });
    await expectNothingPersonal(stack, source.given);
  });
});
