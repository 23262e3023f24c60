import { readFileSync } from 'node:fs';
import { MAX_RECEIVES, PART_QUEUES } from '@granary/domain/messages/part';
import { describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';
import { worker as collect } from './functions/collect.ts';
import { worker as fetchUsers } from './functions/fetch-users.ts';

type QueueResource = { Properties: Record<string, never> & { RedrivePolicy: { maxReceiveCount: number } } };

const declared = (queue: string, name: string): { waits: QueueResource; stays: QueueResource } => {
  const file = readFileSync(new URL(`../resources/${queue}-queue.yml`, import.meta.url), 'utf8');
  // Intrinsics are tags that only CloudFormation knows; what stands behind them is not asked about here.
  const { Resources } = parse(file.replace(/!(GetAtt|Sub|Ref|ImportValue) /g, ''));
  return { waits: Resources[`${name}Queue`], stays: Resources[`${name}DeadLetters`] };
};

const QUEUES = [
  { queue: 'collect', worker: collect, ...declared('collect', 'Collect') },
  { queue: 'fetch-users', worker: fetchUsers, ...declared('fetch-users', 'FetchUsers') },
];

describe.each(QUEUES)('The queue $queue', ({ worker, waits, stays }) => {
  it('gives a message up when the worker thinks so', () => {
    expect(waits.Properties.RedrivePolicy.maxReceiveCount).toBe(MAX_RECEIVES);
  });
  it('hides a message for at least six time-outs of the function', () => {
    expect(waits.Properties.VisibilityTimeout).toBeGreaterThanOrEqual(6 * worker.timeout_s);
  });
  it('is encrypted, and so are its dead letters, which stay longer', () => {
    expect([waits, stays].map(({ Properties }) => Properties.SqsManagedSseEnabled)).toEqual([true, true]);
    expect(stays.Properties.MessageRetentionPeriod).toBeGreaterThan(waits.Properties.MessageRetentionPeriod!);
  });
});

it('The queues are all there are of parts', () => {
  expect(QUEUES.map(({ queue }) => queue)).toEqual(PART_QUEUES);
  expect(QUEUES.map(({ worker }) => worker.queue)).toEqual(PART_QUEUES);
});
