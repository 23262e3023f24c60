import { PutCommand } from '@aws-sdk/lib-dynamodb';
import type { SourceRevision } from '@granary/domain/source-revision';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { revisionOf } from './contracts/source-store.ts';
import { makeDynamoSourceStore } from './dynamo-source-store.ts';
import { type Emulators, startEmulators } from './testing/emulators.ts';

let emulators: Emulators;
beforeAll(async () => {
  emulators = await startEmulators();
});
afterAll(() => emulators.stop());

/** A store, and the same in a process that dies before its nth write, or after it and before its answer. */
const makeStores = async (name: string) => {
  const place = { client: emulators.documents, table: await emulators.createCatalogTable(name) };
  const dying = (nth: number, when: 'before' | 'after') => {
    let writes = 0;
    const send = async (command: unknown): Promise<unknown> => {
      const dies = command instanceof PutCommand && ++writes === nth;
      if (dies && when === 'before') throw new Error('died');
      const answer = await emulators.documents.send(command as never);
      if (dies) throw new Error('died');
      return answer;
    };
    return makeDynamoSourceStore({ ...place, client: { send } as never });
  };
  return { store: makeDynamoSourceStore(place), dying };
};

it.each([
  [1, 'before', 1],
  [1, 'after', 1],
  [2, 'before', 1],
  [2, 'after', 2],
] as const)(
  'an edit that dies at its write %i, %s it, is whole or nothing to who comes next',
  async (nth, when, current) => {
    const { store, dying } = await makeStores(`died-${nth}-${when}`);
    await store.editSource(revisionOf('port', 1));
    const mine = revisionOf('port', 2, { title: 'Mine' });
    await expect(dying(nth, when).editSource(mine)).rejects.toThrow('died');
    expect((await store.getSource('port'))!.revision).toBe(current);
    // The same edit again, as the SDK or its caller would try.
    expect(await store.editSource(mine)).toBe(true);
    expect((await store.getSource('port'))!.configuration!.title).toBe('Mine');
  },
);

it.each([
  [1, 'before', true],
  [1, 'after', false],
  [2, 'before', false],
  [2, 'after', false],
] as const)('after one that died at its write %i, %s it, another edit is taken: %s', async (nth, when, taken) => {
  const { store, dying } = await makeStores(`other-${nth}-${when}`);
  await store.editSource(revisionOf('port', 1));
  await expect(dying(nth, when).editSource(revisionOf('port', 2, { title: 'Mine' }))).rejects.toThrow('died');
  const other: SourceRevision = revisionOf('port', 2, { title: 'Other' });
  expect(await store.editSource(other)).toBe(taken);
  expect((await store.getSource('port'))!.configuration!.title).toBe(taken ? 'Other' : 'Mine');
  expect(await store.editSource(revisionOf('port', 3, { title: 'Next' }))).toBe(true);
  expect((await store.listRevisions('port', { limit: 9 })).map(({ revision }) => revision)).toEqual([3, 2, 1]);
});
