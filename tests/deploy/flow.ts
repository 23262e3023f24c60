/**
 * What a deployed stage does, step by step, as its users, operators and schedules make it do it: each function runs
 * under its own role, and does all that it may do. A step can be made again.
 */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { DeleteTableCommand } from '@aws-sdk/client-glue';
import { GetFunctionConfigurationCommand, UpdateFunctionConfigurationCommand } from '@aws-sdk/client-lambda';
import {
  DeleteObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  paginateListObjectsV2,
} from '@aws-sdk/client-s3';
import { SendMessageCommand } from '@aws-sdk/client-sqs';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { begunRun } from '@granary/domain/run';
import type { RunningReplica } from '@granary/replica/replica';
import { makeDynamoRunStore } from '@granary/stores/dynamo-run-store';
import { makeAnswerCheck, operationsOf, readDocument } from '../conformance/answers.ts';
import { type Cloud, until } from './cloud.ts';
import { grantsOf, nameOf, without } from './grants.ts';
import { renew } from './renew.ts';

/** `edition`: how often the publisher has put up other files since the first year of all. */
export type World = { cloud: Cloud; replica: RunningReplica; edition: number };
export type Step = { name: string; run(world: World): Promise<void> };

type Run = {
  id: string;
  state: string;
  versions: string[];
  counts: Record<string, number>;
  errors: { message: string; dataset: string | null }[];
};

const ended = (cloud: Cloud, id: string, limit_ms = 90_000): Promise<Run> =>
  until(
    () => cloud.json<Run>(`/v1/runs/${id}`, { as: 'reader' }),
    ({ state }) => state !== 'running',
    limit_ms,
  );

/** Collects now, and is there when it has ended. */
const collect = async ({ cloud }: World): Promise<Run> => {
  const { runs } = await cloud.invoke('ingestion', 'plan', { force: true });
  assert.equal(runs.length, 1, `one run was to be planned: ${JSON.stringify(runs)}`);
  return ended(cloud, runs[0].id);
};
const FIRST_YEAR = 2023;
/** Figures of years that are still to come are not published. */
const LAST_YEAR = 2025;
const MORE_YEARS = LAST_YEAR - FIRST_YEAR;

/** The next edition of every file: with another year, or with a newest figure that was corrected. */
const nextEdition = (world: World): void => {
  world.edition++;
  world.replica.setFaults([]);
  world.replica.setVintage(FIRST_YEAR + Math.min(world.edition, MORE_YEARS));
  world.replica.setRevision(Math.max(0, world.edition - MORE_YEARS));
};

const balanced = ({ counts }: Run): void =>
  assert.equal(counts.rows_read, counts.rows_published! + counts.rows_quarantined! + counts.rows_deduplicated!);

const PRODUCTION = 'embrapa_producao';

export const collecting: Step = {
  name: 'collects every file, and finds them unchanged afterwards',
  run: async (world) => {
    nextEdition(world);
    const first = await collect(world);
    assert.deepEqual([first.state, first.errors], ['succeeded', []]);
    assert.equal(first.versions.length + first.counts.unchanged!, 15, JSON.stringify(first));
    assert.ok(first.versions.length > 10, JSON.stringify(first));
    balanced(first);
    const second = await collect(world);
    assert.deepEqual([second.state, second.counts.unchanged], ['succeeded', 15]);
  },
};

export const fetching: Step = {
  name: 'fetches users, and answers with them: masked for readers, whole for analysts',
  run: async ({ cloud }) => {
    const started = await cloud.json<Run>('/fetch-data', { body: { users: 40, size: 20 } });
    const run = await ended(cloud, started.id);
    assert.deepEqual([run.state, run.errors], ['succeeded', []]);
    const masked = await cloud.json('/v1/users?limit=3', { as: 'reader' });
    const whole = await cloud.json('/v1/users?limit=3', { as: 'analyst' });
    assert.equal(masked.items.length, 3);
    assert.notDeepEqual(masked.items[0], whole.items[0]);
    assert.match(whole.items[0].email, /@/);
  },
};

const swapped = (name: string) =>
  ({ path: `/download/${name}.csv`, kind: 'other-file', other: 'ExpEspumantes' }) as const;

