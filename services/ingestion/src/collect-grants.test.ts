import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CollectMessage } from '@granary/domain/messages/collect';
import { planCollection } from '@granary/domain/use-cases/collect/plan-collection';
import { workOnPart } from '@granary/domain/use-cases/collect/work-on-part';
import { expectSound } from '@granary/domain/use-cases/testing/invariants';
import { startEmbeddedAws } from '@granary/embedded-aws/embedded-aws';
import { provision } from '@granary/embedded-aws/provision/provision';
import { loadTemplates } from '@granary/embedded-aws/provision/templates';
import { ROOT } from '@granary/local/state';
import { startReplica } from '@granary/replica/replica';
import { type Call, grantedTo, permits, recordCalls } from '@granary/runtime/testing/recorded-calls';
import { embrapa } from '@granary/sources/testing/shipped';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { collectDeps, planDeps } from './deps.ts';

jest.setTimeout(90_000);

const [account, region, stage] = ['000000000000', 'us-east-1', 'local'] as const;
const FUNCTIONS = join(import.meta.dirname, '../functions.gen.yml');
const IDS = ['embrapa_producao', 'embrapa_comercio'];
const calls: Call[] = [];
const stops: (() => Promise<unknown>)[] = [];
const before = { ...process.env };

/**
 * On what the services' own templates declare, two datasets are published, and then found unchanged, by what deps.ts
 * made.
 */
beforeAll(async () => {
  const folder = await mkdtemp(join(tmpdir(), 'granary-grants-'));
  stops.push(() => rm(folder, { recursive: true, force: true }));
  const replica = await startReplica({ port: 0 });
  stops.push(() => replica.close());
  const aws = await startEmbeddedAws({ port: 0, dir: join(folder, 'aws') });
  stops.push(() => aws.close());
  const templates = await loadTemplates({ root: ROOT, stage });
  const needed = templates.filter(({ service }) => service !== 'granary-api');
  await provision(needed, { endpoint: aws.url, account, region, stage });
  Object.assign(process.env, {
    ...{ STAGE: stage, AWS_ENDPOINT_URL: aws.url, AWS_REGION: region },
    ...{ AWS_ACCESS_KEY_ID: 'local', AWS_SECRET_ACCESS_KEY: 'local' },
    CATALOG_TABLE: `granary-${stage}-catalog`,
    DATA_BUCKET: `granary-${account}-${region}-${stage}-data`,
    SQL_DATABASE: `granary_${stage}`,
    COLLECT_QUEUE_URL: `${aws.url}/${account}/granary-${stage}-collect`,
    SOURCE_URLS: JSON.stringify({ embrapa: replica.bases.embrapa }),
  });
  const source: typeof embrapa = {
    ...embrapa,
    discover: (options) => embrapa.discover(options).filter(({ dataset }) => IDS.includes(dataset)),
  };
  const recorder = recordCalls();
  const deps = { ...collectDeps(recorder.capture), sourceById: () => source };
  for (const outcome of ['published', 'unchanged']) {
    const messages: CollectMessage[] = [];
    const queue = { send: async (sent: readonly CollectMessage[]) => void messages.push(...sent) };
    await planCollection({ ...planDeps(), sources: [source], queue })({ force: true });
    for (const message of messages) {
      const worked = await workOnPart(deps)(message, { receive_count: 1, receipt_handle: 'none', memory_gb: 1 });
      expect(worked).toMatchObject({ outcome });
    }
    await deps.runLog.flush();
  }
  calls.push(...recorder.calls);
  for (const id of IDS) await expectSound(deps, id, 1);
});
afterAll(async () => {
  process.env = before;
  for (const stop of stops.reverse()) await stop();
});

describe('What the function that collects may do', () => {
  it('is all that it does', () => {
    const granted = grantedTo(FUNCTIONS, 'collect');
    expect(calls.length).toBeGreaterThan(0);
    expect(calls.filter((call) => !permits(granted, call))).toEqual([]);
  });

  it('has no more of Glue than the tables of SQL need', () => {
    const glue = (actions: readonly string[]) => [...new Set(actions.filter((action) => action.startsWith('glue:')))];
    const granted = glue(grantedTo(FUNCTIONS, 'collect').map(({ action }) => action));
    expect(granted.sort()).toEqual(glue(calls.map(({ action }) => action)).sort());
    expect(
      calls
        .filter(({ arn }) => arn.includes(':::') && arn.includes('/tables/'))
        .map(({ arn }) => arn)
        .sort(),
    ).toEqual(IDS.map((id) => `s3:::granary-${account}-${region}-${stage}-data/tables/${id}/1/symlink.txt`).sort());
  });

  it('reads both tables, and writes none, when nothing has changed', () => {
    const tables = calls.filter(({ action }) => action.startsWith('glue:')).map(({ action }) => action);
    const unchanged = tables.slice(tables.findLastIndex((action) => action !== 'glue:GetTable') + 1);
    // The check after the last dataset was published, and one for each that was unchanged.
    expect(unchanged).toHaveLength(2 * (1 + IDS.length));
  });
});
