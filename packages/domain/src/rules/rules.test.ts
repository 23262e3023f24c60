import { describe, expect, it } from '@jest/globals';
import { CollectMessage } from '../messages/collect.ts';
import { message } from '../use-cases/testing/figures-source.ts';
import { seeded } from '../use-cases/testing/world.ts';
import { jittered } from './backoff.ts';
import { estimateCostUsd } from './cost.ts';
import { versionPrefix } from './keys.ts';
import { retryAfter } from './retry-after.ts';
import { stateAtEnd } from './run-end.ts';
import { newRunId } from './run-id.ts';
import { isDue, rateMs } from './schedule.ts';

const NOW = Date.parse('2026-11-20T08:33:00.000Z');

describe('A schedule', () => {
  it('is a rate in minutes, hours or days', () => {
    expect([rateMs('rate(5 minutes)'), rateMs('rate(1 hour)'), rateMs('rate(2 days)')]).toEqual([3e5, 36e5, 1728e5]);
    expect(() => rateMs('rate(0 days)')).toThrow(RangeError);
  });
  it('is due at first, and then a period after the last start, a look of the planner early', () => {
    const last = (minutes: number) => new Date(NOW - minutes * 60_000).toISOString();
    expect(isDue('rate(1 day)', undefined, NOW)).toBe(true);
    expect(isDue('rate(1 day)', last(24 * 60 - 2), NOW)).toBe(true);
    expect(isDue('rate(1 day)', last(24 * 60 - 3), NOW)).toBe(false);
  });
});

describe('A run id', () => {
  it('sorts by time, differs by chance and fits the messages', () => {
    const random = seeded(1);
    const ids = Array.from({ length: 1000 }, (_, second) => newRunId('collect', NOW + second * 1000, random));
    expect([...ids].sort()).toEqual(ids);
    expect(ids[0]).toMatch(/^collect-20261120t083300-[0-9a-z]{6}$/);
    expect(CollectMessage.safeParse(message(ids[0]!)).success).toBe(true);
    expect(new Set(Array.from({ length: 1000 }, () => newRunId('collect', NOW, random))).size).toBe(1000);
  });
});

describe('Retry-After', () => {
  it('is seconds or a date, never in the past and never longer than a day', () => {
    expect(retryAfter('60', NOW) - NOW).toBe(60_000);
    expect(retryAfter('Fri, 20 Nov 2026 08:34:00 GMT', NOW) - NOW).toBe(60_000);
    expect(retryAfter('Fri, 20 Nov 2020 08:34:00 GMT', NOW) - NOW).toBe(0);
    expect(retryAfter(null, NOW, 7) - NOW).toBe(7_000);
    expect(retryAfter('1e9', NOW, 7) - NOW).toBe(7_000);
    expect(retryAfter('999999999', NOW) - NOW).toBe(86_400_000);
  });
});

describe('A backoff', () => {
  it('grows, is capped, and never the same twice', () => {
    const random = seeded(1);
    const waits = (attempt: number) =>
      Array.from({ length: 500 }, () => jittered(attempt, { base: 5, cap: 20 }, random));
    expect(Math.max(...waits(1))).toBeLessThanOrEqual(5);
    expect(Math.max(...waits(9))).toBeLessThanOrEqual(20);
    expect(Math.min(...waits(9))).toBeGreaterThanOrEqual(2);
    expect(new Set(waits(3)).size).toBe(500);
  });
});

describe('The end of a run', () => {
  it('is told by the parts that failed or never ended', () => {
    const state = (parts: number, parts_done: number, failed: number, versions: string[] = []) =>
      stateAtEnd({ parts, parts_done, errors: [], versions }, failed);
    expect(state(15, 15, 0)).toBe('succeeded');
    expect(state(15, 15, 1)).toBe('partial');
    expect(state(15, 14, 0)).toBe('partial');
    expect(state(15, 15, 15)).toBe('failed');
    expect(state(15, 0, 0)).toBe('failed');
    expect(state(0, 0, 0)).toBe('succeeded');
    // One table of the only file could not be read.
    expect(state(1, 1, 1, ['a_b@1'])).toBe('partial');
  });
  it('costs more the more was done, and fractions of a cent', () => {
    const idle = estimateCostUsd({ parts_done: 15, requests: 15, versions: 0, gb_ms: 3_000 });
    const busy = estimateCostUsd({ parts_done: 15, requests: 15, versions: 15, gb_ms: 30_000 });
    expect(idle).toBeGreaterThan(0);
    expect(busy).toBeGreaterThan(idle);
    expect(busy).toBeLessThan(0.01);
    // 3,000 s of a GB: 0.04 USD, as Lambda has it for Arm.
    const work = { parts_done: 0, requests: 0, versions: 0 };
    expect(estimateCostUsd({ ...work, gb_ms: 3_000_000 })).toBeCloseTo(3000 * 13.3334e-6, 6);
    const pages = { parts_done: 10, requests: 10, versions: 0, gb_ms: 3_000 };
    const users = estimateCostUsd({ ...pages, users: 1000 }) - estimateCostUsd(pages);
    expect(users).toBeCloseTo(4_000 * 0.625e-6, 7);
  });
});

describe('The folder of an attempt', () => {
  it('sorts by version', () => {
    expect(versionPrefix('a_b', 7, 'xyz')).toBe('versions/a_b/000007-xyz/');
  });
});