export const deciding: Step = {
  name: 'holds versions that are other files, and publishes, rejects or takes them back as an operator says',
  run: async (world) => {
    const { cloud, replica } = world;
    nextEdition(world);
    replica.setFaults(['ExpUva', 'ExpSuco'].map(swapped));
    const run = await collect(world);
    assert.equal(run.state, 'partial', JSON.stringify(run));
    const held = async (dataset: string): Promise<number> =>
      (await cloud.json(`/v1/datasets/${dataset}/versions?state=held`)).items[0].version;
    const decide = async (dataset: string, verb: string) =>
      cloud.json(`/v1/admin/datasets/${dataset}/versions/${await held(dataset)}/${verb}`, { method: 'POST' });
    assert.equal((await decide('embrapa_exp_uva', 'release')).state, 'published');
    assert.equal((await decide('embrapa_exp_suco', 'reject')).state, 'rejected');
    // The right file is implausible beside what was let through.
    nextEdition(world);
    assert.deepEqual(
      (await collect(world)).errors.map(({ dataset }) => dataset),
      ['embrapa_exp_uva'],
    );
    // Its table in SQL and its copy as CSV are made again where they are not there.
    await cloud.clients.glue.send(
      new DeleteTableCommand({ DatabaseName: `granary_${cloud.stage}`, Name: 'embrapa_exp_uva' }),
    );
    const { Contents = [] } = await cloud.clients.s3.send(
      new ListObjectsV2Command({ Bucket: cloud.bucket, Prefix: 'csv_data/' }),
    );
    const Key = Contents.map((one) => one.Key).find((key) => /exp.?uva/i.test(key ?? ''));
    assert.ok(Key, JSON.stringify(Contents.map((one) => one.Key)));
    await cloud.clients.s3.send(new DeleteObjectCommand({ Bucket: cloud.bucket, Key }));
    assert.equal((await decide('embrapa_exp_uva', 'release')).state, 'published');
    // And back to what was there before the two: a worker that was killed has left something, too.
    const { items } = await cloud.json('/v1/datasets/embrapa_exp_uva/versions?limit=3');
    const [{ version: latest }, , { version: earlier }] = items;
    const stray = await leftByKilled(cloud, 'embrapa_exp_uva', latest);
    const path = `/v1/admin/datasets/embrapa_exp_uva/versions/${earlier}/restore`;
    const restored = await cloud.json(path, { method: 'POST' });
    assert.deepEqual([restored.version, restored.restores.version], [latest + 1, earlier]);
    await assert.rejects(cloud.clients.s3.send(new HeadObjectCommand(stray)), { name: 'NotFound' });
    assert.deepEqual((await collect(world)).versions, []);
  },
};

/** What a worker wrote of a version before it was killed; another one published it. */
const leftByKilled = async (cloud: Cloud, dataset: string, version: number) => {
  const Key = `versions/${dataset}/${String(version).padStart(6, '0')}-killed/data.parquet`;
  const stray = { Bucket: cloud.bucket, Key };
  await cloud.clients.s3.send(new PutObjectCommand({ ...stray, Body: 'unfinished' }));
  return stray;
};

export const corners: Step = {
  name: 'does what is rare: old versions, whole answers as files, lines in quarantine; it clears up after attempts',
  run: async (world) => {
    const { cloud, replica } = world;
    const { latest } = await cloud.json(`/v1/datasets/${PRODUCTION}`);
    const stray = await leftByKilled(cloud, PRODUCTION, latest);
    nextEdition(world);
    replica.setFaults([{ path: '/download/Producao.csv', kind: 'text-figure' }]);
    const run = await collect(world);
    assert.ok(run.counts.rows_quarantined! > 0, JSON.stringify(run.counts));
    await assert.rejects(cloud.clients.s3.send(new HeadObjectCommand(stray)), { name: 'NotFound' });
    const { items } = await cloud.json(`/v1/datasets/${PRODUCTION}/quarantine`);
    await cloud.json(`/v1/datasets/${PRODUCTION}/provenance?row=line:${items[0].line}`);

    const now = new Date().toISOString();
    await cloud.json(`/v1/records/${PRODUCTION}?limit=1&as_of=${now}`);
    for (const query of ['version=1', `as_of=${now}`])
      assert.equal((await cloud.ask(`/v1/plots/${PRODUCTION}?${query}`)).status, 200, query);
    const changes = await cloud.json(`/v1/datasets/${PRODUCTION}/diff?format=ndjson&redirect=false`);
    assert.equal((await fetch(changes.location)).status, 200);

    // What is not there is said not to be there, by S3 to whoever may list it; the answer is an error all the same.
    const files = /^versions\/(embrapa_imp_passas\/.*|embrapa_producao\/.*\/quarantine\.ndjson\.gz)$/;
    await hiding(cloud, files, async () => {
      const paths = [
        '/importacaoCSV/tipo/Passas',
        '/v1/records/embrapa_imp_passas?version=1',
        '/v1/plots/embrapa_imp_passas',
        '/v1/plots/embrapa_imp_passas?version=1',
        '/v1/datasets/embrapa_imp_passas/diff',
        `/v1/datasets/${PRODUCTION}/quarantine`,
        `/v1/datasets/${PRODUCTION}/provenance?row=line:${items[0].line}`,
      ];
      for (const path of paths) await (await cloud.ask(path)).arrayBuffer();
    });
  },
};

/** While `run` runs, these files of versions are as if deleted. */
const hiding = async (cloud: Cloud, files: RegExp, run: () => Promise<void>): Promise<void> => {
  const { s3 } = cloud.clients;
  const Bucket = cloud.bucket;
  const markers: { Key: string; VersionId: string | undefined }[] = [];
  for await (const { Contents = [] } of paginateListObjectsV2({ client: s3 }, { Bucket, Prefix: 'versions/' }))
    for (const { Key = '' } of Contents) {
      if (!files.test(Key)) continue;
      const { VersionId } = await s3.send(new DeleteObjectCommand({ Bucket, Key }));
      markers.push({ Key, VersionId });
    }
  try {
    await run();
  } finally {
    for (const { Key, VersionId } of markers) await s3.send(new DeleteObjectCommand({ Bucket, Key, VersionId }));
  }
};

