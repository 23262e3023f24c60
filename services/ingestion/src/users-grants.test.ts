import { join } from 'node:path';
import { UsersNotWritten } from '@granary/domain/errors';
import { startReplica } from '@granary/replica/replica';
import { serveJob } from '@granary/runtime/serve-job';
import { grantedTo, permits, recordCalls } from '@granary/runtime/testing/recorded-calls';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import type { Context } from 'aws-lambda';
import { fetchUsersDeps, planUsersDeps, sweepDeps } from './deps.ts';
import { job as plan } from './functions/plan-users.ts';
import { job as sweep } from './functions/sweep.ts';
import { failing, startUsersSource, type UsersTestSource } from './testing/users-source.ts';
import { startUsersStack, type UsersStack } from './testing/users-stack.ts';

jest.setTimeout(90_000);

const FUNCTIONS = join(import.meta.dirname, '../functions.gen.yml');

let replica: Awaited<ReturnType<typeof startReplica>>;
let source: UsersTestSource;
let stack: UsersStack;
const recorders = { 'plan-users': recordCalls(), 'fetch-users': recordCalls(), sweep: recordCalls() };

/**
 * A run that meets everything: answers that fail, pages that are kept and could not be written, another container that
 * opens those.
 */
beforeAll(async () => {
  replica = await startReplica({ port: 0 });
  source = await startUsersSource(replica.bases.users);
  stack = await startUsersStack(source.url);
  source.answerBy(failing(0.5, 1));
  const settings = () => ({ service: 'ingestion', stage: 'local', write: () => {} });
  const context = { awsRequestId: 'test' } as Context;
  const planner = serveJob(plan, { settings, deps: () => planUsersDeps(recorders['plan-users'].capture) });

  // A run that nobody works on is closed, and announced, once its lease is over.
  await planner({ force: true, users: 1 }, context);
  const late = sweepDeps(recorders.sweep.capture);
  const later = serveJob(sweep, { settings, deps: () => ({ ...late, clock: () => Date.now() + 3_600_000 }) });
  const swept = await later({}, context);
  expect([swept.closed.length, swept.announced.length]).toEqual([1, 1]);

  const container = () => ({ ...fetchUsersDeps(recorders['fetch-users'].capture), random: () => 0 });
  const busy = async () => {
    throw new UsersNotWritten('The table is busy', { new: 0, overwritten: 0, failed: 10 });
  };
  const { run } = await planner({ force: true, users: 200, size: 10 }, context);
  const kept = async () => (await stack.objects.list(`raw/users/${run!.id}/`)).length > 0;
  await stack.workUntil(kept, { overrides: { ...container(), users: { write: busy } } });
  const ended = async () => (await stack.runOf(run!.id)).state !== 'running';
  await stack.workUntil(ended, { overrides: container() });
  await planner({}, context);
});
afterAll(async () => {
  await stack?.stop();
  await source?.close();
  await replica?.close();
});

const ids = Object.keys(recorders) as (keyof typeof recorders)[];

/** What a function may do and this run did not need, and why it may. */
const UNUSED: Readonly<Record<string, readonly string[]>> = {
  // No query was under way.
  sweep: ['athena:BatchGetQueryExecution', 'athena:StopQueryExecution'],
};

describe('What a function of users may do', () => {
  it.each(ids)('is all that it does: %s', (id) => {
    const granted = grantedTo(FUNCTIONS, id);
    expect(recorders[id].calls.length).toBeGreaterThan(0);
    expect(recorders[id].calls.filter((call) => !permits(granted, call))).toEqual([]);
  });

  it.each(ids)('is nothing that it does not do: %s', (id) => {
    const done = new Set(recorders[id].calls.map(({ action }) => action));
    const granted = new Set(grantedTo(FUNCTIONS, id).map(({ action }) => action));
    const unused = [...granted].filter((action) => !done.has(action) && !action.startsWith('xray:'));
    expect(unused).toEqual(UNUSED[id] ?? []);
  });
});
