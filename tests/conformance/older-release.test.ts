/**
 * What an older release published stays as it was: its versions are read, compared and traced as that release did,
 * their tables come out of the kept bytes once more, and the next version is published after them.
 * older-release/state.json holds two datasets with two versions each and their runs, as commit 534ffe5 left them after
 * collecting from the replica; older-release/answers.json is what that commit answered (`GRANARY_WRITE_ANSWERS=1`, run
 * there).
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { PutItemCommand } from '@aws-sdk/client-dynamodb';
import { PutObjectCommand } from '@aws-sdk/client-s3';
import type { WrittenVersion } from '@granary/domain/dataset';
import { convertOnly } from '@granary/domain/use-cases/testing/convert-only';
import { startReplica } from '@granary/replica/replica';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { routes as catalogRoutes } from '../../services/api/src/areas/catalog.ts';
import { routes as historyRoutes } from '../../services/api/src/areas/history.ts';
import { routes as recordsRoutes } from '../../services/api/src/areas/records.ts';
import { callArea } from '../../services/api/src/testing/call-area.ts';
import { startStack } from '../../services/ingestion/src/testing/stack.ts';

type Stored = { content_type: string; cache_control?: string; metadata?: Record<string, string>; base64: string };
const FOLDER = join(import.meta.dirname, 'older-release');
const state: { items: Record<string, never>[]; objects: Record<string, Stored> } = JSON.parse(
  readFileSync(join(FOLDER, 'state.json'), 'utf8'),
);
const ANSWERS = join(FOLDER, 'answers.json');
const DATASETS = ['embrapa_processa_mesa', 'embrapa_imp_frescas'];

const QUESTIONS = [
  '/v1/datasets',
  ...DATASETS.flatMap((id) => [
    `/v1/datasets/${id}`,
    `/v1/datasets/${id}/versions`,
    `/v1/datasets/${id}/versions/1`,
    `/v1/datasets/${id}/diff?from=1&to=2`,
    `/v1/datasets/${id}/diff?from=2&to=1&format=ndjson`,
    `/v1/records/${id}?order=line.desc,year.desc&limit=40`,
    `/v1/records/${id}?version=1&order=line.desc,year.desc&limit=40`,
  ]),
  '/v1/records/embrapa_imp_frescas?select=year,quantity_kg.sum(),value_usd.sum(),count()&order=year',
  '/v1/records/embrapa_processa_mesa?version=1&select=section,is_total,quantity.sum(),count()&order=section,is_total',
  '/v1/datasets/embrapa_processa_mesa/provenance?row=section:TINTAS,line:2,year:2000&column=quantity&version=1',
  '/v1/datasets/embrapa_imp_frescas/provenance?row=country:Africa,line:2,year:2022&column=value_usd',
];

let replica: Awaited<ReturnType<typeof startReplica>>;
let stack: Awaited<ReturnType<typeof startStack>>;
beforeAll(async () => {
  replica = await startReplica({ port: 0, users_port: 0 });
  stack = await startStack(replica.bases.embrapa);
  const { emulators } = stack;
  for (const Item of state.items)
    await emulators.documents.send(new PutItemCommand({ TableName: 'granary-test-catalog', Item }));
  for (const [Key, { content_type, cache_control, metadata, base64 }] of Object.entries(state.objects))
    await emulators.s3.send(
      new PutObjectCommand({
        ...{ Bucket: 'granary-test-data', Key, Body: Buffer.from(base64, 'base64'), ContentType: content_type },
        ...{ CacheControl: cache_control, Metadata: metadata },
      }),
    );
});
afterAll(async () => {
  await stack?.stop();
  await replica?.close();
});

const ask = async (path: string): Promise<{ status: number; body: unknown }> => {
  const routes = [...catalogRoutes, ...historyRoutes, ...recordsRoutes] as never;
  const { statusCode, body, isBase64Encoded } = await callArea({ ...stack.deps, now: Date.now }, routes)(path);
  const text = isBase64Encoded ? gunzipSync(Buffer.from(body, 'base64')).toString() : body;
  return { status: statusCode, body: text.includes('\n') ? text.trimEnd().split('\n') : JSON.parse(text) };
};

describe('what an older release published', () => {
  it('is read, compared and traced as that release did', async () => {
    const answers = Object.fromEntries(
      await Promise.all(QUESTIONS.map(async (path) => [path, await ask(path)] as const)),
    );
    if (process.env.GRANARY_WRITE_ANSWERS) writeFileSync(ANSWERS, `${JSON.stringify(answers, null, 1)}\n`);
    const before = JSON.parse(readFileSync(ANSWERS, 'utf8'));
    expect(Object.values(before).filter((answer) => (answer as { status: number }).status !== 200)).toEqual([]);
    expect(answers).toMatchObject(before);
  });

  it.each(DATASETS.flatMap((id) => [1, 2].map((version) => ({ id, version }))))(
    'comes out of the kept bytes again: version $version of $id',
    async ({ id, version }) => {
      const { raw, prefix, counts } = (await stack.deps.catalog.getVersion(id, version)) as WrittenVersion;
      const bytesOf = (key: string): Buffer => gunzipSync(Buffer.from(state.objects[key]!.base64, 'base64'));
      const folder = await mkdtemp(join(tmpdir(), 'granary-test-'));
      try {
        const path = join(folder, 'raw');
        writeFileSync(path, bytesOf(raw.key));
        const { source } = stack.deps;
        const definition = source.datasets.find((one) => one.id === id)!;
        const resource = source.discover({ base_url: replica.bases.embrapa }).find(({ dataset }) => dataset === id)!;
        const processing_date = raw.fetched_at.slice(0, 10);
        const made = await convertOnly({ source, definition, resource, path, folder, processing_date });
        expect(made.counts).toEqual(counts);
        const csv = gunzipSync(readFileSync(made.files['data.csv.gz'].path)).toString();
        expect(csv).toBe(bytesOf(`${prefix}data.csv.gz`).toString());
      } finally {
        await rm(folder, { recursive: true });
      }
    },
  );

  it('is unchanged by the same files, and goes on with the next ones', async () => {
    const latest = async () =>
      Promise.all(DATASETS.map(async (id) => (await stack.deps.catalog.getDataset(id))!.latest));
    expect((await stack.collect()).state).toBe('succeeded');
    expect(await latest()).toEqual([2, 2]);
    replica.setVintage(2025);
    expect((await stack.collect()).state).toBe('succeeded');
    expect(await latest()).toEqual([3, 3]);
    for (const id of DATASETS) {
      const { status, body } = await ask(`/v1/datasets/${id}/diff?from=2&to=3&limit=1`);
      expect([status, (body as { counts: { added: number; removed: number } }).counts]).toEqual([
        200,
        expect.objectContaining({ removed: 0, added: expect.any(Number) }),
      ]);
    }
    const first = `/v1/records/${DATASETS[0]}?version=1&order=line.desc,year.desc&limit=40`;
    expect(await ask(first)).toMatchObject(JSON.parse(readFileSync(ANSWERS, 'utf8'))[first]);
  });
});
