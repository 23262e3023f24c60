/**
 * Goal 19, of collecting: a portal of generated datasets (the replica's, in a process of its own) by its Action API,
 * through the real queue, the collect worker's handler and the stores, on emulators over HTTP, which share this
 * process: resources a second on the first run and on one where nothing has changed, requests to the portal and calls
 * of DynamoDB for each resource. GRANARY_PORTAL_DATASETS says how many datasets there are: two make three resources.
 */
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { planCollection } from '@granary/domain/use-cases/collect/plan-collection';
import { kind } from '@granary/sources/kinds/ckan/kind';
import { embrapa } from '@granary/sources/testing/shipped';
import { portSource } from '@granary/sources/testing/source-world';
import { makeDynamoRunStore } from '@granary/stores/dynamo-run-store';
import { startStack } from '../services/ingestion/src/testing/stack.ts';
import { startPortal } from './portal-process.ts';
import { printWhenMain } from './print.ts';
import type { BenchRow } from './row.ts';

const WORKERS = 4;
const LONGEST_MS = 6 * 3_600_000;
const WRITES = /^(Put|Update|Delete|BatchWrite|TransactWrite)/;

export const run = async ({ quick }: { quick: boolean }): Promise<BenchRow[]> => {
  const datasets = Number(process.env.GRANARY_PORTAL_DATASETS ?? (quick ? 100 : 1000));
  const resources = Math.floor(datasets * 1.5);
  const portal = await startPortal(datasets);
  const { address } = portal;
  const source = { ...portSource(kind as never, {}), base_url: address, requests_per_minute: 6_000_000 };
  // What only the source has that a stack is made with otherwise.
  const none = Object.fromEntries(Object.keys(embrapa).map((name) => [name, undefined]));
  const stack = await startStack(address, { ...none, ...source });
  // Whoever waits for the end of a run reads it, too: by a client of its own, which nobody counts.
  const { dynamoEndpoint } = stack.emulators;
  const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
  const client = DynamoDBDocumentClient.from(
    new DynamoDBClient({ region: 'us-east-1', credentials, endpoint: dynamoEndpoint }),
  );
  const watching = makeDynamoRunStore({ client, table: 'granary-test-catalog' });
  const calls = { reads: 0, writes: 0 };
  stack.emulators.documents.middlewareStack.add(
    (next, { commandName = '' }) =>
      (given) => {
        calls[WRITES.test(commandName) ? 'writes' : 'reads']++;
        return next(given);
      },
    { step: 'initialize' },
  );
  const rows: BenchRow[] = [];
  try {
    for (const which of ['first run', 'unchanged run']) {
      Object.assign(calls, { reads: 0, writes: 0 });
      const before = await portal.statuses();
      const begun = performance.now();
      const { runs } = await planCollection(stack.deps)({ force: true });
      const ended = async () => (await watching.getRun(runs[0]!.id))!;
      await stack.workUntil(async () => (await ended()).state !== 'running', {
        workers: WORKERS,
        timeout_ms: LONGEST_MS,
      });
      const { state, counts, errors } = await ended();
      const seconds = (performance.now() - begun) / 1000;
      if (state !== 'succeeded' || (which !== 'first run' && counts.unchanged !== resources))
        throw new Error(`the ${which} ended ${state}: ${JSON.stringify(counts)} ${JSON.stringify(errors[0])}`);
      const after = await portal.statuses();
      const asked = (status: number) => (after[status] ?? 0) - (before[status] ?? 0);
      const requests = counts.requests / resources;
      const what = `${resources} resources, ${which}`;
      const figure = (name: string, value: number, unit: string, peer = ''): BenchRow => ({
        ...{ goal: '', what: `${what}: ${name}`, value, unit, peer, ratio: 1, limit: 0, met: true },
      });
      const writes = calls.writes / resources;
      rows.push(
        figure('collected', resources / seconds, 'resources/s', `${seconds.toFixed(1)} s, ${WORKERS} workers`),
        figure('requests', requests, 'a resource', `200: ${asked(200)}, 304: ${asked(304)}, 404: ${asked(404)}`),
        figure('DynamoDB reads', calls.reads / resources, 'a resource'),
        which === 'first run'
          ? figure('DynamoDB writes', writes, 'a resource')
          : {
              ...{ goal: '19 (writes)', what: `${what}: DynamoDB writes`, value: writes, unit: 'a resource' },
              ...{ peer: 'goal 5', ratio: writes / 5, limit: 1, met: writes <= 5 },
            },
      );
    }
    return rows;
  } finally {
    await stack.stop();
    portal.stop();
  }
};

await printWhenMain(import.meta, run);
