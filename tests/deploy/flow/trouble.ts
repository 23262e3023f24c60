/** Steps that break something, and see it mended. */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { GetFunctionConfigurationCommand, UpdateFunctionConfigurationCommand } from '@aws-sdk/client-lambda';
import { SendMessageCommand } from '@aws-sdk/client-sqs';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { begunRun } from '@granary/domain/run';
import { makeDynamoRunStore } from '@granary/stores/dynamo-run-store';
import { type Cloud, until } from '../cloud.ts';
import { grantsOf, nameOf, without } from '../grants.ts';
import { renew } from '../renew.ts';

import { collect, ended, nextEdition, type Run, type Step } from './world.ts';

export const failing: Step = {
  name: 'keeps what it cannot work on as dead letters, and tries them again when it is told to',
  run: async ({ cloud }) => {
    for (const name of ['collect', 'fetch-users'])
      await cloud.clients.sqs.send(
        new SendMessageCommand({ QueueUrl: await cloud.queue(`${name}-dlq`), MessageBody: `{"for":"${name}"}` }),
      );
    const letters = () => cloud.json<{ items: { id: string }[] }>('/v1/admin/dead-letters');
    await until(letters, ({ items }) => items.length >= 2, 30_000);
    const { redriven } = await cloud.json<{ redriven: object[] }>('/v1/admin/dead-letters/redrive', {
      body: { per_second: 100 },
    });
    assert.ok(redriven.length >= 2, JSON.stringify(redriven));
  },
};

/** While `run` runs, the function may not make this call on what is so named: as if the service failed. */
const refusing = async <T>(
  cloud: Cloud,
  id: string,
  action: string,
  place: RegExp,
  run: () => Promise<T>,
): Promise<T> => {
  const grants = await grantsOf(cloud);
  const grant = grants.find((one) => one.role.includes(`-${id}-`) && one.action === action && place.test(nameOf(one)));
  assert.ok(grant, `${id} has no grant of ${action} on ${place}`);
  return without(cloud, grant, run);
};

export const retrying: Step = {
  name: 'waits where a source asks it to, and goes on with what it has when a store fails',
  run: async (world) => {
    const { cloud, replica } = world;
    nextEdition(world);
    // More pages than may be asked for while the source wants to be left alone.
    replica.setFaults([
      { path: '/api/v2/users', kind: '429', retry_after_s: 14, limit: 1 },
      { path: '/download/Producao.csv', kind: '429', retry_after_s: 14, limit: 1 },
    ]);
    const users = await cloud.json<Run>('/fetch-data', { body: { users: 4, size: 2 } });
    assert.equal((await collect(world)).state, 'succeeded');
    assert.equal((await ended(cloud, users.id)).state, 'succeeded');

    // A page that was fetched and could not be written is not fetched again: it was kept.
    const asked = replica.requestsOf('/api/v2/users');
    const page = await refusing(cloud, 'fetch-users', 'dynamodb:UpdateItem', /granary-\w+-users$/, async () => {
      const run = await cloud.json<Run>('/fetch-data', { body: { users: 2, size: 2 } });
      await until(
        async () => replica.requestsOf('/api/v2/users'),
        (requests) => requests > asked,
      );
      await sleep(1000);
      // Another container opens what was kept: this one still has the key at hand.
      await renew(cloud, `granary-ingestion-${cloud.stage}-fetch-users`);
      return run;
    });
    assert.equal((await ended(cloud, page.id)).state, 'succeeded');
    assert.equal(replica.requestsOf('/api/v2/users'), asked + 1);
  },
};

/**
 * A run whose planner and workers are gone. A minute old, so that it is among the newest, of which the sweeper tells,
 * however often this is done.
 */
const abandon = async ({ clients, stage }: Cloud, kind: 'users' | 'collect', source: string): Promise<string> => {
  const minute_ago = new Date(Date.now() - 60_000).toISOString();
  const client = DynamoDBDocumentClient.from(clients.dynamo, { marshallOptions: { removeUndefinedValues: true } });
  const times = { started_at: minute_ago, lease_until: minute_ago };
  const run = begunRun({ id: `${kind}-abandoned-${randomUUID()}`, kind, source, parts: 1, ...times });
  const started = await makeDynamoRunStore({ client, table: `granary-${stage}-catalog`, now: Date.now }).start(run);
  assert.ok(started.started, `${source} has a run already`);
  return run.id;
};

