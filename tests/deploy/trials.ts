import assert from 'node:assert/strict';
import { DeleteItemCommand } from '@aws-sdk/client-dynamodb';
import { PurgeQueueCommand } from '@aws-sdk/client-sqs';
import { RANDOM_USERS } from '@granary/sources/users/source-id';
import type { Cloud } from './cloud.ts';
import type { Step, World } from './flow.ts';
import { decisionsSize, type Grant, needs, readDecisions, without } from './grants.ts';
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
  for (const source of ['embrapa', RANDOM_USERS]) {
    const Key = { pk: { S: `SOURCE#${source}` }, sk: { S: 'META' } };
    await clients.dynamo.send(new DeleteItemCommand({ TableName: `granary-${stage}-catalog`, Key }));
  }
};

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

    /**
     * Makes the first step again that needed the grant, without it. Throws when nothing fails and nobody is refused.
     */
    missed: async (grant: Grant): Promise<string> => {
      const step = stepOf(grant);
      assert.ok(step, 'no step needs it');
      const since = decisionsSize(cloud);
      // What a container has kept, such as where the newest version is, it need not ask for.
      const name = functionOfRole(grant.role);
      if (name !== undefined) await renew(cloud, name);
      const failed = await without(cloud, grant, () =>
        step.run(world).then(
          () => undefined,
          (error: Error) => error,
        ),
      );
      await heal(cloud);
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
