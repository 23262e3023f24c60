import { ReceiveMessageCommand } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { catalogContract } from './contracts/catalog.ts';
import { hostBudgetContract } from './contracts/host-budget.ts';
import { objectStoreContract } from './contracts/object-store.ts';
import { runStoreContract } from './contracts/run-store.ts';
import { sourceStoreContract } from './contracts/source-store.ts';
import { makeDynamoCatalog } from './dynamo-catalog.ts';
import { makeDynamoHostBudget } from './dynamo-host-budget.ts';
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
runStoreContract('DynamoDB', async (now) => makeDynamoRunStore({ ...(await table()), now }));
hostBudgetContract('DynamoDB', async (now) => {
  const place = await table();
  return () => makeDynamoHostBudget({ ...place, now });
});

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
