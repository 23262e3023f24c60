import assert from 'node:assert/strict';
import { DeleteItemCommand } from '@aws-sdk/client-dynamodb';
import { PurgeQueueCommand } from '@aws-sdk/client-sqs';
import { type Cloud, until } from './cloud.ts';
import { collecting } from './flow/publishing.ts';
import type { Step, World } from './flow/world.ts';
import { type Decision, decisionsSize, type Grant, needs, readDecisions, without } from './grants.ts';
import { functionOfRole, renew } from './renew.ts';

/**
 * A step that was broken off leaves messages that are tried again and runs that have a source: as if neither had been.
 */
const heal = async ({ clients, queue, stage }: Cloud): Promise<void> => {
  for (const name of ['collect', 'fetch-users', 'collect-dlq', 'fetch-users-dlq'])
    await clients.sqs.send(new PurgeQueueCommand({ QueueUrl: await queue(name) })).catch((error: Error) => {
      // Once a minute is what SQS takes.
      if (!/PurgeQueueInProgress/.test(error.name)) throw error;
    });
  for (const source of ['embrapa', 'random_users']) {
    const Key = { pk: { S: `SOURCE#${source}` }, sk: { S: 'META' } };
    await clients.dynamo.send(new DeleteItemCommand({ TableName: `granary-${stage}-catalog`, Key }));
  }
};

const LATEST_MS = 8000;

/** Makes steps, remembers which of them needed which grant, and makes them again without it. */
export const makeTrials = (cloud: Cloud, world: World) => {
  const made: { step: Step; decisions: Decision[] }[] = [];
  /**
   * Those that needed the grant, in their order; each with the one before it, whose messages may have been worked on
   * only then.
   */
  const stepsOf = (grant: Grant): Step[] => [
    ...new Set(
      made.flatMap(({ step, decisions }, index) =>
        decisions.some((one) => needs(one, grant)) ? [step, made[index - 1]?.step ?? step] : [],
      ),
    ),
  ];

  return {
    isNeeded: (grant: Grant): boolean => stepsOf(grant).length > 0,
    first: async (step: Step): Promise<void> => {
      const from = decisionsSize(cloud);
      try {
        await step.run(world);
      } finally {
        made.push({ step, decisions: readDecisions(cloud, from) });
      }
    },

    /**
     * Makes the steps again that needed the grant, without it, until one fails or somebody is refused. Throws when none
     * does. What is stored already, such as the file of an answer, is not stored again: after the first step that does
     * not notice, every file has a new version.
     */
    missed: async (grant: Grant): Promise<string> => {
      const passed: string[] = [];
      const steps = stepsOf(grant);
      for (const [index, step] of [...steps.slice(0, 1), ...steps].entries()) {
        if (index === 1) await collecting.run(world);
        const said = await attempt(step, grant);
        if (said !== undefined) return said;
        passed.push(`'${step.name}'`);
      }
      return assert.fail(`nobody is refused without it, and nothing fails: ${passed.join(', ')}`);
    },
  };

  /** How it was noticed that the step may not do this; undefined when it was not. */
  async function attempt(step: Step, grant: Grant): Promise<string | undefined> {
    const since = decisionsSize(cloud);
    // What a container has kept, such as where the newest version is, it need not ask for.
    const name = functionOfRole(grant.role);
    if (name !== undefined) await renew(cloud, name);
    const refusal = () =>
      readDecisions(cloud, since).find(
        ({ by, action, decision }) =>
          decision !== 'Allow' && by.split('/')[1] === grant.role && action === grant.action,
      );
    let refused: Decision | undefined;
    const failed = await without(cloud, grant, async () => {
      const error = await step.run(world).then(
        () => undefined,
        (thrown: Error) => thrown,
      );
      // What was sent to a queue may be worked on after the step.
      refused = error ? refusal() : await until(async () => refusal(), Boolean, LATEST_MS).catch(() => undefined);
      return error;
    });
    // What passed leaves runs as they are found: some grants are for looking at the one before.
    if (refused || failed) {
      await heal(cloud);
      if (name !== undefined) await renew(cloud, name);
      await step.heal?.(world);
    }
    if (!refused && !failed) return undefined;
    // What fails and names no refusal may fail for another reason: with the grant it has to pass.
    if (!refused) {
      await step.run(world).catch((error: Error) => {
        throw new Error(`'${step.name}' fails with the grant too: ${error.message}`, { cause: error });
      });
    }
    const said = failed ? `it fails: ${failed.message.split('\n')[0]!.slice(0, 200)}` : 'it goes on';
    return `'${step.name}': ${refused ? 'refused by IAM' : 'not refused'}; ${said}`;
  }
};
