import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import {
  GetQueueAttributesCommand,
  GetQueueUrlCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { begunRun } from '@granary/domain/run';
import { type RunningReplica, startReplica } from '@granary/replica/replica';
import { makeDynamoRunStore } from '@granary/stores/dynamo-run-store';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { EMBRAPA_FILES, endedRun, endOfRun, expectBalanced, listRuns, planNow } from './collecting.ts';
import { needsLocal } from './needs-local.ts';
import { dropState, eventually, newState, type Stack, startStack } from './stack.ts';

const client = (stack: Stack) =>
  new SQSClient({
    endpoint: stack.local.awsEndpoint,
    region: stack.local.region,
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  });

const queueUrl = async (sqs: SQSClient, name: string): Promise<string> =>
  (await sqs.send(new GetQueueUrlCommand({ QueueName: name }))).QueueUrl as string;

const depth = async (sqs: SQSClient, url: string): Promise<number> => {
  const { Attributes } = await sqs.send(
    new GetQueueAttributesCommand({
      QueueUrl: url,
      AttributeNames: ['ApproximateNumberOfMessages', 'ApproximateNumberOfMessagesNotVisible'],
    }),
  );
  return Number(Attributes?.ApproximateNumberOfMessages) + Number(Attributes?.ApproximateNumberOfMessagesNotVisible);
};

/** A run whose planner and workers are gone: its lease is over, and nobody will end it but the sweeper. */
const abandonRun = async (stack: Stack): Promise<string> => {
  const dynamo = new DynamoDBClient({
    endpoint: stack.local.awsEndpoint,
    region: stack.local.region,
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  });
  const client = DynamoDBDocumentClient.from(dynamo, { marshallOptions: { removeUndefinedValues: true } });
  const hour_ago = new Date(Date.now() - 3_600_000).toISOString();
  const run = begunRun({
    id: 'collect-abandoned',
    kind: 'collect',
    source: 'abandoned',
    started_at: hour_ago,
    parts: 1,
    lease_until: hour_ago,
  });
  await makeDynamoRunStore({ client, table: 'granary-local-catalog', now: Date.now }).start(run);
  dynamo.destroy();
  return run.id;
};

needsLocal('it counts on a schedule and a replica of its own').describe('a collection that meets trouble', () => {
  const state = newState();
  let replica: RunningReplica;
  let stack: Stack;
  let abandoned: string;
  beforeAll(async () => {
    replica = await startReplica();
    stack = await startStack({ state, args: ['--no-collect'], env: { GRANARY_EMBRAPA_URL: replica.bases.embrapa } });
    abandoned = await abandonRun(stack);
  }, 600_000);
  afterAll(async () => {
    await stack?.stop();
    await replica?.close();
    dropState(state);
  }, 90_000);

  it('puts a poison message into the dead letters after three tries and publishes its neighbours', async () => {
    const sqs = client(stack);
    const [queue, dlq] = [
      await queueUrl(sqs, 'granary-local-collect'),
      await queueUrl(sqs, 'granary-local-collect-dlq'),
    ];
    await sqs.send(new SendMessageCommand({ QueueUrl: queue, MessageBody: 'this is { not json' }));
    await planNow(stack);
    const run = await endedRun(stack);
    expect(run.state).toBe('succeeded');
    expect(run.versions).toHaveLength(15);
    await eventually(
      () => depth(sqs, dlq),
      (count) => count === 1,
      180_000,
    );
    const { Messages } = await sqs.send(
      new ReceiveMessageCommand({ QueueUrl: dlq, VisibilityTimeout: 0, MessageSystemAttributeNames: ['All'] }),
    );
    expect(Messages?.[0].Body).toBe('this is { not json');
    expect(await depth(sqs, queue)).toBe(0);
  }, 450_000);

  it('waits as Retry-After says: nothing is fetched in between, nothing ends in the dead letters, all is published afterwards', async () => {
    const sqs = client(stack);
    const dlq = await queueUrl(sqs, 'granary-local-collect-dlq');
    const dead = await depth(sqs, dlq);
    const before = (await listRuns(stack))[0];
    replica.setVintage(2024);
    replica.setFaults([{ path: '/download/*', kind: '429', retry_after_s: 12 }]);
    const asked = () => EMBRAPA_FILES.reduce((sum, file) => sum + replica.requestsOf(`/download/${file}.csv`), 0);
    const start = asked();
    await planNow(stack);
    await eventually(
      async () => asked(),
      (count) => count > start,
      60_000,
    );
    // Workers that had asked before the first 429 was known may add a few; after that the host is blocked for all.
    await new Promise((resolve) => setTimeout(resolve, 2_000));
    replica.setFaults([]);
    const early = asked();
    expect(early - start).toBeLessThanOrEqual(10);
    await new Promise((resolve) => setTimeout(resolve, 6_000));
    expect(asked()).toBe(early);
    const run = await endedRun(stack, before);
    expect(run.state).toBe('succeeded');
    expect(run.counts.errors).toBe(0);
    expect(run.versions.length + run.counts.unchanged).toBe(15);
    expectBalanced(run);
    expect(await depth(sqs, dlq)).toBe(dead);
  }, 450_000);

  it('fails a part with its reason when a page of HTML stands where a file was, and serves the version before', async () => {
    const before = (await listRuns(stack))[0];
    const served = await (await stack.get('/producaoCSV')).text();
    replica.setVintage(2025);
    replica.setFaults([{ path: '/download/Producao.csv', kind: 'html' }]);
    await planNow(stack);
    const run = await endedRun(stack, before);
    expect(run.state).toBe('partial');
    expect(run.errors).toHaveLength(1);
    expect(run.errors[0]).toMatchObject({ dataset: 'embrapa_producao', message: expect.stringMatching(/HTML/) });
    expect(await (await stack.get('/producaoCSV')).text()).toBe(served);
    replica.setFaults([]);
  }, 360_000);

  it('closes an abandoned run when the schedule of the sweeper fires', async () => {
    const run = await endOfRun(stack, abandoned, 270_000);
    expect(run.state).toBe('failed');
    expect(run.errors[0].message).toMatch(/no sign of life/);
  }, 360_000);
});

needsLocal('it kills the stack').describe('a collection killed half-way', () => {
  const state = newState();
  // What a failed test leaves running would hold up the whole suite.
  const ends: (() => Promise<unknown>)[] = [];
  afterAll(async () => {
    for (const end of ends.reverse()) await end();
    dropState(state);
  }, 90_000);

  it('is completed by the next start: nothing twice, the counts balance', async () => {
    const replica = await startReplica({ latency_ms: 400 });
    ends.push(replica.close);
    const env = { GRANARY_EMBRAPA_URL: replica.bases.embrapa };
    const killed = await startStack({ state, env, until: (output) => /Collecting/.test(output) });
    ends.push(killed.kill);
    await eventually(
      async () => (await listRuns(killed).catch(() => []))[0],
      (run) => run !== undefined && run.versions.length > 1,
      180_000,
    );
    const before = (await listRuns(killed))[0];
    expect(before.state).toBe('running');
    await killed.kill();

    const started = Date.now();
    const stack = await startStack({ state, env, port: killed.port, args: ['--no-collect'] });
    ends.push(stack.stop);
    const run = await endOfRun(stack, before.id, 180_000);
    process.stdout.write(
      `    completed ${((Date.now() - started) / 1000).toFixed(1)} s after the second start began\n`,
    );
    expect(run).toMatchObject({ state: 'succeeded' });
    expectBalanced(run);
    expect([...new Set(run.versions)]).toHaveLength(15);
    for (const dataset of (await stack.json('/v1/datasets?limit=100')).items) {
      const { items } = await stack.json(`/v1/datasets/${dataset.id}/versions`);
      expect({ id: dataset.id, versions: items.length }).toEqual({ id: dataset.id, versions: 1 });
    }
  }, 720_000);
});
