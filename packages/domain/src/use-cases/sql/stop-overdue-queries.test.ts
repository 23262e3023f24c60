import { describe, expect, it } from '@jest/globals';
import type { QueryStatus } from '../../ports/query-engine.ts';
import { stopOverdueQueries } from './stop-overdue-queries.ts';

const statusOf = (id: string, submitted: number) =>
  ({ id, submitted_at: new Date(submitted).toISOString() }) as QueryStatus;

describe('stopping queries', () => {
  it('stops those that run longer than they may, and no others', async () => {
    const stopped: string[] = [];
    const engine = {
      underWay: async () => [statusOf('old', 0), statusOf('just', 100_000), statusOf('new', 390_000)],
      stop: async (id: string) => void stopped.push(id),
    };
    expect(await stopOverdueQueries({ engine, clock: () => 400_000, limit_ms: 300_000 })()).toEqual(['old']);
    expect(stopped).toEqual(['old']);
  });

  it('stops the others when one cannot be, and says so', async () => {
    const stopped: string[] = [];
    const engine = {
      underWay: async () => [statusOf('stubborn', 0), statusOf('old', 0)],
      stop: async (id: string) => {
        if (id === 'stubborn') throw new Error('not now');
        stopped.push(id);
      },
    };
    await expect(stopOverdueQueries({ engine, clock: () => 400_000, limit_ms: 300_000 })()).rejects.toThrow('not now');
    expect(stopped).toEqual(['old']);
  });
});
