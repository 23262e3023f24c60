import { UpdateTableCommand } from '@aws-sdk/client-dynamodb';
import { EXAMPLES } from '@granary/sources/sources.gen';
import { bucketRestored } from './bucket-restored.ts';
import { keyRotation } from './key-rotation.ts';
import { leakedCredentials } from './leaked-credentials.ts';
import { EVERY_FILE, nameOf, pathOf } from './resource-paths.ts';
import { collect, lookUntilGreen, settled, untilRun } from './runs.ts';
import { sourceDownADay } from './source-down-a-day.ts';
import type { DrillStack } from './stack.ts';
import { versionRestored } from './version-restored.ts';

/**
 * Breaks something, waits until its alarm is red, mends it by the runbook, and sees that all is well. Throws when it is
 * not.
 */
export type Drill = {
  /** Undefined: none turns red, and the drill sees to that. */
  alarm?: string;
  /** What it looks at instead. */
  checks?: string;
  breaks: string;
  run(stack: DrillStack): Promise<void>;
};

type Versions = { items: { version: number }[] };
const held = (kind: 'half' | 'other-file', dataset: string, decision: 'release' | 'reject'): Drill => ({
  alarm: 'version-held',
  breaks:
    kind === 'half' ? `half of the file of ${dataset} comes` : `another file comes in the place of that of ${dataset}`,
  async run(stack) {
    const begun = Date.now();
    await stack.breakSource({
      path: pathOf(dataset),
      kind,
      ...(kind === 'other-file' && { other: nameOf(EXAMPLES.quarantined) }),
    });
    await collect(stack);
    await stack.untilAlarm('version-held', 'ALARM', begun);
    await stack.breakSource();
    const { items } = JSON.parse(await stack.byRunbook('version-held', 'look', { DATASET: dataset })) as Versions;
    const version = items[0]!.version;
    await stack.byRunbook('version-held', decision, { DATASET: dataset, VERSION: String(version) });
    const latest = (await stack.api.datasets()).find(({ id }) => id === dataset)?.latest;
    if ((latest === version) !== (decision === 'release'))
      throw new Error(`The version ${version} of ${dataset} was to be ${decision}d; its latest is ${latest}.`);
    await stack.untilAlarm('version-held', 'OK', begun);
    if (decision === 'reject') return;
    // The whole file comes again, which is implausible beside its half: it is released too, and all is as it was.
    await collect(stack);
    await settled(stack, 'collect');
    const next = JSON.parse(await stack.byRunbook('version-held', 'look', { DATASET: dataset })) as Versions;
    await stack.byRunbook('version-held', 'release', { DATASET: dataset, VERSION: String(next.items[0]!.version) });
  },
});

export const DRILLS: Readonly<Record<string, Drill>> = {
  'dead-letters': {
    alarm: 'collect-dead-letters',
    breaks: 'one file of the source answers 500, until its message is in the dead letters',
    async run(stack) {
      const begun = Date.now();
      await stack.breakSource({ path: pathOf(EXAMPLES.dataset), kind: '500' });
      const run = await collect(stack);
      await stack.untilAlarm('collect-dead-letters', 'ALARM', begun, 900);
      await untilRun(stack, run, 'partial');
      await stack.byRunbook('collect-dead-letters', 'look');
      await stack.breakSource();
      const mended = Date.now();
      await stack.byRunbook('collect-dead-letters', 'mend');
      await untilRun(stack, run, 'succeeded', { mended: true });
      await stack.untilAlarm('collect-dead-letters', 'OK', mended);
    },
  },
  'source-down': {
    alarm: 'source-failing',
    breaks: 'every file of the source is a page that says it is being worked on',
    async run(stack) {
      const begun = Date.now();
      await stack.breakSource({ path: EVERY_FILE, kind: 'html' });
      const run = await collect(stack);
      await untilRun(stack, run, 'failed');
      await stack.invoke('watch');
      await stack.untilAlarm('source-failing', 'ALARM', begun);
      await stack.breakSource();
      const mended = Date.now();
      const answer = JSON.parse(await stack.byRunbook('source-failing', 'mend')) as { runs: { id: string }[] };
      await untilRun(stack, answer.runs[0]!.id, 'succeeded');
      await lookUntilGreen(stack, ['source-failing'], mended);
    },
  },
  'source-down-a-day': sourceDownADay,
  'leaked-credentials': leakedCredentials,
  'bucket-restored': bucketRestored,
  'key-rotation': keyRotation,
  'version-rejected': held('other-file', EXAMPLES.dataset, 'reject'),
  'version-released': held('half', EXAMPLES.quarantined, 'release'),
  'version-restored': versionRestored,
  'throttled-table': {
    alarm: 'tables-throttled',
    breaks: 'the table of users takes one write a second',
    async run(stack) {
      const begun = Date.now();
      const TableName = 'granary-local-users';
      const ProvisionedThroughput = { ReadCapacityUnits: 100, WriteCapacityUnits: 1 };
      await settled(stack, 'users');
      await stack.dynamodb.send(
        new UpdateTableCommand({
          ...{ TableName, BillingMode: 'PROVISIONED', ProvisionedThroughput },
          GlobalSecondaryIndexUpdates: [{ Update: { IndexName: 'by_last_name', ProvisionedThroughput } }],
        }),
      );
      const { run } = (await stack.invoke('plan-users', { force: true, users: 100 })) as { run: { id: string } };
      await stack.untilAlarm('tables-throttled', 'ALARM', begun);
      const mended = Date.now();
      await stack.dynamodb.send(new UpdateTableCommand({ TableName, BillingMode: 'PAY_PER_REQUEST' }));
      await untilRun(stack, run.id, 'succeeded');
      await stack.untilAlarm('tables-throttled', 'OK', mended);
    },
  },
};
