import assert from 'node:assert/strict';
import { DeleteItemCommand, paginateScan, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { PurgeQueueCommand } from '@aws-sdk/client-sqs';
import { type Cloud, until } from './cloud.ts';
import { collecting } from './flow/publishing.ts';
import type { Step, World } from './flow/world.ts';
import { type Decision, decisionsSize, type Grant, needs, readDecisions, without } from './grants.ts';
import { functionOfRole, renew } from './renew.ts';

/**
 * A step that was broken off leaves messages that are tried again, runs that have a source, versions that somebody is
 * about to publish and hosts that want to be left alone: as if none had been.
 */
const heal = async ({ cloud, replica }: World): Promise<void> => {
  const { clients, queue, stage } = cloud;
  replica.setFaults([]);
  // Those that are at work end, or they would still write while the next step does.
  for (const id of ['collect', 'fetch-users']) await renew({ clients }, `granary-ingestion-${stage}-${id}`);
  for (const name of ['collect', 'fetch-users', 'collect-dlq', 'fetch-users-dlq'])
    await clients.sqs.send(new PurgeQueueCommand({ QueueUrl: await queue(name) })).catch((error: Error) => {
      // Once a minute is what SQS takes.
      if (!/PurgeQueueInProgress/.test(error.name)) throw error;
    });
  const TableName = `granary-${stage}-catalog`;
  const FilterExpression =
    '(#state = :pending AND lease_until > :now) OR begins_with(pk, :source) OR begins_with(pk, :host)';
  const ExpressionAttributeNames = { '#state': 'state' };
  const values = { pending: 'pending', now: new Date().toISOString(), source: 'SOURCE#', host: 'HOST#' };
  const ExpressionAttributeValues = Object.fromEntries(
    Object.entries(values).map(([name, text]) => [`:${name}`, { S: text }]),
  );
  const scan = { TableName, FilterExpression, ExpressionAttributeNames, ExpressionAttributeValues };
  for await (const { Items = [] } of paginateScan({ client: clients.dynamo }, scan))
    for (const { pk = { S: '' }, sk = { S: '' } } of Items) {
      const place = { TableName, Key: { pk, sk } };
      if (/^(SOURCE|HOST)#/.test(pk.S ?? '')) await clients.dynamo.send(new DeleteItemCommand(place));
      else
        await clients.dynamo.send(
          new UpdateItemCommand({
            ...place,
            UpdateExpression: 'SET lease_until = :past',
            ExpressionAttributeValues: { ':past': { S: new Date(0).toISOString() } },
          }),
        );
    }
};

/** Of several grants: each time the next one of every role. */
export const roundsOf = (grants: readonly Grant[]): Grant[][] => {
  const ofRoles = [...Map.groupBy(grants, ({ role }) => role).values()];
  const most = Math.max(0, ...ofRoles.map(({ length }) => length));
  return Array.from({ length: most }, (_, round) => ofRoles.flatMap((ofRole) => ofRole[round] ?? []));
};

const refuses = ({ by, action, decision }: Decision, grant: Grant): boolean =>
  decision !== 'Allow' && by.split('/')[1] === grant.role && action === grant.action;

const LATEST_MS = 8000;
/** When so long nobody else was refused, the rest is not come to. */
const QUIET_MS = 4000;
const LOOK_MS = 100;

/**
 * Makes steps, remembers which of them needed which grant, and makes them again without it, until somebody is refused.
 */
export const makeTrials = (cloud: Cloud, world: World) => {
  const made: { step: Step; before: Step; decisions: Decision[]; took_ms: number }[] = [];
  /**
   * Those that needed the grant, the shortest first; each with the one before it, whose messages may have been worked
   * on only then.
   */
  const stepsOf = (grant: Grant): Step[] => {
    const needed = made.filter(({ decisions }) => decisions.some((one) => needs(one, grant)));
    const ordered = needed.sort((one, other) => one.took_ms - other.took_ms);
    return [...new Set(ordered.flatMap(({ step, before }) => [step, before]))];
  };

  return {
    isNeeded: (grant: Grant): boolean => stepsOf(grant).length > 0,
    first: async (step: Step): Promise<void> => {
      // What a function did before a step, and does again in it, the step needs too.
      cloud.ministack.beginChapter();
      const from = decisionsSize(cloud);
      const begun = performance.now();
      try {
        await step.run(world);
      } finally {
        const took_ms = performance.now() - begun;
        made.push({ step, before: made.at(-1)?.step ?? step, decisions: readDecisions(cloud, from), took_ms });
      }
    },

    /**
     * Takes away one grant of each function at once, and makes the shortest step again that needed them: those whose
     * functions IAM then refused. What is left may only not have been come to, since another was refused before.
     */
    refusedTogether: async (grants: readonly Grant[]): Promise<Map<Grant, string>> => {
      const found = new Map<Grant, string>();
      const bySteps = Map.groupBy(grants, (grant) => stepsOf(grant)[0]);
      for (const [step, ofStep] of bySteps)
        for (const group of roundsOf(ofStep))
          if (step !== undefined)
            for (const grant of await refusedOf(step, group)) found.set(grant, `'${step.name}': refused by IAM`);
      return found;
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

  /** Whom of these IAM refuses in the step, which is made without all of them at once. */
  async function refusedOf(step: Step, grants: readonly Grant[]): Promise<Grant[]> {
    const since = decisionsSize(cloud);
    const functions = grants.flatMap(({ role }) => functionOfRole(role) ?? []);
    for (const name of functions) await renew(cloud, name);
    const refused = new Set<Grant>();
    let latest = performance.now();
    const look = () => {
      const before = refused.size;
      for (const one of readDecisions(cloud, since))
        for (const grant of grants) if (refuses(one, grant)) refused.add(grant);
      if (refused.size > before) latest = performance.now();
      return refused.size === grants.length || (refused.size > 0 && performance.now() - latest > QUIET_MS);
    };
    const run = () => brokenOffBy(look, () => step.run(world));
    await grants.reduceRight<() => Promise<unknown>>((inner, grant) => () => without(cloud, grant, inner), run)();
    look();
    await heal(world);
    for (const name of functions) await renew(cloud, name);
    await step.heal?.(world);
    return [...refused];
  }

  /** How it was noticed that the step may not do this; undefined when it was not. */
  async function attempt(step: Step, grant: Grant): Promise<string | undefined> {
    const since = decisionsSize(cloud);
    // What a container has kept, such as where the newest version is, it need not ask for.
    const name = functionOfRole(grant.role);
    if (name !== undefined) await renew(cloud, name);
    const refusal = () => readDecisions(cloud, since).find((one) => refuses(one, grant));
    let refused: Decision | undefined;
    const failed = await without(cloud, grant, async () => {
      const error = await brokenOffBy(
        () => {
          refused ??= refusal();
          return refused !== undefined;
        },
        () => step.run(world),
      );
      // What was sent to a queue may be worked on after the step.
      refused ??= error ? refusal() : await until(async () => refusal(), Boolean, LATEST_MS).catch(() => undefined);
      return error;
    });
    // What passed leaves runs as they are found: some grants are for looking at the one before.
    if (refused || failed) {
      await heal(world);
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
    return `'${step.name}': ${refused ? 'refused by IAM' : `it fails: ${failed!.message.split('\n')[0]!.slice(0, 200)}`}`;
  }

  /** Runs it until it ends or `so` holds, which is looked at all the while. The answer is what it failed of. */
  async function brokenOffBy(so: () => boolean, run: () => Promise<void>): Promise<Error | undefined> {
    const breaking = new AbortController();
    cloud.breakOffBy(breaking.signal);
    const looking = setInterval(() => so() && breaking.abort(), LOOK_MS);
    try {
      return await run().then(
        () => undefined,
        (error: Error) => error,
      );
    } finally {
      clearInterval(looking);
      cloud.breakOffBy(undefined);
    }
  }
};
