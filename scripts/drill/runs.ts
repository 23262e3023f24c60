import type { DrillStack } from './stack.ts';

/** Collects now, whatever is due; gives the run's id. */
export const collect = async (stack: DrillStack): Promise<string> => {
  // A run that goes on already is waited for: it may have begun before the fault.
  await settled(stack, 'collect');
  const { runs } = (await stack.invoke('plan', { force: true })) as { runs: { id: string }[] };
  return runs[0]!.id;
};
export const settled = (stack: DrillStack, kind: 'collect' | 'users') =>
  stack.until(
    'Every run has ended',
    async () => (await stack.api.newestRuns(10)).every((run) => run.kind !== kind || run.state !== 'running'),
    300,
  );
/** `mended` parts end a run anew: then another end is waited for as well. */
export const untilRun = (stack: DrillStack, id: string, state: string, { mended = false } = {}) =>
  stack.until(
    `The run ${id} is ${state}`,
    async () => {
      const run = await stack.api.run(id);
      if (run.state === state) return true;
      if (run.state === 'running' || mended) return false;
      throw new Error(`The run ${id} is ${run.state}, not ${state}: ${run.errors[0]?.message ?? 'it says no error'}`);
    },
    300,
  );

/** s: how long an alarm is given after each look, and all together. */
const LOOK_EVERY_S = 10;
const LOOK_FOR_S = 300;
/**
 * Lets `watch` look until these alarms are green. One look may not do: an alarm takes the worst that was seen within
 * its period, and what was bad may have been seen seconds ago.
 */
export const lookUntilGreen = async (stack: DrillStack, alarms: readonly string[], since: number): Promise<void> => {
  const end = Date.now() + LOOK_FOR_S * 1000;
  for (const alarm of alarms) {
    const isGreen = async () => {
      await stack.invoke('watch');
      return stack.untilAlarm(alarm, 'OK', since, LOOK_EVERY_S).then(
        () => true,
        (error) => {
          if (Date.now() > end) throw error;
          return false;
        },
      );
    };
    while (!(await isGreen()));
  }
};
