import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { DeleteMessageCommand, type Message, ReceiveMessageCommand } from '@aws-sdk/client-sqs';
import type { Source } from '@granary/domain/source';
import type { SourceState } from '@granary/domain/source-revision';
import { serveJob } from '@granary/runtime/serve-job';
import { serveWorker } from '@granary/runtime/serve-worker';
import { grantedTo, permits, recordCalls } from '@granary/runtime/testing/recorded-calls';
import { TABLE_SOURCES } from '@granary/sources/sources.gen';
import { makeDynamoCatalog } from '@granary/stores/dynamo-catalog';
import { makeDynamoRunStore } from '@granary/stores/dynamo-run-store';
import { makeDynamoSourceStore } from '@granary/stores/dynamo-source-store';
import { type Emulators, startEmulators } from '@granary/stores/testing/emulators';
import { type GlueEmulator, startGlueEmulator } from '@granary/stores/testing/glue';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import type { Context } from 'aws-lambda';
import { collectDeps, planDeps, planUsersDeps, watchDeps } from './deps.ts';
import { worker } from './functions/collect.ts';
import { job as plan } from './functions/plan.ts';
import { job as planUsers } from './functions/plan-users.ts';
import { job as watch } from './functions/watch.ts';

jest.setTimeout(60_000);

const TABLE = 'granary-local-catalog';
const BUCKET = 'granary-000000000000-us-east-1-local-data';
const context = { awsRequestId: 'test' } as Context;
const settings = () => ({ service: 'ingestion', stage: 'local', write: () => {} });
const DAY = 86_400_000;
const ROBOTS = 'User-agent: *\nDisallow: /closed/\n';

const before = { ...process.env };
const recorded = { plan: recordCalls(), collect: recordCalls(), watch: recordCalls(), 'plan-users': recordCalls() };
let emulators: Emulators;
let glue: GlueEmulator;
let site: Server;
let base_url: string;
let queue: string;
let store: ReturnType<typeof makeDynamoSourceStore>;
let catalog: ReturnType<typeof makeDynamoCatalog>;
let now = Date.now();
const asked: string[] = [];

beforeAll(async () => {
  [emulators, glue] = [await startEmulators(), await startGlueEmulator()];
  await glue.createDatabase('granary_local');
  await emulators.createCatalogTable(TABLE);
  await emulators.createBucket(BUCKET);
  site = createServer((request, answer) => {
    asked.push(request.url!);
    answer.end(request.url === '/robots.txt' ? ROBOTS : 'ship;tons\nNau;120\nBarca;20\n');
  });
  await new Promise<void>((resolve) => site.listen(0, '127.0.0.1', resolve));
  base_url = `http://127.0.0.1:${(site.address() as AddressInfo).port}/`;
  queue = new URL(new URL((await emulators.createQueue('granary-local-collect')).url).pathname, emulators.endpoint)
    .href;
  const { protocol, hostname, port } = await glue.client.config.endpoint!();
  Object.assign(process.env, {
    ...{ AWS_REGION: 'us-east-1', AWS_ACCESS_KEY_ID: 'local', AWS_SECRET_ACCESS_KEY: 'local', STAGE: 'local' },
    ...{ AWS_ENDPOINT_URL: emulators.endpoint, AWS_ENDPOINT_URL_DYNAMODB: emulators.dynamoEndpoint },
    AWS_ENDPOINT_URL_GLUE: `${protocol}//${hostname}:${port}`,
    ...{ CATALOG_TABLE: TABLE, DATA_BUCKET: BUCKET, SQL_DATABASE: 'granary_local' },
    ...{ COLLECT_QUEUE_URL: queue, FETCH_USERS_QUEUE_URL: queue, USERS_LOG_GROUP: '/granary/local/users' },
    // Nothing but what is put here.
    SOURCE_URLS: JSON.stringify(Object.fromEntries(TABLE_SOURCES.map(({ id }) => [id, 'none']))),
    PRIVATE_ORIGINS: 'http://127.0.0.1:*',
  });
  const place = { client: emulators.documents, table: TABLE };
  [store, catalog] = [makeDynamoSourceStore(place), makeDynamoCatalog(place)];
});
afterAll(async () => {
  process.env = before;
  site?.closeAllConnections();
  site?.close();
  await Promise.all([emulators?.stop(), glue?.stop()]);
});

const port = (change: Partial<Source> = {}): Source => ({
  ...{ id: 'port', kind: 'files', title: 'Port', publisher: 'The port', theme: 'environment', tags: ['port'] },
  ...{ licence: { name: 'CC0-1.0', title: 'Public domain' }, schedule: 'rate(1 day)', base_url },
  ...{ requests_per_minute: 10_000, max_bytes: 1_000_000 },
  config: { files: [{ dataset: 'port_ships', url: 'ships.csv' }] },
  datasets: [{ id: 'port_ships', title: 'Ships', description: 'Ships of the port.', fields: [], key: [] }],
  ...change,
});
const edit = async (configuration: Source | null, state: SourceState = 'active', id = 'port') => {
  const revision = ((await store.getSource(id))?.revision ?? 0) + 1;
  const edited = { edited_at: new Date(now).toISOString(), edited_by: 'operator' };
  await store.editSource({ ...edited, source: id, revision, change: 'changed', state, configuration });
};

/** The scheduled job, at the test's time. */
const planNow = (input: object = {}) =>
  serveJob(plan, { settings, deps: () => ({ ...planDeps(recorded.plan.capture), clock: () => now }) })(input, context);

