import { GetCommand, PutCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { type PartFailure, type RunStore, VERSIONS_LISTED } from '@granary/domain/ports/run-store';
import type { PartOutcome } from '@granary/domain/run';
import { type CatalogTable, held, type Item } from './dynamo-items.ts';
import {
  doneOf,
  errorsOf,
  failedOf,
  foundPartsOf,
  type ItemUpdate,
  listing,
  nextRepair,
  unlistedFailure,
} from './run-items.ts';
import {
  addingMany,
  addingVersions,
  ending,
  type FailureItem,
  FORGOTTEN,
  failureItem,
  failureKey,
  hasMany,
  manyVersionsKey,
  mending,
  versionsKey,
} from './run-part-items.ts';

export type RunParts = Pick<
  RunStore,
  | 'endPart'
  | 'partState'
  | 'openParts'
  | 'foundParts'
  | 'mendPart'
  | 'failuresOf'
  | 'addRequests'
  | 'settle'
  | 'claimAnnouncement'
  | 'markAnnounced'
>;

export const runKey = (id: string): Item => ({ pk: `RUN#${id}`, sk: 'META' });

/**
 * What happens to the parts of a run, in DynamoDB. A part ends, and is mended, by one write to the run's item, which
 * counts it. A failure has an item of its own (`RUN#id`/`FAILED#00012`), written before: it says what mending must take
 * back.
 */
export const makeDynamoRunParts = ({
  client,
  table,
  now = Date.now,
}: CatalogTable & { now?: () => number }): RunParts => {
  const TableName = table;
  const read = async (Key: Item): Promise<Item | undefined> =>
    (await client.send(new GetCommand({ TableName, Key, ConsistentRead: true }))).Item;
  const readRun = (id: string) => read(runKey(id));
  const readFailure = async (id: string, part: number) => (await read(failureKey(id, part))) as FailureItem | undefined;

  /** The item as it is then; undefined when the condition did not hold. */
  const update = async (Key: Item, change: ItemUpdate): Promise<Item | undefined> => {
    let item: Item | undefined;
    const command = new UpdateCommand({ TableName, Key, ReturnValues: 'ALL_NEW', ...change });
    await held(client.send(command).then(({ Attributes }) => (item = Attributes)));
    return item;
  };

  /** Where the first errors were mended there is room for others. One whose item has expired is not told of. */
  const nextListing = async (item: Item): Promise<ItemUpdate | undefined> => {
    const part = unlistedFailure(item);
    const failure = part === undefined ? undefined : await readFailure(item.id as string, part);
    return failure && listing(item, { part: failure.part, ...failure.error });
  };

  const settle = async (id: string, at: string, known?: Item): Promise<void> => {
    let item = known ?? (await readRun(id));
    for (;;) {
      const repair = item && (nextRepair(item, at) ?? (await nextListing(item)));
      if (!repair) return;
      // When it does not hold, somebody else got on with the run.
      item = (await update(runKey(id), repair)) ?? (await readRun(id));
    }
  };

  /**
   * Writes down why a part failed. What it counted stays what the first one who wrote it says: that may have reached
   * the run already, and is what its mending takes back. So it is also what everybody else has to count who ends the
   * part as failed.
   */
  const keepFailure = async (id: string, outcome: PartOutcome): Promise<FailureItem> => {
    const failure = failureItem(outcome, now());
    const Key = failureKey(id, outcome.part);
    for (;;) {
      const first = new PutCommand({
        TableName,
        Item: { ...Key, ...failure },
        ConditionExpression: 'attribute_not_exists(pk)',
      });
      if (await held(client.send(first))) return failure;
      const renewed = await update(Key, {
        UpdateExpression: 'SET #error = :error, receives = :receives, expires_at = :expires',
        ConditionExpression: 'attribute_exists(pk)',
        ExpressionAttributeNames: { '#error': 'error' },
        ExpressionAttributeValues: {
          ':error': failure.error,
          ':receives': failure.receives,
          ':expires': failure.expires_at,
        },
      });
      if (renewed) return renewed as FailureItem;
    }
  };

  /** Ends a part with its error in the list, or without it where the list may be full. */
  const end = async (id: string, outcome: PartOutcome, versions: boolean): Promise<Item | undefined> => {
    const item = await update(runKey(id), ending(outcome, { error: true, versions }));
    return item || !outcome.error ? item : update(runKey(id), ending(outcome, { error: false, versions }));
  };

  const endPart = async (id: string, outcome: PartOutcome, at: string): Promise<boolean> => {
    let counted = outcome;
    if (outcome.error) {
      const { counts, users, resources, parts_found } = await keepFailure(id, outcome);
      counted = { ...outcome, counts: { ...counts, requests: outcome.counts.requests }, users, resources, parts_found };
    }
    await putManyAside(id, outcome);
    let item = await end(id, counted, true);
    if (!item && (await putVersionsAside(id, outcome, (run) => !doneOf(run).has(outcome.part))))
      item = await end(id, counted, false);
    await settle(id, at, item);
    return item !== undefined;
  };

  /**
   * Writes the versions of a part into an item beside the run's, where that is full of them and the part is still to be
   * counted. Before it is: what dies between has published these versions all the same.
   */
  const putVersionsAside = async (
    id: string,
    { part, versions }: Pick<PartOutcome, 'part' | 'versions'>,
    isToBeCounted: (run: Item) => boolean,
  ): Promise<boolean> => {
    if (versions.length === 0) return false;
    // All of its own stand beside it already.
    if (hasMany(versions)) return true;
    const run = await readRun(id);
    const listed = (run?.versions as Set<string> | undefined)?.size ?? 0;
    if (!run || listed < VERSIONS_LISTED || !isToBeCounted(run)) return false;
    const Key = versionsKey(id, part);
    await client.send(new UpdateCommand({ TableName, Key, ...addingVersions(versions, now()) }));
    return true;
  };

  /** Writes the versions of a part that has many of them into an item of its own, before the part is counted. */
  const putManyAside = async (
    id: string,
    { part, versions }: Pick<PartOutcome, 'part' | 'versions'>,
  ): Promise<void> => {
    if (!hasMany(versions) || (await readRun(id)) === undefined) return;
    const own = { Key: manyVersionsKey(id, part), ...addingVersions(versions, now()) };
    await client.send(new UpdateCommand({ TableName, ...own }));
    await client.send(new UpdateCommand({ TableName, Key: versionsKey(id, part), ...addingMany(part, now()) }));
  };

  /** What the part counted when it failed; undefined when it has not failed. */
  const failureOf = async (id: string, part: number): Promise<typeof FORGOTTEN | undefined> => {
    const failure = await readFailure(id, part);
    if (failure) return failure;
    // Asked once more after the run: a failure is written before its run says so, and perhaps only just was.
    const failed = failedOf(await readRun(id)).has(part);
    return failed ? ((await readFailure(id, part)) ?? FORGOTTEN) : undefined;
  };

  return {
    endPart,
    async partState(id, part) {
      const item = await readRun(id);
      if (failedOf(item).has(part)) return 'failed';
      return doneOf(item).has(part) ? 'ended' : 'open';
    },
    async openParts(id, parts) {
      const done = doneOf(await readRun(id));
      return parts.filter((part) => !done.has(part));
    },
    async foundParts(id) {
      return foundPartsOf(await readRun(id));
    },
    async mendPart(id, outcome, at) {
      const failure = await failureOf(id, outcome.part);
      if (failure) await putManyAside(id, outcome);
      let item = failure && (await update(runKey(id), mending(outcome, failure, { versions: true })));
      if (failure && !item && (await putVersionsAside(id, outcome, (run) => failedOf(run).has(outcome.part))))
        item = await update(runKey(id), mending(outcome, failure, { versions: false }));
      await settle(id, at, item);
      return item !== undefined;
    },
    async failuresOf(id, parts) {
      const item = await readRun(id);
      const failed = [...new Set(parts)].filter((part) => failedOf(item).has(part));
      const failures = await Promise.all(failed.map((part) => readFailure(id, part)));
      return failed.flatMap((part, index): PartFailure[] => {
        const failure = failures[index];
        if (failure) return [{ part, error: failure.error, receives: failure.receives }];
        const { part: _, ...error } = errorsOf(item).find((one) => one.part === part) ?? { part };
        return 'message' in error ? [{ part, error, receives: 0 }] : [];
      });
    },
    async addRequests(id, requests) {
      if (requests === 0) return;
      await update(runKey(id), {
        UpdateExpression: 'ADD count_requests :requests',
        ConditionExpression: 'attribute_exists(pk)',
        ExpressionAttributeValues: { ':requests': requests },
      });
    },
    settle: (id, at) => settle(id, at),
    async claimAnnouncement(id, at, stale_before) {
      const claimed = await update(runKey(id), {
        UpdateExpression: 'SET announcing_at = :at',
        ConditionExpression:
          'attribute_exists(ended_at) AND attribute_not_exists(announced) AND (attribute_not_exists(announcing_at) OR announcing_at < :stale)',
        ExpressionAttributeValues: { ':at': at, ':stale': stale_before },
      });
      return claimed !== undefined;
    },
    async markAnnounced(id) {
      await update(runKey(id), {
        UpdateExpression: 'SET announced = :yes',
        ConditionExpression: 'attribute_exists(pk)',
        ExpressionAttributeValues: { ':yes': true },
      });
    },
  };
};
