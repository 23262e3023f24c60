import { GetCommand, PutCommand, QueryCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import type { LastStart, RunStart, RunStore } from '@granary/domain/ports/run-store';
import { exclusiveName, type Run } from '@granary/domain/run';
import { type CatalogTable, held, type Item, queryAll, setting } from './dynamo-items.ts';
import { makeDynamoRunParts, runKey } from './dynamo-run-parts.ts';
import { closing, overdueError, runExpiresAt, runItem, toRun } from './run-items.ts';
import { manyVersionsKey, versionsKeys } from './run-part-items.ts';

const sourceKey = (source: string) => ({ pk: `SOURCE#${source}`, sk: 'META' });
/**
 * A lease is not written anew for less: all parts of a run say that they live, and one item takes a thousand small
 * writes a second at most.
 */
const LEASE_STEP_MS = 60_000;
const KINDS: readonly Run['kind'][] = ['collect', 'users'];

/**
 * Runs (`RUN#id`/`META`, GSI1 `RUNS#<kind>` by start) and the newest run of each source (`SOURCE#id`/`META`, GSI1
 * `SOURCES`), which is what keeps a source from running twice at a time: it changes only from a run that is known to
 * have ended.
 */
export const makeDynamoRunStore = ({
  client,
  table,
  now = Date.now,
}: CatalogTable & { now?: () => number }): RunStore => {
  const TableName = table;
  const read = async (Key: Item): Promise<Item | undefined> =>
    (await client.send(new GetCommand({ TableName, Key, ConsistentRead: true }))).Item;
  const getItem = (id: string) => read(runKey(id));
  const getSource = (source: string) => read(sourceKey(source));
  const iso = () => new Date(now()).toISOString();

  /** With those versions that lie beside it, where they are too many for one item. */
  const withAllVersions = async (item: Item): Promise<Item> => {
    if (item.more_versions !== true) return item;
    const id = item.id as string;
    const shared = await Promise.all(versionsKeys(id, item.parts as number).map(read));
    const many = shared.flatMap((one) => [...((one?.many as Set<number> | undefined) ?? [])]);
    const others = [...shared, ...(await Promise.all(many.map((part) => read(manyVersionsKey(id, part)))))];
    const sets = [item, ...others].flatMap((one) => [...((one?.versions as Set<string> | undefined) ?? [])]);
    return { ...item, versions: new Set(sets) };
  };

  const putRun = (run: Run): Promise<boolean> => {
    const Item = { ...runKey(run.id), ...runItem(run) };
    return held(client.send(new PutCommand({ TableName, Item, ConditionExpression: 'attribute_not_exists(pk)' })));
  };

  const close = (item: Item, at: string, error?: Run['errors'][number]): Promise<boolean> =>
    held(client.send(new UpdateCommand({ TableName, Key: runKey(item.id as string), ...closing(item, at, error) })));

  const isOverdue = (run: Run, at: string): boolean => run.state === 'running' && run.lease_until < at;

  const closeOverdue = async (item: Item, at: string): Promise<boolean> => {
    const run = toRun(item);
    return close(item, at, run.parts_done < run.parts ? overdueError(run, at) : undefined);
  };

  /** Takes the source from the run that had it last, if that is still so. */
  const takeSource = (run: Run, previous: string | undefined): Promise<boolean> => {
    const name = exclusiveName(run);
    const index = { gsi1pk: 'SOURCES', gsi1sk: name };
    const started_at = run.started_at;
    // Of a source it is kept for good; of a dataset that is made again nobody asks for it later.
    const expiring = (run.replays || run.checks !== undefined) && { expires_at: runExpiresAt(Date.parse(started_at)) };
    const update = setting({ run: run.id, started_at, sent: false, starting: run, ...index, ...expiring });
    const ConditionExpression = previous ? '#run = :previous' : 'attribute_not_exists(#run)';
    if (previous) update.ExpressionAttributeValues[':previous'] = previous;
    return held(client.send(new UpdateCommand({ TableName, Key: sourceKey(name), ...update, ConditionExpression })));
  };

  /**
   * The run that has a source. Whoever took the source may have died before writing its run; then it is written in its
   * place. Undefined when it has expired.
   */
  const runOf = async (source: Item): Promise<Item | undefined> => {
    const id = source.run as string;
    const item = await getItem(id);
    if (item || !source.starting) return item;
    await putRun(source.starting as Run);
    return getItem(id);
  };

  const start = async (run: Run): Promise<RunStart> => {
    for (;;) {
      const source = await getSource(exclusiveName(run));
      if (source?.run === run.id) {
        // Ours after all: the answer to our own write was lost, and it was repeated.
        await putRun(run);
        return { started: true };
      }
      const item = source && (await runOf(source));
      if (item) {
        const running = toRun(item);
        // Not closed: it ended, or it showed a sign of life meanwhile; look again.
        if (isOverdue(running, iso())) {
          if (!(await closeOverdue(item, iso()))) continue;
        } else if (running.state === 'running') return { started: false, running, sent: source?.sent === true };
      }
      if (await takeSource(run, source?.run as string | undefined)) {
        await putRun(run);
        return { started: true };
      }
    }
  };

  /**
   * How far the leases of runs reach at least, as far as this process knows (ms since the epoch); they never become
   * shorter.
   */
  const leases = new Map<string, number>();

  return {
    ...makeDynamoRunParts({ client, table, now }),
    async getRun(id) {
      const item = await getItem(id);
      return item && toRun(await withAllVersions(item));
    },
    async listRuns({ kind, limit, before }) {
      const pages = await Promise.all(
        (kind ? [kind] : KINDS).map((one) => newest({ client, table }, one, limit + 1, before)),
      );
      const items = pages.flat().sort((a, b) => (String(a.gsi1sk) < String(b.gsi1sk) ? 1 : -1));
      const shown = items.slice(0, limit);
      return { runs: shown.map(toRun), next: items.length > limit ? String(shown.at(-1)!.gsi1sk) : null };
    },
    start,
    async markSent(run) {
      const { id } = run;
      const update = setting({ sent: true });
      const Names = { ...update.ExpressionAttributeNames, '#run': 'run' };
      const Values = { ...update.ExpressionAttributeValues, ':run': id };
      await held(
        client.send(
          new UpdateCommand({
            TableName,
            Key: sourceKey(exclusiveName(run)),
            UpdateExpression: `${update.UpdateExpression} REMOVE starting`,
            ConditionExpression: '#run = :run',
            ExpressionAttributeNames: Names,
            ExpressionAttributeValues: Values,
          }),
        ),
      );
    },
    async extendLease(id, until) {
      if (Date.parse(until) - (leases.get(id) ?? 0) < LEASE_STEP_MS) return;
      const update = setting({ lease_until: until });
      await held(
        client.send(
          new UpdateCommand({
            TableName,
            Key: runKey(id),
            UpdateExpression: update.UpdateExpression,
            ConditionExpression: '#state = :running AND #lease_until < :lease_until',
            ExpressionAttributeNames: { ...update.ExpressionAttributeNames, '#state': 'state' },
            ExpressionAttributeValues: { ...update.ExpressionAttributeValues, ':running': 'running' },
          }),
        ),
      );
      leases.set(id, Date.parse(until));
    },
    async closeOverdue(at) {
      const closed: string[] = [];
      for (const { run } of await queryAll({ client, table }, 'SOURCES')) {
        const item = await getItem(run as string);
        if (item && isOverdue(toRun(item), at) && (await closeOverdue(item, at))) closed.push(run as string);
      }
      return closed;
    },
    async lastStart(source): Promise<LastStart | undefined> {
      const item = await getSource(source);
      if (item?.sent === false) await runOf(item);
      return item && { run: item.run as string, at: item.started_at as string, sent: item.sent === true };
    },
  };
};

/**
 * The newest runs of a kind, as items; `before` is the sort key of an earlier one. One answer has a megabyte at most:
 * three large runs may fill it.
 */
const newest = async (
  { client, table }: CatalogTable,
  kind: Run['kind'],
  limit: number,
  before: string | undefined,
): Promise<Item[]> => {
  const items: Item[] = [];
  let ExclusiveStartKey: Item | undefined;
  do {
    const page = await client.send(
      new QueryCommand({
        TableName: table,
        IndexName: 'GSI1',
        ScanIndexForward: false,
        Limit: limit - items.length,
        KeyConditionExpression: before === undefined ? 'gsi1pk = :kind' : 'gsi1pk = :kind AND gsi1sk < :before',
        ExpressionAttributeValues: { ':kind': `RUNS#${kind}`, ...(before !== undefined && { ':before': before }) },
        ExclusiveStartKey,
      }),
    );
    items.push(...(page.Items ?? []));
    ExclusiveStartKey = page.LastEvaluatedKey;
  } while (ExclusiveStartKey && items.length < limit);
  return items;
};
