import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  ChangeMessageVisibilityCommand,
  CreateQueueCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { PART_QUEUES, type PartQueue } from '@granary/domain/messages/part';
import { startEmbeddedAws } from '@granary/embedded-aws/embedded-aws';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { deadLettersContract } from './contracts/dead-letters.ts';
import { makeMemoryDeadLetters } from './memory-dead-letters.ts';
import { makeSqsDeadLetters } from './sqs-dead-letters.ts';
import { makeSqsQueue } from './sqs-queue.ts';
import { type Emulators, startEmulators } from './testing/emulators.ts';

let emulators: Emulators;
let made = 0;
beforeAll(async () => {
  emulators = await startEmulators();
});
afterAll(() => emulators.stop());

const createQueues = async () => {
  const prefix = `letters-${++made}`;
  const entries = PART_QUEUES.map(async (name) => {
    const { url, deadLetters } = await emulators.createQueue(`${prefix}-${name}`);
    return [name, { url, dead_letters_url: deadLetters }] as const;
  });
  return Object.fromEntries(await Promise.all(entries)) as Record<PartQueue, { url: string; dead_letters_url: string }>;
};

const receive = async (url: string) =>
  (await emulators.sqs.send(new ReceiveMessageCommand({ QueueUrl: url, MaxNumberOfMessages: 10 }))).Messages ?? [];

const bodiesIn = async (url: string): Promise<string[]> => {
  const bodies: string[] = [];
  for (let page = await receive(url); page.length > 0; page = await receive(url)) {
    bodies.push(...page.map(({ Body }) => JSON.parse(Body!) as string));
  }
  return bodies;
};

deadLettersContract('SQS', async () => {
  const queues = await createQueues();
  const letters = makeSqsDeadLetters({ client: emulators.sqs, queues });
  // The queue writes bodies as JSON.
  return {
    letters: {
      ...letters,
      receive: async (queue, options) =>
        (await letters.receive(queue, options)).map((letter) => ({ ...letter, body: JSON.parse(letter.body) })),
      redrive: (all) => letters.redrive(all.map((one) => ({ ...one, body: JSON.stringify(one.body) }))),
    },
    add: (queue, bodies) =>
      makeSqsQueue<string>({ client: emulators.sqs, url: queues[queue].dead_letters_url }).send(bodies),
    arrived: (queue) => bodiesIn(queues[queue].url),
  };
});

deadLettersContract('The memory store', async () => {
  const letters = makeMemoryDeadLetters();
  return {
    letters,
    async add(queue, bodies) {
      for (const body of bodies) letters.add(queue, body);
    },
    arrived: async (name) =>
      letters.sent.flatMap(({ queue, body, delay_s }) => (queue === name && delay_s === 0 ? [body] : [])),
  };
});

