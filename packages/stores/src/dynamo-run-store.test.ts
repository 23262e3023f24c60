import { DeleteCommand, GetCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { planCollection } from '@granary/domain/use-cases/collect/plan-collection';
import { makeWorld } from '@granary/domain/use-cases/testing/world';
import { makeUsersWorld } from '@granary/domain/use-cases/users/testing/users-world';
import { workOnUsersPage } from '@granary/domain/use-cases/users/work-on-users-page';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { makeDynamoRunStore } from './dynamo-run-store.ts';
import { type Emulators, startEmulators } from './testing/emulators.ts';

let emulators: Emulators;
beforeAll(async () => {
  emulators = await startEmulators();
});
afterAll(() => emulators.stop());

type Command = Parameters<Emulators['documents']['send']>[0];
const through = (send: (command: Command, go: () => Promise<unknown>) => Promise<unknown>) =>
  ({ send: (command: Command) => send(command, () => emulators.documents.send(command)) }) as never;

describe('Runs in DynamoDB, where a start is two writes', () => {
  it('that a planner took the source for and died are gone on with at the next look, and not a day later', async () => {
    const table = await emulators.createCatalogTable('died-inside-start');
    const world = makeWorld();
    let dead = false;
    const client = through(async (command, go) => {
      if (dead) throw new Error('died');
      const answer = await go();
      dead = command instanceof UpdateCommand;
      return answer;
    });
    const mortal = makeDynamoRunStore({ client, table, now: world.clock });
    await expect(planCollection({ ...world, runs: mortal })({})).rejects.toThrow('died');
    world.pass(300_000);
    const runs = makeDynamoRunStore({ client: emulators.documents, table, now: world.clock });
    expect((await planCollection({ ...world, runs })({})).runs).toMatchObject([{ state: 'running', parts: 2 }]);
    expect(world.queue.sent).toHaveLength(2);
  });

  it('that show a sign of life while they are being closed as overdue go on, and keep their source', async () => {
    const table = await emulators.createCatalogTable('sign-of-life');
    const world = makeWorld();
    const runs = makeDynamoRunStore({ client: emulators.documents, table, now: world.clock });
    const { id } = (await planCollection({ ...world, runs })({})).runs[0]!;
    world.pass(16 * 60_000);
    const overdue = new Date(world.clock()).toISOString();
    const client = through(async (command, go) => {
      if (command instanceof UpdateCommand) await runs.extendLease(id, new Date(world.clock() + 900_000).toISOString());
      return go();
    });
    const late = makeDynamoRunStore({ client, table, now: world.clock });
    expect(await late.closeOverdue(overdue)).toEqual([]);
    expect(await runs.getRun(id)).toMatchObject({ state: 'running', errors: [] });
    world.pass(16 * 60_000);
    const other = { ...(await runs.getRun(id))!, id: 'another' };
    expect(await late.start(other)).toMatchObject({ started: false, running: { id } });
  });

  it('whose thousand pages come and are deferred at once write a lease once a minute, for one item takes few writes', async () => {
    const table = await emulators.createCatalogTable('herd');
    const world = makeWorld();
    const runs = makeDynamoRunStore({ client: emulators.documents, table, now: world.clock });
    const { id } = (await planCollection({ ...world, runs })({})).runs[0]!;
    let writes = 0;
    const client = through((command, go) => {
      if (command instanceof UpdateCommand) writes += 1;
      return go();
    });
    const container = makeDynamoRunStore({ client, table, now: world.clock });
    const later = (ms: number) => new Date(world.clock() + ms).toISOString();
    const lease = async () => Date.parse((await runs.getRun(id))!.lease_until);
    await container.extendLease(id, later(900_000));
    for (let ms = 0; ms < 59_000; ms += 59) await container.extendLease(id, later(900_000 + ms));
    expect({ writes, lease: await lease() }).toEqual({ writes: 1, lease: world.clock() + 900_000 });
    await container.extendLease(id, later(1_000_000));
    expect({ writes, lease: await lease() }).toEqual({ writes: 2, lease: world.clock() + 1_000_000 });
  });

  it('whose worker died between ending the last part and closing are closed, and announced, by the redelivery', async () => {
    const table = await emulators.createCatalogTable('died-inside-end');
    const world = makeUsersWorld();
    const runs = makeDynamoRunStore({ client: emulators.documents, table, now: world.clock });
    Object.assign(world, { runs });
    const [message] = (await world.startRun('run-1')).messages;
    let dead = false;
    const client = through(async (command, go) => {
      if (dead) throw new Error('died');
      const answer = await go();
      dead = command instanceof UpdateCommand && command.input.UpdateExpression!.includes('done :ended');
      return answer;
    });
    const mortal = { ...world, runs: makeDynamoRunStore({ client, table, now: world.clock }) };
    const delivery = { receive_count: 1, receipt_handle: 'receipt', memory_gb: 1 };
    expect(await workOnUsersPage(mortal)(message!, delivery)).toMatchObject({ decision: 'retry', last: false });
    expect(await runs.getRun('run-1')).toMatchObject({ state: 'running', parts_done: 1 });
    expect(await workOnUsersPage(world)(message!, delivery)).toMatchObject({ outcome: 'ended-before' });
    expect(await runs.getRun('run-1')).toMatchObject({
      state: 'succeeded',
      users: { new: 3 },
      counts: { requests: 1 },
    });
    expect(world.runLog.events).toMatchObject([{ run: 'run-1', state: 'succeeded', api_calls: 1 }]);
  });

  it('expire 400 days after their start; a source whose last run has expired runs again', async () => {
    const table = await emulators.createCatalogTable('expired');
    const world = makeWorld();
    const runs = makeDynamoRunStore({ client: emulators.documents, table, now: world.clock });
    const { id, source, started_at } = (await planCollection({ ...world, runs })({})).runs[0]!;
    const place = { TableName: table, Key: { pk: `RUN#${id}`, sk: 'META' } };
    const expires_at = Math.ceil(Date.parse(started_at) / 1000) + 400 * 86_400;
    expect((await emulators.documents.send(new GetCommand(place))).Item).toMatchObject({ expires_at });
    // As DynamoDB does then, and the emulator never.
    await emulators.documents.send(new DeleteCommand(place));
    expect(await runs.listRuns({ limit: 10 })).toEqual({ runs: [], next: null });
    expect(await runs.lastStart(source)).toEqual({ run: id, at: started_at, sent: true });
    expect(await runs.closeOverdue(new Date(world.clock()).toISOString())).toEqual([]);
    world.pass(401 * 86_400_000);
    expect((await planCollection({ ...world, runs })({})).runs).toMatchObject([{ source, state: 'running', parts: 2 }]);
  });
});
