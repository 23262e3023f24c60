import { GetCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { VERSIONS_LISTED } from '@granary/domain/ports/run-store';
import { ANSWER_LENGTH, ERROR_LENGTH, ERRORS_KEPT } from '@granary/domain/rules/run-end';
import { begunRun, MOST_LISTING_PAGES, MOST_PARTS, NO_COUNTS, type PartOutcome } from '@granary/domain/run';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { makeDynamoRunStore } from './dynamo-run-store.ts';
import { type Emulators, startEmulators } from './testing/emulators.ts';

let emulators: Emulators;
beforeAll(async () => {
  emulators = await startEmulators();
});
afterAll(() => emulators.stop());

const PARTS = MOST_PARTS;
/** DynamoDB takes no larger item. */
const LARGEST_ITEM = 400 * 1024;
const at = '2026-11-20T08:00:00.000Z';

/** As much as an error may say, in letters of three bytes. */
const failed = (part: number): PartOutcome => ({
  part,
  counts: { ...NO_COUNTS, requests: 1, errors: 1 },
  versions: [],
  receives: 3,
  error: {
    dataset: 'd'.repeat(128),
    url: `http://example.test/${'u'.repeat(2028)}`,
    message: '錯'.repeat(ERROR_LENGTH),
    at,
    answer: { host: `${'h'.repeat(250)}.test`, status: 500, content: '錯'.repeat(ANSWER_LENGTH) },
  },
});

const largeStore = async (name: string) => {
  const table = await emulators.createCatalogTable(name);
  const client = emulators.documents;
  const runs = makeDynamoRunStore({ client, table, now: () => Date.parse(at) });
  const begin = (id: string, minute: number) => {
    const started_at = at.replace('00:00', `${String(minute).padStart(2, '0')}:00`);
    const parts = { parts: PARTS, lease_until: '2026-11-20T09:00:00.000Z' };
    return runs.start(begunRun({ id, kind: 'users', source: id, started_at, ...parts }));
  };
  return { client, table, runs, begin };
};

describe('The largest runs there can be', () => {
  it('fit into an item of DynamoDB when every part failed with as much as it may say, and are swept', async () => {
    const { client, table, runs, begin } = await largeStore('largest');
    await begin('one', 0);
    const Key = { pk: 'RUN#one', sk: 'META' };
    const others = new Set(Array.from({ length: PARTS - ERRORS_KEPT - 2 }, (_, index) => index + 1));
    await client.send(
      new UpdateCommand({
        TableName: table,
        Key,
        UpdateExpression: 'ADD done :others, #failed :others',
        ExpressionAttributeNames: { '#failed': 'failed' },
        ExpressionAttributeValues: { ':others': others },
      }),
    );
    for (let part = PARTS; part > PARTS - ERRORS_KEPT - 1; part--) {
      expect(await runs.endPart('one', failed(part), at)).toBe(true);
    }
    expect(await runs.closeOverdue('2026-11-20T10:00:00.000Z')).toEqual(['one']);
    const { Item } = await client.send(new GetCommand({ TableName: table, Key, ConsistentRead: true }));
    // Sets are no JSON: a number of five digits takes four bytes, with the set's own byte for each; a version as long
    // as its dataset may be called. The last part that found room has five there at most.
    const versions = (VERSIONS_LISTED + 4) * (128 + '@123456'.length + 1);
    const pages = MOST_LISTING_PAGES * ('found_12345'.length + 4);
    const bytes = Buffer.byteLength(JSON.stringify(Item)) + 2 * 4 * PARTS + versions + pages;
    expect(await runs.getRun('one')).toMatchObject({ parts_done: PARTS - 1, state: 'failed' });
    expect(bytes).toBeGreaterThan(200_000);
    expect(bytes).toBeLessThan(LARGEST_ITEM);
  });

  it('are all listed, though one answer of DynamoDB has one megabyte only', async () => {
    const { runs, begin } = await largeStore('listed');
    const ids = Array.from({ length: 9 }, (_, index) => `run-${index}`);
    for (const [minute, id] of ids.entries()) {
      await begin(id, minute);
      for (let part = 1; part <= 45; part++) await runs.endPart(id, failed(part), at);
    }
    const listed = await runs.listRuns({ kind: 'users', limit: 100 });
    expect({ ...listed, runs: listed.runs.map(({ id }) => id) }).toEqual({ runs: ids.toReversed(), next: null });
    const first = await runs.listRuns({ limit: 8 });
    const second = await runs.listRuns({ limit: 8, before: first.next! });
    expect([...first.runs, ...second.runs].map(({ id }) => id)).toEqual(ids.toReversed());
  });
});
