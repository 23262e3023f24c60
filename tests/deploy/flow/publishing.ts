/** Steps that collect, decide and lose files. */
import assert from 'node:assert/strict';
import { DeleteTableCommand } from '@aws-sdk/client-glue';
import {
  DeleteObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  paginateListObjectsV2,
} from '@aws-sdk/client-s3';
import type { Cloud } from '../cloud.ts';

import { balanced, collect, ended, nextEdition, PRODUCTION, type Run, type Step, type World } from './world.ts';

export const collecting: Step = {
  name: 'collects every file, and finds them unchanged afterwards',
  // The table in SQL that it takes away is made again by the next version.
  heal: async (world) => {
    nextEdition(world);
    await collect(world);
  },
  run: async (world) => {
    const { cloud } = world;
    // A table in SQL is made where it is not there; the first time, none is.
    await cloud.clients.glue
      .send(new DeleteTableCommand({ DatabaseName: `granary_${cloud.stage}`, Name: PRODUCTION }))
      .catch((error: Error) => assert.equal(error.name, 'EntityNotFoundException'));
    const first = await collectEdition(world);
    assert.deepEqual([first.state, first.errors], ['succeeded', []]);
    assert.equal(first.versions.length + first.counts.unchanged!, 15, JSON.stringify(first));
    assert.ok(first.versions.length > 10, JSON.stringify(first));
    balanced(first);
    const second = await collect(world);
    assert.deepEqual([second.state, second.counts.unchanged], ['succeeded', 15]);
  },
};

/** Collects an edition that is new. A schedule may be first, and then nothing of it is: the next one is collected. */
const collectEdition = async (world: World): Promise<Run> => {
  for (let tries = 1; ; tries++) {
    nextEdition(world);
    const run = await collect(world);
    if (run.versions.length > 10 || tries === 3) return run;
  }
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
  // The latest version may be the other file: then the right one is held, and is let through.
  heal: async (world) => {
    nextEdition(world);
    for (const { dataset } of (await collect(world)).errors) {
      const { items } = await world.cloud.json(`/v1/datasets/${dataset}/versions?state=held`);
      await world.cloud.json(`/v1/admin/datasets/${dataset}/versions/${items[0].version}/release`, { method: 'POST' });
    }
  },
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
    await edit(cloud, 'embrapa_exp_uva');
  },
};

/** Another theme, which moves its copy as CSV, and the source's again. */
const edit = async (cloud: Cloud, dataset: string): Promise<void> => {
  const path = `/v1/admin/datasets/${dataset}`;
  const patch = (body: object) => cloud.json(path, { method: 'PATCH', headers: { 'if-match': '*' }, body });
  assert.deepEqual((await patch({ theme: 'grapes' })).values, { theme: 'grapes' });
  assert.deepEqual((await patch({ theme: null })).values, {});
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
