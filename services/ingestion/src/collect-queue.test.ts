import { readFileSync } from 'node:fs';
import { MAX_RECEIVES } from '@granary/domain/messages/collect';
import { describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';
import { worker } from './functions/collect.ts';

const file = readFileSync(new URL('../resources/collect-queue.yml', import.meta.url), 'utf8');
// Intrinsics are tags that only CloudFormation knows; what stands behind them is not asked about here.
const { CollectQueue, CollectDeadLetters } = parse(file.replace(/!(GetAtt|Sub|Ref) /g, '')).Resources;

describe('The queue of what is to be collected', () => {
  it('gives a message up when the worker thinks so', () => {
    expect(CollectQueue.Properties.RedrivePolicy.maxReceiveCount).toBe(MAX_RECEIVES);
  });
  it('hides a message for at least six time-outs of the function', () => {
    expect(CollectQueue.Properties.VisibilityTimeout).toBeGreaterThanOrEqual(6 * worker.timeout_s);
  });
  it('is encrypted, and so are its dead letters, which stay longer', () => {
    expect([CollectQueue, CollectDeadLetters].map(({ Properties }) => Properties.SqsManagedSseEnabled)).toEqual([
      true,
      true,
    ]);
    const [waits, stays] = [CollectQueue, CollectDeadLetters].map(
      ({ Properties }) => Properties.MessageRetentionPeriod,
    );
    expect(stays).toBeGreaterThan(waits);
  });
});
