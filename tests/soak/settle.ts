import { setTimeout as sleep } from 'node:timers/promises';
import { setReplica } from '../e2e/collecting.ts';
import type { Stack } from '../e2e/stack.ts';
import { json } from '../e2e/users-api.ts';
import type { Aws } from './aws.ts';

const QUEUES = ['collect', 'fetch-users'] as const;

type RunLine = {
  id: string;
  kind: string;
  state: string;
  counts: Record<string, number>;
  users?: { new: number; overwritten: number; failed: number };
};

export const allRuns = async (stack: Stack): Promise<RunLine[]> => {
  const runs: RunLine[] = [];
  let cursor: string | null = '';
  while (cursor !== null) {
    const more: string = cursor && `&cursor=${encodeURIComponent(cursor)}`;
    const page: { items: RunLine[]; next: string | null } = await json(stack, 'reader', `/v1/runs?limit=100${more}`);
    runs.push(...page.items);
    cursor = page.next;
  }
  return runs;
};

/**
 * The sources are well again, and everything that waits is done: queues run empty, dead letters are sent back until
 * none comes of them any more, runs end. Gives up after `limit_ms`, for the checks to say what is left.
 */
export const settle = async (stack: Stack, aws: Aws, limit_ms: number): Promise<void> => {
  await setReplica(stack, { faults: [], rate_limit: null });
  const end = performance.now() + limit_ms;
  const open = async () => {
    const waiting = await Promise.all(QUEUES.map((queue) => aws.messages(queue)));
    const running = (await allRuns(stack)).filter(({ state }) => state === 'running');
    return waiting.reduce((sum, count) => sum + count, 0) + running.length;
  };
  let redrives = 0;
  while (performance.now() < end) {
    const waiting = await Promise.all(QUEUES.map((queue) => aws.messages(queue)));
    const dead = await Promise.all(QUEUES.map((queue) => aws.messages(`${queue}-dlq`)));
    const idle = waiting.every((count) => count === 0);
    if (idle && dead.some((count) => count > 0) && redrives < 5) {
      redrives += 1;
      await json(stack, 'operator', '/v1/admin/dead-letters/redrive', { per_second: 50 });
    } else if (idle && (await open()) === 0) return;
    await sleep(1_000);
  }
};
