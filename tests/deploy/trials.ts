import assert from 'node:assert/strict';
import type { Cloud } from './cloud.ts';
import type { Step, World } from './flow.ts';
import { decisionsSize, type Grant, needs, readDecisions, without } from './grants.ts';

/** Makes steps, remembers which of them needed which grant, and makes them again without it. */
export const makeTrials = (cloud: Cloud, world: World) => {
  const made: { step: Step; from: number; to: number }[] = [];
  /** The first that needed the grant. */
  const stepOf = (grant: Grant): Step | undefined =>
    made.find(({ from, to }) => readDecisions(cloud, from, to).some((one) => needs(one, grant)))?.step;

  return {
    stepOf,
    first: async (step: Step): Promise<void> => {
      const from = decisionsSize(cloud);
      try {
        await step.run(world);
      } finally {
        made.push({ step, from, to: decisionsSize(cloud) });
      }
    },

    /** Makes the first step again that needed the grant, without it. Throws when nothing fails and nobody is refused. */
    missed: async (grant: Grant): Promise<string> => {
      const step = stepOf(grant);
      assert.ok(step, 'no step needs it');
      const since = decisionsSize(cloud);
      const failed = await without(cloud, grant, () =>
        step.run(world).then(
          () => undefined,
          (error: Error) => error,
        ),
      );
      const refused = readDecisions(cloud, since).find(
        ({ by, action, decision }) =>
          decision !== 'Allow' && by.split('/')[1] === grant.role && action === grant.action,
      );
      assert.ok(refused || failed, `'${step.name}' passes without it, and nobody is refused`);
      const said = failed ? `it fails: ${failed.message.split('\n')[0]!.slice(0, 200)}` : 'it goes on';
      return `'${step.name}': ${refused ? 'refused by IAM' : 'not refused'}; ${said}`;
    },
  };
};
