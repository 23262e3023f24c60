import { createHash, randomUUID } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeMemoryCatalog } from '@granary/stores/memory-catalog';
import { makeMemoryHostBudget } from '@granary/stores/memory-host-budget';
import { makeMemoryObjectStore } from '@granary/stores/memory-object-store';
import { makeMemoryQueue } from '@granary/stores/memory-queue';
import { makeMemoryResourceStore } from '@granary/stores/memory-resource-store';
import { makeMemoryRunStore } from '@granary/stores/memory-run-store';
import { makeMemorySqlCatalog } from '@granary/stores/memory-sql-catalog';
import type { CollectionMessage } from '../../messages/collect.ts';
import type { Fetcher } from '../../ports/collecting.ts';
import { begunRun, type Run } from '../../run.ts';
import type { Resource } from '../../source.ts';
import type { WorkDeps } from '../collect/work-on-part.ts';
import { describe } from '../publish/describe-dataset.ts';
import { RUN_LEASE_MS } from '../runs/plan-run.ts';
import { figures } from './figures-source.ts';
import { fixedSources } from './fixed-sources.ts';

/**
 * For tests: memory stores, a clock that only moves when told to or when somebody sleeps, and a source that holds
 * `bytes`.
 */
export const makeWorld = ({ seed = 1 }: { seed?: number } = {}) => {
  let now = Date.parse('2026-11-20T08:00:00.000Z');
  const clock = () => now;
  const queue = makeMemoryQueue<CollectionMessage>();
  const asked: { url: string; at: number }[] = [];
  const visibilities: number[] = [];
  /** What the source holds, and what it throws, once each, before it answers again. */
  const source = { bytes: '1970;10\n1971;20\n', etag: null as string | null, failures: [] as unknown[] };
  const fetch: Fetcher = async (request) => {
    await request.before(new URL(request.url));
    asked.push({ url: request.url, at: now });
    const failure = source.failures.shift();
    if (failure !== undefined) throw failure;
    const { bytes, etag } = source;
    if (etag && request.etag === etag) return { status: 'not-modified' };
    const path = join(tmpdir(), `granary-test-${randomUUID()}`);
    writeFileSync(path, bytes);
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    const said = { etag, last_modified: null, content_type: 'text/csv', link: null };
    return { status: 'fetched', path, bytes: Buffer.byteLength(bytes), sha256, ...said };
  };
  /** Runs of one source go on side by side under other names; each has as many parts as it likes. */
  const names = new Set(['test']);
  const discover = (options: { base_url: string }): readonly Resource[] =>
    Array.from({ length: 50 }, () => figures.discover(options)).flat();
  const world = {
    source,
    fetch,
    asked,
    visibilities,
    queue,
    catalog: makeMemoryCatalog(),
    objects: makeMemoryObjectStore({ now: clock }),
    tables: makeMemorySqlCatalog({ now: clock }),
    runs: makeMemoryRunStore({ now: clock }),
    resources: makeMemoryResourceStore(),
    budget: makeMemoryHostBudget({ now: clock }),
    clock,
    random: seeded(seed),
    tmpdir: tmpdir(),
    sources: fixedSources(figures),
    findSource: (id: string) => (names.has(id) ? { ...figures, discover } : undefined),
    baseUrl: () => figures.base_url,
    pass(ms: number): void {
      now += ms;
    },
    sleep: async (ms: number) => {
      now += ms;
    },
    changeVisibility: async (_: string, seconds: number) => {
      visibilities.push(seconds);
    },
    /** A run whose messages are all sent; and the datasets are described. Of another source it may go on besides. */
    async startRun(id: string, { parts = 1, source: name = 'test' } = {}): Promise<Run> {
      for (const resource of figures.discover({ base_url: figures.base_url })) {
        await world.catalog.describeDataset(describe(figures, resource));
      }
      names.add(name);
      const run = begunRun({
        id,
        kind: 'collect',
        source: name,
        started_at: new Date(now).toISOString(),
        parts,
        lease_until: new Date(now + RUN_LEASE_MS).toISOString(),
      });
      await world.runs.start(run);
      await world.runs.markSent(run);
      return run;
    },
  };
  return world satisfies WorkDeps;
};

export type World = ReturnType<typeof makeWorld>;

/** mulberry32: the same numbers for the same seed. */
export const seeded = (seed: number): (() => number) => {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
};