describe('Dead letters in SQS', () => {
  it('are redriven in the trace that they were sent in', async () => {
    // The embedded AWS keeps the header, as SQS does.
    const dir = await mkdtemp(join(tmpdir(), 'granary-traced-letters-'));
    const aws = await startEmbeddedAws({ port: 0, dir });
    const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
    const sqs = new SQSClient({ endpoint: aws.url, region: 'us-east-1', credentials });
    const created = ['collect', 'collect-dlq', 'fetch-users', 'fetch-users-dlq'].map(async (QueueName) => {
      return (await sqs.send(new CreateQueueCommand({ QueueName }))).QueueUrl!;
    });
    const [url, dead_letters_url, ...others] = (await Promise.all(created)) as [string, string, string, string];
    const queues = {
      collect: { url, dead_letters_url },
      'fetch-users': { url: others[0], dead_letters_url: others[1] },
    };
    const header = 'Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1';
    const traced = makeSqsQueue<string>({ client: sqs, url: dead_letters_url, traceHeader: () => header });
    await traced.send(['traced']);
    const letters = makeSqsDeadLetters({ client: sqs, queues });
    const [letter] = await letters.receive('collect', { limit: 10, hide_s: 60 });
    await letters.redrive([{ letter: letter!, body: 'again', delay_s: 0 }]);
    const wanted = new ReceiveMessageCommand({ QueueUrl: url, MessageSystemAttributeNames: ['AWSTraceHeader'] });
    expect((await sqs.send(wanted)).Messages).toMatchObject([
      { Body: 'again', Attributes: { AWSTraceHeader: header } },
    ]);
    sqs.destroy();
    await aws.close();
    await rm(dir, { recursive: true });
  });

  it('are what the queue itself gave up after three receives', async () => {
    const queues = await createQueues();
    const { url } = queues['fetch-users'];
    await emulators.sqs.send(new SendMessageCommand({ QueueUrl: url, MessageBody: 'never works' }));
    for (let count = 1; count <= 3; count++) {
      const [message] = await receive(url);
      const held = { QueueUrl: url, ReceiptHandle: message!.ReceiptHandle! };
      await emulators.sqs.send(new ChangeMessageVisibilityCommand({ ...held, VisibilityTimeout: 0 }));
    }
    expect(await receive(url)).toEqual([]);
    const letters = makeSqsDeadLetters({ client: emulators.sqs, queues });
    expect(await letters.receive('fetch-users', { limit: 10, hide_s: 60 })).toMatchObject([{ body: 'never works' }]);
  });

  const letter = (id: string) => ({
    ...{
      id,
      queue: 'collect' as const,
      body: id,
      sent_at: '',
      receives: 3,
      receipt_handle: `receipt-${id}`,
      memory_gb: 1,
    },
  });
  const queues = {
    collect: { url: 'queue', dead_letters_url: 'dlq' },
    'fetch-users': { url: 'other', dead_letters_url: 'other-dlq' },
  };
  type Call = { name: string; input: Record<string, unknown> & { Entries?: { Id: string }[] } };
  const clientOf = (answer: (call: Call) => unknown) => {
    const calls: Call[] = [];
    const send = async (command: { constructor: { name: string }; input: Call['input'] }) => {
      const call = { name: command.constructor.name, input: command.input };
      calls.push(call);
      return answer(call);
    };
    return { calls, client: { send } as never };
  };

  it('that SQS does not take back are sent again, and are deleted only when they were sent', async () => {
    const { client, calls } = clientOf(({ name, input }) => {
      if (name !== 'SendMessageBatchCommand') return {};
      const Failed = input.Entries!.filter(({ Id }) => Id === '1').map(({ Id }) => ({ Id, Code: 'InternalError' }));
      return { Failed };
    });
    const redriven = ['a', 'b', 'c'].map((id) => ({ letter: letter(id), body: id, delay_s: 0 }));
    await expect(makeSqsDeadLetters({ client, queues }).redrive(redriven)).rejects.toThrow('did not take 1');
    const sends = calls.filter(({ name }) => name === 'SendMessageBatchCommand');
    expect(sends.map(({ input }) => input.Entries!.map(({ Id }) => Id))).toEqual([['0', '1', '2'], ['1'], ['1']]);
    const [deleted] = calls.filter(({ name }) => name === 'DeleteMessageBatchCommand');
    expect(deleted!.input).toEqual({
      QueueUrl: 'dlq',
      Entries: [
        { Id: '0', ReceiptHandle: 'receipt-a' },
        { Id: '2', ReceiptHandle: 'receipt-c' },
      ],
    });
  });

  it('that were received before an error are released again', async () => {
    let asked = 0;
    const { client, calls } = clientOf(({ name }) => {
      if (name !== 'ReceiveMessageCommand') return {};
      if (++asked > 1) throw new Error('SQS is away');
      return { Messages: [{ MessageId: 'a', Body: 'a', ReceiptHandle: 'receipt-a' }] };
    });
    const letters = makeSqsDeadLetters({ client, queues });
    await expect(letters.receive('collect', { limit: 50, hide_s: 60 })).rejects.toThrow('SQS is away');
    expect(calls.at(-1)).toMatchObject({
      name: 'ChangeMessageVisibilityBatchCommand',
      input: { QueueUrl: 'dlq', Entries: [{ ReceiptHandle: 'receipt-a', VisibilityTimeout: 0 }] },
    });
  });

  it('of a size that no batch takes together go in several', async () => {
    const { client, calls } = clientOf(() => ({}));
    const redriven = ['a', 'b', 'c'].map((id) => ({ letter: letter(id), body: id.repeat(100_000), delay_s: 0 }));
    await makeSqsDeadLetters({ client, queues }).redrive(redriven);
    const sends = calls.filter(({ name }) => name === 'SendMessageBatchCommand');
    expect(sends.map(({ input }) => input.Entries!.length)).toEqual([2, 1]);
  });
});
