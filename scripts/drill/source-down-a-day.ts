import { UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import type { Drill } from './drills.ts';
import { EVERY_FILE, SOURCE } from './resource-paths.ts';
import { collect, lookUntilGreen, untilRun } from './runs.ts';
import type { DrillStack } from './stack.ts';

const HOUR_MS = 3_600_000;
/** More than two days: twice the schedule of the source. */
const AGO_MS = 49 * HOUR_MS;

/**
 * What the catalog remembers of when the source last gave each dataset, moved back: nobody waits two days in a drill.
 */
const moveBack = async ({ api, dynamodb }: DrillStack, source: string): Promise<number> => {
  const datasets = (await api.datasets()).filter((dataset) => dataset.source === source && dataset.checked_at);
  for (const { id, checked_at } of datasets) {
    await dynamodb.send(
      new UpdateItemCommand({
        TableName: 'granary-local-catalog',
        Key: { pk: { S: `DATASET#${id}` }, sk: { S: 'META' } },
        UpdateExpression: 'SET checked_at = :then',
        ExpressionAttributeValues: { ':then': { S: new Date(Date.parse(checked_at!) - AGO_MS).toISOString() } },
      }),
    );
  }
  return datasets.length;
};

export const sourceDownADay: Drill = {
  alarm: 'datasets-overdue',
  breaks: 'every file of the source answers 500, and the catalog last heard of them 49 hours earlier than it did',
  async run(stack) {
    const begun = Date.now();
    await stack.breakSource({ path: EVERY_FILE, kind: '500' });
    const run = await collect(stack);
    await untilRun(stack, run, 'failed');
    const moved = await moveBack(stack, SOURCE.id);
    if (moved === 0)
      throw new Error(`No dataset of ${SOURCE.id} was ever collected here: run \`npm start\` until it has.`);
    const seen = (await stack.invoke('watch')) as { overdue: string[] };
    stack.say(`watch: ${seen.overdue.length} of ${moved} datasets of ${SOURCE.id} are overdue`);
    await stack.untilAlarm('datasets-overdue', 'ALARM', begun);
    await stack.byRunbook('datasets-overdue', 'look');
    await stack.breakSource();
    const mended = Date.now();
    await stack.byRunbook('collect-dead-letters', 'mend');
    await untilRun(stack, run, 'succeeded', { mended: true });
    await lookUntilGreen(stack, ['datasets-overdue', 'source-failing', 'collect-dead-letters'], mended);
  },
};
