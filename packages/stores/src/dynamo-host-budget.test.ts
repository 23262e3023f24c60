import { GetCommand, PutCommand } from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { makeDynamoHostBudget } from './dynamo-host-budget.ts';
import { type Emulators, startEmulators } from './testing/emulators.ts';

let emulators: Emulators;
beforeAll(async () => {
  emulators = await startEmulators();
});
afterAll(() => emulators.stop());

const T0 = 1_800_000_000_000;
const key = { pk: 'HOST#example.test', sk: 'BUDGET' };
const burst = { requests_per_minute: 75, burst: 75, within_ms: 0 };

/** Counts what is sent. */
const counting = () => {
  const sent: string[] = [];
  const send = (command: Parameters<Emulators['documents']['send']>[0]) => {
    sent.push(command.constructor.name);
    return emulators.documents.send(command);
  };
  return { sent, client: { send } as never };
};

describe('The budget of a host in DynamoDB', () => {
  it('is read and written once for fifty who ask at the same time, and for all who ask meanwhile', async () => {
    const table = await emulators.createCatalogTable('budget-coalesced');
    const { sent, client } = counting();
    const budget = makeDynamoHostBudget({ client, table, now: () => T0 });
    const takeMany = () => Promise.all(Array.from({ length: 50 }, () => budget.take('Example.test', burst)));
    expect(await takeMany()).toEqual(Array(50).fill({ at: T0 }));
    expect(sent).toEqual(['GetCommand', 'UpdateCommand']);
    sent.length = 0;
    const late = takeMany();
    await new Promise((resolve) => setImmediate(resolve));
    expect((await Promise.all([late, takeMany()])).flat().filter((slot) => 'at' in slot)).toHaveLength(25);
    // The last of them found no slot, so there was nothing to write.
    expect(sent).toEqual(['GetCommand', 'UpdateCommand', 'GetCommand']);
  });

  it('counts a block that comes while slots are being taken', async () => {
    const table = await emulators.createCatalogTable('budget-blocked');
    const other = makeDynamoHostBudget({ client: emulators.documents, table, now: () => T0 });
    let blocked = false;
    const client = {
      send: async (command: Parameters<Emulators['documents']['send']>[0]) => {
        const answer = await emulators.documents.send(command);
        if (command instanceof GetCommand && !blocked) {
          blocked = true;
          await other.block('example.test', T0 + 60_000);
        }
        return answer;
      },
    } as never;
    const budget = makeDynamoHostBudget({ client, table, now: () => T0 });
    expect(await budget.take('example.test', burst)).toEqual({ retry_at: T0 + 60_000 });
  });

  it('goes on from what an earlier release wrote', async () => {
    const table = await emulators.createCatalogTable('budget-before');
    const Item = { ...key, next_slot: T0 + 800, blocked_until: T0 - 1, expires_at: 1 };
    await emulators.documents.send(new PutCommand({ TableName: table, Item }));
    const budget = makeDynamoHostBudget({ client: emulators.documents, table, now: () => T0 });
    expect(await budget.take('example.test', burst)).toEqual({ at: T0 });
  });

  it('tells everybody who asked when the table does not answer, and goes on when it does again', async () => {
    const table = await emulators.createCatalogTable('budget-away');
    let away = true;
    const send = (command: Parameters<Emulators['documents']['send']>[0]) =>
      away ? Promise.reject(new Error('away')) : emulators.documents.send(command);
    const budget = makeDynamoHostBudget({ client: { send } as never, table, now: () => T0 });
    const asked = await Promise.allSettled([1, 2, 3].map(() => budget.take('example.test', burst)));
    expect(asked.map(({ status }) => status)).toEqual(Array(3).fill('rejected'));
    away = false;
    expect(await budget.take('example.test', burst)).toEqual({ at: T0 });
  });
});
