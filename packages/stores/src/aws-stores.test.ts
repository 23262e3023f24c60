import { ReceiveMessageCommand } from '@aws-sdk/client-sqs';
import { PutCommand } from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { catalogContract } from './contracts/catalog.ts';
import { hostBudgetContract } from './contracts/host-budget.ts';
import { objectStoreContract } from './contracts/object-store.ts';
import { resourceStoreContract } from './contracts/resource-store.ts';
import { runStoreContract } from './contracts/run-store.ts';
import { sourceStoreContract } from './contracts/source-store.ts';
import { makeDynamoCatalog } from './dynamo-catalog.ts';
import { makeDynamoHostBudget } from './dynamo-host-budget.ts';
import { makeDynamoResourceStore } from './dynamo-resource-store.ts';
import { makeDynamoRunStore } from './dynamo-run-store.ts';
import { makeDynamoSourceStore } from './dynamo-source-store.ts';
import { makeS3ObjectStore } from './s3-object-store.ts';
import { makeSqsQueue } from './sqs-queue.ts';
import { type Emulators, startEmulators } from './testing/emulators.ts';

let emulators: Emulators;
let made = 0;
beforeAll(async () => {
  emulators = await startEmulators();
});
afterAll(() => emulators.stop());

const table = async () => ({
  client: emulators.documents,
  table: await emulators.createCatalogTable(`table-${++made}`),
});

objectStoreContract('S3', async () =>
  makeS3ObjectStore({ client: emulators.s3, bucket: await emulators.createBucket(`bucket-${++made}`) }),
);
catalogContract('DynamoDB', async () => makeDynamoCatalog(await table()));
sourceStoreContract('DynamoDB', async () => makeDynamoSourceStore(await table()));
resourceStoreContract('DynamoDB', async () => makeDynamoResourceStore(await table()));
runStoreContract('DynamoDB', async (now) => makeDynamoRunStore({ ...(await table()), now }));
hostBudgetContract('DynamoDB', async (now) => {
  const place = await table();
  return () => makeDynamoHostBudget({ ...place, now });
});

describe('DynamoDB as a Catalog', () => {
  it('writes nothing where a run describes what it knows, and gives nothing as new that was only checked', async () => {
    const place = await table();
    let at = Date.parse('2026-11-20T00:00:00Z');
    const catalog = makeDynamoCatalog({ ...place, now: () => at });
    const described = (n: number) => ({ ...DESCRIPTION, id: `a_${n}` });
    for (let n = 0; n < 3; n++) await catalog.describeDataset(described(n));
    let { mark } = await catalog.listChanges();
    const later = async () => {
      at += 60_000;
      const { datasets, ...changes } = await catalog.listChanges(mark);
      mark = changes.mark;
      return datasets.map(({ id }) => id);
    };
    await catalog.describeDataset(described(0));
    await later();
    await catalog.describeDataset(described(1));
    await catalog.checked('a_1', new Date(at).toISOString());
    await catalog.describeDataset({ ...described(2), title: 'New' });
    expect(await later()).toContain('a_2');
    await catalog.describeDataset({ ...described(2), title: 'New' });
    await catalog.checked('a_2', new Date(at).toISOString());
    // The newest is given again: clocks differ.
    expect(await later()).toEqual(['a_2']);
    expect(await catalog.getDataset('a_1')).toMatchObject({ checked_at: expect.stringContaining('2026-11-20') });
  });

  it('misses nothing after a change by a machine whose clock is an hour ahead', async () => {
    const place = await table();
    const [catalog, ahead] = [makeDynamoCatalog(place), makeDynamoCatalog({ ...place, now: () => Date.now() + 3.6e6 })];
    await ahead.describeDataset({ ...DESCRIPTION, id: 'a_ahead' });
    const { mark } = await catalog.listChanges();
    await catalog.describeDataset({ ...DESCRIPTION, id: 'a_x' });
    const { datasets } = await catalog.listChanges(mark);
    expect(datasets.map(({ id }) => id)).toContain('a_x');
  });

  it('gives datasets of an earlier release, which have their ids in the index, with the first question', async () => {
    const place = await table();
    const catalog = makeDynamoCatalog(place);
    const { Item } = { Item: { pk: 'DATASET#a_old', sk: 'META', gsi1pk: 'DATASETS', gsi1sk: 'a_old' } };
    await emulators.documents.send(
      new PutCommand({ TableName: place.table, Item: { ...Item, ...DESCRIPTION, id: 'a_old' } }),
    );
    const first = await catalog.listChanges();
    expect(first.datasets.map(({ id }) => id)).toEqual(['a_old']);
    expect((await catalog.listChanges(first.mark)).datasets).toEqual([]);
    await catalog.describeDataset({ ...DESCRIPTION, id: 'a_new' });
    expect((await catalog.listChanges(first.mark)).datasets.map(({ id }) => id)).toEqual(['a_new']);
    expect((await catalog.listDatasets()).map(({ id }) => id)).toEqual(['a_new', 'a_old']);
  });
});

