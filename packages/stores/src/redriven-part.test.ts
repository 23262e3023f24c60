import { DeleteMessageCommand, ReceiveMessageCommand } from '@aws-sdk/client-sqs';
import { SourceUnavailable } from '@granary/domain/errors';
import { CollectMessage } from '@granary/domain/messages/collect';
import { type Worked, workOnPart } from '@granary/domain/use-cases/collect/work-on-part';
import { listDeadLetters } from '@granary/domain/use-cases/dead-letters/list-dead-letters';
import { redriveDeadLetters } from '@granary/domain/use-cases/dead-letters/redrive-dead-letters';
import { message } from '@granary/domain/use-cases/testing/figures-source';
import { makeWorld } from '@granary/domain/use-cases/testing/world';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { makeDynamoRunStore } from './dynamo-run-store.ts';
import { makeSqsDeadLetters } from './sqs-dead-letters.ts';
import { makeSqsQueue } from './sqs-queue.ts';
import { type Emulators, startEmulators } from './testing/emulators.ts';

let emulators: Emulators;
beforeAll(async () => {
  emulators = await startEmulators();
});
afterAll(() => emulators.stop());

/** Ingestion whose run and queue are real; what is left to the queue comes back at once. */
const makeStack = async () => {
  const { url, deadLetters } = await emulators.createQueue('redriven-collect');
  const queue = makeSqsQueue<CollectMessage>({ client: emulators.sqs, url });
  const world = makeWorld();
  const runs = makeDynamoRunStore({
    client: emulators.documents,
    table: await emulators.createCatalogTable('redriven-runs'),
    now: world.clock,
  });
  Object.assign(world, { runs, queue, changeVisibility: (receipt: string) => queue.changeVisibility(receipt, 0) });
  await world.startRun('run-1');
  await queue.send([message('run-1')]);

  /** Receives one message and works on it. */
  const work = async (): Promise<Worked | undefined> => {
    const names = ['ApproximateReceiveCount' as const];
    const { Messages } = await emulators.sqs.send(
      new ReceiveMessageCommand({ QueueUrl: url, MessageSystemAttributeNames: names }),
    );
    const [received] = Messages ?? [];
    if (!received) return undefined;
    const receipt_handle = received.ReceiptHandle!;
    const receive_count = Number(received.Attributes!.ApproximateReceiveCount);
    const body = CollectMessage.parse(JSON.parse(received.Body!));
    const worked = await workOnPart(world)(body, { receive_count, receipt_handle, memory_gb: 1 });
    if (worked.decision !== 'retry') {
      await emulators.sqs.send(new DeleteMessageCommand({ QueueUrl: url, ReceiptHandle: receipt_handle }));
    }
    return worked;
  };
  const queues = { collect: { url, dead_letters_url: deadLetters }, 'fetch-users': { url, dead_letters_url: url } };
  return { world, runs, work, letters: makeSqsDeadLetters({ client: emulators.sqs, queues }) };
};

describe('A part that failed for the last time', () => {
  it('is worked on again when its message is redriven, and its run forgets the failure but not the requests', async () => {
    const { world, runs, work, letters } = await makeStack();
    const answer = { host: 'figures.test', status: 500, content: 'Oops' };
    world.source.failures.push(
      ...Array.from({ length: 9 }, () => new SourceUnavailable('It answered 500', { answer })),
    );
    for (const last of [false, false, true]) expect(await work()).toMatchObject({ decision: 'retry', last });
    expect(await work()).toBeUndefined();
    expect(await runs.getRun('run-1')).toMatchObject({
      state: 'failed',
      counts: { requests: 9, errors: 1 },
      errors: [{ part: 1, message: 'It answered 500', answer }],
    });
    const { items, total } = await listDeadLetters({ letters, runs })({ queue: 'collect', limit: 10 });
    expect(total).toBe(1);
    expect(items).toMatchObject([{ message: message('run-1'), reason: 'It answered 500', answer, receives: 3 }]);

    world.pass(24 * 3_600_000);
    const redrive = redriveDeadLetters({ letters, clock: world.clock });
    expect(await redrive({ queue: 'collect', per_second: 5, limit: 10 })).toMatchObject({
      redriven: [{ id: items[0]!.id, delay_s: 0 }],
      left: 0,
    });
    expect(await work()).toMatchObject({ outcome: 'published' });
    expect(await letters.count('collect')).toBe(0);
    expect(await work()).toBeUndefined();
    expect(await runs.getRun('run-1')).toMatchObject({
      state: 'succeeded',
      counts: { requests: 10, errors: 0, rows_read: 2, rows_published: 2 },
      versions: ['test_wine@1'],
      errors: [],
    });
  });
});