export const answering: Step = {
  name: 'answers every example of its document as the document says',
  run: async ({ cloud }) => {
    const document = readDocument();
    const check = makeAnswerCheck(document);
    const one = async (path: string) => String((await cloud.json(path)).items[0].id);
    const query = await cloud.json('/v1/query', { body: { sql: `SELECT product, year FROM ${PRODUCTION}` } });
    const ids: Record<string, string> = {
      '/v1/runs': await one('/v1/runs?limit=1'),
      '/v1/users': await one('/v1/users?limit=1'),
      '/v1/query': query.id,
    };
    // What `deciding` does, and what a renderer for arm64 draws, which is what is deployed.
    const leftOut = process.arch === 'arm64' ? /^\/v1\/admin\/datasets\// : /^\/v1\/admin\/datasets\/|format=png/;
    const wrong: string[] = [];
    for (const { method, operation } of operationsOf(document))
      for (const example of operation['x-examples'] ?? []) {
        if (leftOut.test(example.path)) continue;
        const path = example.path.replace(/^(\/v1\/(?:runs|users|query))\/\{id\}/, (_, list) => `${list}/${ids[list]}`);
        const open = operation.security?.length === 0;
        const { body, headers } = example;
        const answer = await cloud.ask(path, { method, ...(open && { as: null }), body, headers });
        const said = { status: answer.status, type: answer.headers.get('content-type'), body: await answer.text() };
        const faults = answer.status < 400 ? check(operation, said) : [said.body.slice(0, 300)];
        if (faults.length > 0) wrong.push(`${method} ${path} → ${answer.status}: ${faults.join('; ')}`);
      }
    assert.deepEqual(wrong, []);
  },
};

export const exporting: Step = {
  name: 'gives out files by URLs that need no token',
  run: async ({ cloud }) => {
    for (const format of ['parquet', 'csv', 'raw', 'datapackage']) {
      const { location } = await cloud.json(`/v1/datasets/${PRODUCTION}/download?format=${format}&redirect=false`);
      const file = await fetch(location);
      assert.equal(file.status, 200, `${format}: ${location}`);
      assert.ok((await file.arrayBuffer()).byteLength > 100);
    }
    const stored = await cloud.json(`/v1/records/${PRODUCTION}?format=csv&redirect=false`);
    assert.equal((await fetch(stored.location)).status, 200);
  },
};

export const querying: Step = {
  name: 'answers SQL for analysts, and for nobody else',
  run: async ({ cloud }) => {
    const body = {
      sql: `SELECT count(*) AS n FROM ${PRODUCTION} WHERE year > ${Math.floor(Math.random() * 1e6) - 2e6}`,
    };
    const { items } = await cloud.json('/v1/query', { as: 'analyst', body });
    const { rows } = await cloud.json(`/v1/datasets/${PRODUCTION}`, { as: 'reader' });
    assert.deepEqual(items, [{ n: rows }]);
    assert.equal((await cloud.ask('/v1/query', { as: 'reader', body })).status, 403);
  },
};

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

/** A run whose planner and workers are gone: nobody has shown a sign of life for an hour. */
const abandon = async ({ clients, stage }: Cloud, kind: 'users' | 'collect', source: string): Promise<string> => {
  const hour_ago = new Date(Date.now() - 3_600_000).toISOString();
  const client = DynamoDBDocumentClient.from(clients.dynamo, { marshallOptions: { removeUndefinedValues: true } });
  const times = { started_at: hour_ago, lease_until: hour_ago };
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
    const swept = await abandon(cloud, 'users', 'random_users');
    await cloud.invoke('ingestion', 'sweep', {});
    for (const id of [fetched, planned, collected, swept]) assert.equal(await state(id), 'failed', id);
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
    await sleep(1500);
    await cloud.invoke('ingestion', 'sweep', {});
    await within(Environment?.Variables?.SQL_SECONDS as string);
    const answered = async () => (await cloud.ask(`/v1/query/${overdue}`)).text();
    await until(answered, (text) => /cancel|stopped/i.test(text), 20_000);
  },
};

export const scheduled: Step = {
  name: 'does what its schedules do: fetches users, looks how fresh datasets are, sweeps what was left',
  run: async ({ cloud }) => {
    const { run } = await cloud.invoke('ingestion', 'plan-users', { force: true, users: 2, size: 1 });
    assert.equal((await ended(cloud, run.id)).state, 'succeeded');
    await cloud.invoke('ingestion', 'watch', {});
    assert.deepEqual(await cloud.invoke('ingestion', 'sweep', {}), { closed: [], announced: [] });
  },
};

/** Nothing fails in these, and nobody is refused anything. */
export const STEPS: readonly Step[] = [
  collecting,
  fetching,
  deciding,
  corners,
  answering,
  exporting,
  querying,
  failing,
  stopping,
  scheduled,
];
/** In these something does. */
export const TROUBLE: readonly Step[] = [ending, giving, retrying];