const DESCRIPTION = {
  ...{ title: 'T', description: 'D', publisher: 'P', theme: 'agriculture', tags: ['wine'] },
  ...{ licence: { name: 'CC0-1.0', title: 'CC0' }, source: 'office', source_url: 'http://office.test/a' },
  ...{ fields: [], key: [] },
};

describe('S3 as an ObjectStore for strangers', () => {
  it('presigns an address that reads without credentials, by ranges too', async () => {
    const bucket = await emulators.createBucket(`bucket-${++made}`);
    const store = makeS3ObjectStore({ client: emulators.s3, bucket });
    await store.put('versions/a/data.csv.gz', new TextEncoder().encode('0123456789'));
    const url = await store.presign('versions/a/data.csv.gz', { expires_s: 60, filename: 'a.csv.gz' });
    expect(new URL(url).searchParams.get('response-content-disposition')).toBe('attachment; filename="a.csv.gz"');
    expect(await (await fetch(url)).text()).toBe('0123456789');
    const part = await fetch(url, { headers: { range: 'bytes=2-4' } });
    expect([part.status, await part.text()]).toEqual([206, '234']);
  });
});

describe('SQS as a Queue', () => {
  const receive = async (url: string) =>
    (await emulators.sqs.send(new ReceiveMessageCommand({ QueueUrl: url, MaxNumberOfMessages: 10 }))).Messages ?? [];

  it('sends more messages than a batch takes', async () => {
    const { url } = await emulators.createQueue(`queue-${++made}`);
    await makeSqsQueue<{ n: number }>({ client: emulators.sqs, url }).send(
      Array.from({ length: 25 }, (_, n) => ({ n })),
    );
    const bodies: number[] = [];
    for (let page = await receive(url); page.length > 0; page = await receive(url)) {
      bodies.push(...page.map(({ Body }) => JSON.parse(Body!).n));
    }
    expect(bodies.sort((a, b) => a - b)).toEqual(Array.from({ length: 25 }, (_, n) => n));
  });

  it('delays messages, and makes one visible again when it is told to', async () => {
    const { url } = await emulators.createQueue(`queue-${++made}`);
    const queue = makeSqsQueue<string>({ client: emulators.sqs, url });
    await queue.send(['later'], { delay_s: 900 });
    expect(await receive(url)).toEqual([]);
    await queue.send(['now']);
    const [message] = await receive(url);
    expect(await receive(url)).toEqual([]);
    await queue.changeVisibility(message!.ReceiptHandle!, 0);
    expect((await receive(url)).map(({ Body }) => Body)).toEqual(['"now"']);
  });

  it('sends again what SQS did not take, and gives up by throwing', async () => {
    const batches: string[][] = [];
    const refusing = (times: number) =>
      ({
        send: async ({ input }: { input: { Entries: { Id: string }[] } }) => {
          const ids = input.Entries.map(({ Id }) => Id);
          batches.push(ids);
          return batches.length <= times ? { Failed: [{ Id: ids.at(-1), Code: 'InternalError' }] } : {};
        },
      }) as never;
    await makeSqsQueue<number>({ client: refusing(1), url: 'x' }).send([1, 2, 3]);
    expect(batches).toEqual([['0', '1', '2'], ['2']]);
    batches.length = 0;
    await expect(makeSqsQueue<number>({ client: refusing(9), url: 'x' }).send([1, 2])).rejects.toThrow(
      'did not take 1',
    );
    expect(batches).toHaveLength(3);
  });
});