export const ending: Step = {
  name: 'ends runs that nobody works on any more: when the next one starts, and when they are swept',
  run: async (world) => {
    const { cloud } = world;
    const state = async (id: string) => (await cloud.json<Run>(`/v1/runs/${id}`)).state;
    const fetched = await abandon(cloud, 'users', 'random_users');
    await ended(cloud, (await cloud.json<Run>('/fetch-data', { body: { users: 1 } })).id);
    const planned = await abandon(cloud, 'users', 'random_users');
    await ended(cloud, (await cloud.invoke('ingestion', 'plan-users', { force: true, users: 1 })).run.id);
    const collected = await abandon(cloud, 'collect', 'embrapa');
    await collect(world);
    const asked = await abandon(cloud, 'collect', 'embrapa');
    await ended(cloud, (await cloud.json<Run>('/v1/admin/sources/embrapa/collect', { method: 'POST' })).id);
    const swept = await abandon(cloud, 'users', 'random_users');
    await cloud.invoke('ingestion', 'sweep', {});
    for (const id of [fetched, planned, collected, asked, swept]) assert.equal(await state(id), 'failed', id);
  },
};

export const giving: Step = {
  name: 'gives up what fails three times, with its reason, and mends the run when it is told to try again',
  run: async ({ cloud, replica }) => {
    replica.setFaults([{ path: '/api/v2/users', kind: 'html' }]);
    const { id } = await cloud.json<Run>('/fetch-data', { body: { users: 1 } });
    assert.equal((await ended(cloud, id)).state, 'failed');
    replica.setFaults([]);
    await until(
      () => cloud.json<{ items: { run: string }[] }>('/v1/admin/dead-letters'),
      ({ items }) => items.some(({ run }) => run === id),
    );
    await cloud.json('/v1/admin/dead-letters/redrive', { body: { per_second: 100 } });
    await until(
      () => cloud.json<Run>(`/v1/runs/${id}`),
      ({ state }) => state === 'succeeded',
    );
  },
};

export const stopping: Step = {
  name: 'stops queries: those that an analyst gives up, and those that run too long',
  run: async ({ cloud }) => {
    const slow = async (): Promise<string> => {
      const table = 'embrapa_exp_uva';
      const sql = `SELECT sum(length(a.country || b.country)) + ${Math.floor(Math.random() * 1000)} AS n FROM ${table} a CROSS JOIN ${table} b CROSS JOIN embrapa_exp_suco c WHERE c.line = 3 AND c.year < 1972`;
      const query = await cloud.json('/v1/query', { body: { sql }, headers: { prefer: 'respond-async' } });
      assert.match(query.state, /queued|running/, JSON.stringify(query));
      return query.id;
    };
    const given = await slow();
    const { state } = await cloud.json(`/v1/query/${given}`, { method: 'DELETE' });
    assert.match(state, /cancelled|running/);

    const FunctionName = `granary-ingestion-${cloud.stage}-sweep`;
    const { Environment } = await cloud.clients.lambda.send(new GetFunctionConfigurationCommand({ FunctionName }));
    const within = (seconds: string) =>
      cloud.clients.lambda.send(
        new UpdateFunctionConfigurationCommand({
          FunctionName,
          Environment: { Variables: { ...Environment?.Variables, SQL_SECONDS: seconds } },
        }),
      );
    const overdue = await slow();
    await within('1');
    try {
      await sleep(1500);
      await cloud.invoke('ingestion', 'sweep', {});
    } finally {
      await within(Environment?.Variables?.SQL_SECONDS as string);
    }
    const answered = async () => (await cloud.ask(`/v1/query/${overdue}`)).text();
    await until(answered, (text) => /cancel|stopped/i.test(text), 20_000);
  },
};