/** What comes of each message that is there. */
const workOff = async (): Promise<void> => {
  const handler = serveWorker(worker, { settings, deps: () => collectDeps(recorded.collect.capture) });
  for (;;) {
    const request = { QueueUrl: queue, MessageSystemAttributeNames: ['All' as const] };
    const [message] = (await emulators.sqs.send(new ReceiveMessageCommand(request))).Messages ?? [];
    if (!message) return;
    const { batchItemFailures } = await handler({ Records: [recordOf(message)] }, context);
    expect(batchItemFailures).toEqual([]);
    await emulators.sqs.send(new DeleteMessageCommand({ QueueUrl: queue, ReceiptHandle: message.ReceiptHandle! }));
  }
};
const recordOf = ({ MessageId, ReceiptHandle, Body, Attributes }: Message) => ({
  ...{ messageId: MessageId!, receiptHandle: ReceiptHandle!, body: Body!, attributes: Attributes as never },
  ...{ messageAttributes: {}, md5OfBody: '', eventSource: 'aws:sqs', eventSourceARN: '', awsRegion: 'us-east-1' },
});
const idsOf = ({ runs }: { runs: readonly { source: string }[] }) => runs.map(({ source }) => source);

describe('A source that was put at run time, in functions as they are deployed', () => {
  it('is collected by the scheduled job, from a private address that the stage lets it have', async () => {
    await edit(port());
    expect(idsOf(await planNow())).toEqual(['port']);
    await workOff();
    expect(await catalog.getDataset('port_ships')).toMatchObject({ latest: 1, rows: 2, source: 'port' });
    expect(asked).toEqual(['/ships.csv']);
    expect(await planNow()).toMatchObject({ runs: [], not_due: ['port'] });
    now += DAY + 1;
    expect(idsOf(await planNow())).toEqual(['port']);
    await workOff();
  });

  it('is looked after as long as it is active', async () => {
    const watched = () =>
      serveJob(watch, { settings, deps: () => ({ ...watchDeps(recorded.watch.capture), clock: () => now + 3 * DAY }) })(
        {},
        context,
      );
    expect((await watched()).overdue).toEqual(['port_ships']);
    await edit(port(), 'paused');
    expect((await watched()).overdue).toEqual([]);
  });

  it('is skipped while it is paused, and collected again after that, by its newest revision', async () => {
    now += DAY + 1;
    expect(await planNow()).toMatchObject({ runs: [], paused: ['port'] });
    await expect(planNow({ force: true, sources: ['port'] })).rejects.toThrow("The source 'port' is paused");
    await edit(port({ config: { files: [{ dataset: 'port_ships', url: 'fleet.csv' }] } }));
    const { runs } = await planNow({ force: true, sources: ['port'] });
    expect(runs).toMatchObject([{ source: 'port', revision: 3 }]);
    await workOff();
    expect(asked.at(-1)).toBe('/fleet.csv');
  });

  it('fails with the reason when it was deleted before its messages were worked on, and its rows stay', async () => {
    now += DAY + 1;
    const [run] = (await planNow()).runs;
    await edit(port(), 'deleted');
    await workOff();
    const runs = makeDynamoRunStore({ client: emulators.documents, table: TABLE });
    expect(await runs.getRun(run!.id)).toMatchObject({
      state: 'failed',
      errors: [{ message: expect.stringContaining("The source 'port' was deleted (revision 4, ") }],
    });
    expect(await catalog.getDataset('port_ships')).toMatchObject({ rows: 2, gone_at: null });
    now += DAY + 1;
    expect(idsOf(await planNow())).toEqual([]);
  });

  it('is asked for nothing that its robots.txt disallows, where it obeys that', async () => {
    const datasets = ['ships', 'docks'].map((name) => ({ ...port().datasets[0]!, id: `quay_${name}` }));
    const files = [
      { dataset: 'quay_ships', url: 'ships.csv' },
      { dataset: 'quay_docks', url: 'closed/docks.csv' },
    ];
    await edit(port({ id: 'quay', robots: 'obey', config: { files }, datasets }), 'active', 'quay');
    asked.length = 0;
    const { runs } = await planNow();
    await workOff();
    expect(asked.toSorted()).toEqual(['/robots.txt', '/ships.csv']);
    const message = `robots.txt of ${new URL(base_url).host} disallows this address (line 2: Disallow: /closed/)`;
    const run = await makeDynamoRunStore({ client: emulators.documents, table: TABLE }).getRun(runs[0]!.id);
    expect(run).toMatchObject({ state: 'partial', counts: { requests: 2 }, errors: [{ message }] });
    await edit(null, 'deleted', 'quay');
  });

  it('may be the one of users, which is of the repository: none are fetched while it is paused', async () => {
    const deps = () => planUsersDeps(recorded['plan-users'].capture)!;
    const { id } = deps().source;
    await edit(null, 'paused', id);
    expect(await serveJob(planUsers, { settings, deps })({ force: true }, context)).toEqual({
      run: null,
      started: false,
    });
  });

  it('needs no rights but those that the functions have', () => {
    for (const [id, { calls }] of Object.entries(recorded)) {
      const granted = grantedTo(join(import.meta.dirname, '../functions.gen.yml'), id);
      expect({ id, refused: calls.filter((call) => !permits(granted, call)) }).toEqual({ id, refused: [] });
      expect({ id, asks: calls.some(({ key }) => key?.startsWith('CONFIGURATION')) }).toEqual({ id, asks: true });
      const edits = { arn: `table/${TABLE}`, key: 'CONFIGURATION#port' };
      for (const action of ['dynamodb:PutItem', 'dynamodb:UpdateItem'])
        expect({ id, action, may: permits(granted, { ...edits, action }) }).toEqual({ id, action, may: false });
    }
  });
});
