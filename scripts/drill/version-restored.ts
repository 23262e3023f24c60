import { EXAMPLES } from '@granary/sources/sources.gen';
import type { Drill } from './drills.ts';
import { pathOf } from './resource-paths.ts';
import { collect, untilRun } from './runs.ts';
import type { DrillStack } from './stack.ts';

const DATASET = EXAMPLES.restored;

const collected = async (stack: DrillStack): Promise<number> => {
  await untilRun(stack, await collect(stack), 'succeeded');
  return (await stack.api.datasets()).find(({ id }) => id === DATASET)?.latest ?? 0;
};
/** How many rows another version has, or has otherwise. */
const changes = async (stack: DrillStack, from: number, to: number): Promise<number> => {
  const variables = { DATASET, VERSION: String(from), LATEST: String(to) };
  const { counts } = JSON.parse(await stack.byRunbook('A wrong version', 'compare', variables)) as {
    counts: { added: number; removed: number; changed: number };
  };
  return counts.added + counts.removed + counts.changed;
};
const same = (what: string, found: number, wanted: number): void => {
  if (found !== wanted) throw new Error(`${what} is ${found}, not ${wanted}.`);
};

export const versionRestored: Drill = {
  checks: 'the figures of before under the next number; the wrong file and the right one are unchanged afterwards',
  breaks: `a figure of ${DATASET} is a word: plausible, and published`,
  async run(stack) {
    const right = await collected(stack);
    await stack.breakSource({ path: pathOf(DATASET), kind: 'text-figure' });
    const wrong = await collected(stack);
    if (wrong === right)
      throw new Error(`This file was passed over before: its versions stay. Start a stack with another --state.`);
    await stack.byRunbook('A wrong version', 'look', { DATASET });
    stack.say(`${await changes(stack, right, wrong)} rows of version ${wrong} are not as in version ${right}`);
    const variables = { DATASET, VERSION: String(right) };
    const { version } = JSON.parse(await stack.byRunbook('A wrong version', 'restore', variables)) as {
      version: number;
    };
    same('The version that was published', version, wrong + 1);
    same('The number of rows that are not as before', await changes(stack, right, version), 0);
    same('The latest version after the same wrong file', await collected(stack), version);
    await stack.breakSource();
    same('The latest version after the right file', await collected(stack), version);
    stack.say(`Version ${version} holds what version ${right} does, and neither file makes another`);
  },
};
