import { serveJob } from '@granary/runtime/serve-job';
import { makeMemoryQueryEngine } from '@granary/stores/memory-query-engine';
import { makeMemoryRunStore } from '@granary/stores/memory-run-store';
import { describe, expect, it } from '@jest/globals';
import type { Context } from 'aws-lambda';
import type { sweepDeps } from './deps.ts';
import { job } from './functions/sweep.ts';

type Deps = ReturnType<typeof sweepDeps>;

const sweepWith = async (engine: Pick<Deps['engine'], 'underWay' | 'stop'>, now: number) => {
  const lines: string[] = [];
  const clock = () => now;
  const deps = {
    runs: makeMemoryRunStore({ now: clock }),
    runLog: { info: () => {}, error: () => {}, status: async () => {}, flush: async () => {} },
    engine,
    limit_ms: 300_000,
    clock,
  } as unknown as Deps;
  const settings = () => ({ service: 'ingestion', stage: 'test', write: (line: string) => void lines.push(line) });
  const answer = await serveJob(job, { settings, deps: () => deps })({}, { awsRequestId: 'test' } as Context);
  return { answer, lines: lines.join('\n') };
};

describe('sweeping', () => {
  it('stops a query that runs too long, whether anybody asks about it or not', async () => {
    let now = 0;
    const engine = makeMemoryQueryEngine({ answer: () => ({ ms: 3_600_000 }), now: () => now });
    const old = await engine.start({ sql: 'old', reuse_minutes: 0 });
    now = 200_000;
    const young = await engine.start({ sql: 'young', reuse_minutes: 0 });
    now = 301_000;
    const { lines } = await sweepWith(engine, now);
    expect([(await engine.status(old))?.state, (await engine.status(young))?.state]).toEqual(['cancelled', 'running']);
    expect(lines).toContain(old);
  });

  it('ends runs all the same where the engine of SQL cannot be asked, and says so', async () => {
    const away = async () => Promise.reject(new Error('Athena is away'));
    const { answer, lines } = await sweepWith({ underWay: away, stop: away }, 0);
    expect(answer).toEqual({ closed: [], announced: [] });
    expect(lines).toContain('Athena is away');
  });
});
