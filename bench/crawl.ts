/**
 * Goal 14: about a thousand pages of a portal without an API (the replica's, in a process of its own), 16 at a time, at
 * 50 and at 0 ms an answer: the collect worker's handler as it is deployed, with kind `ckan`, robots.txt obeyed and the
 * host's budget asked for each page; its stores are in memory, so that the crawl is what is measured. Beside it: the
 * same addresses fetched with nothing done to them, Crawlee (npm) and Scrapy (PyPI), which find the same pages and
 * resources by the same links. Crawlee and Scrapy are installed below bench/out; where that cannot be, they are left
 * out with a note.
 */
import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { CollectionMessage } from '@granary/domain/messages/collect';
import { planCollection } from '@granary/domain/use-cases/collect/plan-collection';
import { makeRobotsFiles } from '@granary/domain/use-cases/collect/robots-files';
import { fixedSources } from '@granary/domain/use-cases/testing/fixed-sources';
import { serveWorker } from '@granary/runtime/serve-worker';
import { kind } from '@granary/sources/kinds/ckan/kind';
import { portSource } from '@granary/sources/testing/source-world';
import { makeBodyFetcher } from '@granary/stores/body-fetcher';
import { makeHttpFetcher } from '@granary/stores/http-fetcher';
import { makeMemoryCatalog } from '@granary/stores/memory-catalog';
import { makeMemoryHostBudget } from '@granary/stores/memory-host-budget';
import { makeMemoryObjectStore } from '@granary/stores/memory-object-store';
import { makeMemoryResourceStore } from '@granary/stores/memory-resource-store';
import { makeMemoryRunLog } from '@granary/stores/memory-run-log';
import { makeMemoryRunStore } from '@granary/stores/memory-run-store';
import { makeMemorySqlCatalog } from '@granary/stores/memory-sql-catalog';
import type { Context, SQSEvent } from 'aws-lambda';
import { worker } from '../services/ingestion/src/functions/collect.ts';
import { interleaved } from './measure.ts';
import { startPortal } from './portal-process.ts';
import { printWhenMain } from './print.ts';
import { pythonWith } from './python.ts';
import type { BenchRow } from './row.ts';

const AT_ONCE = 16;
/** With the pages that list them, just less than the pages that a run reads. */
const DATASETS = 850;

type Crawled = { pages: number; resources: number; ms: number };

/** All listing pages of a run; what they list is counted, and not fetched. */
const crawl = async (address: string, asked: string[] = []): Promise<Crawled> => {
  const waiting: CollectionMessage[] = [];
  const told = { pages: 0, resources: 0 };
  const source = {
    ...portSource(kind as never, {}),
    base_url: address,
    requests_per_minute: 6_000_000,
    robots: 'obey' as const,
  };
  const fetch = makeHttpFetcher({ origins: [address], tmpdir: tmpdir() });
  const asking = {
    ...{ budget: makeMemoryHostBudget(), objects: makeMemoryObjectStore() },
    ...{ fetch, clock: Date.now, sleep: (ms: number) => sleep(ms) },
  };
  const deps = {
    ...asking,
    robots: makeRobotsFiles(asking),
    ...{ sources: fixedSources(source), findSource: () => source, baseUrl: () => address },
    ...{ catalog: makeMemoryCatalog(), runs: makeMemoryRunStore(), tables: makeMemorySqlCatalog() },
    resources: makeMemoryResourceStore(),
    queue: {
      async send(messages: readonly CollectionMessage[]) {
        for (const message of messages) {
          if (message.type === 'discover') waiting.push(message);
          else told.resources++;
        }
      },
    },
    ...{ runLog: makeMemoryRunLog(), changeVisibility: async () => {}, random: Math.random, tmpdir: tmpdir() },
  };
  const handler = serveWorker(worker, {
    settings: () => ({ service: 'ingestion', stage: 'bench', write: () => {} }),
    deps: () => deps,
  });
  const begun = performance.now();
  await planCollection(deps)({ force: true });
  let working = 0;
  const poll = async () => {
    while (waiting.length + working > 0) {
      const message = waiting.shift();
      if (!message) {
        await sleep(1);
        continue;
      }
      working++;
      told.pages++;
      if ('page' in message && message.page.hints.as !== 'search') asked.push(message.page.url);
      const attributes = { ApproximateReceiveCount: '1' };
      const record = { messageId: '1', receiptHandle: '1', body: JSON.stringify(message), attributes };
      const answer = await handler({ Records: [record] } as unknown as SQSEvent, { awsRequestId: '1' } as Context);
      if (answer.batchItemFailures.length > 0) throw new Error(`${JSON.stringify(message)} failed`);
      working--;
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, poll));
  const ms = performance.now() - begun;
  await fetch.close();
  return { ...told, ms };
};

/** The same pages with nothing done to them. */
const fetchOnly = async (address: string, urls: readonly string[]): Promise<number> => {
  const fetchBody = makeBodyFetcher({ origins: [address] });
  const wanted = { max_bytes: 10_000_000, accept: '*/*', before: async () => {} };
  const left = [...urls];
  const begun = performance.now();
  const poll = async () => {
    for (let url = left.pop(); url; url = left.pop()) await fetchBody({ ...wanted, url });
  };
  await Promise.all(Array.from({ length: AT_ONCE }, poll));
  const ms = performance.now() - begun;
  await fetchBody.close();
  return ms;
};

const peer = async (program: string, args: readonly string[]): Promise<Crawled> => {
  const { stdout } = await promisify(execFile)(program, args);
  return JSON.parse(stdout.trimEnd().split('\n').at(-1)!) as Crawled;
};

/** A folder that has Crawlee; undefined, with a note, where npm has none. */
const withCrawlee = async (): Promise<string | undefined> => {
  const folder = join(import.meta.dirname, 'out', 'crawlee');
  try {
    if (existsSync(join(folder, 'node_modules', '@crawlee', 'cheerio'))) return folder;
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'package.json'), '{"private":true,"dependencies":{"@crawlee/cheerio":"3.18.1"}}\n');
    await promisify(execFile)('npm', ['install', '--silent', '--no-audit', '--no-fund'], { cwd: folder });
    return folder;
  } catch (error) {
    console.error(`  (Crawlee is not measured: ${(error as Error).message.split('\n')[0]})`);
    return undefined;
  }
};

export const run = async ({ quick }: { quick: boolean }): Promise<BenchRow[]> => {
  const python = await pythonWith('scrapy', ['scrapy==2.19.0'], 'Scrapy');
  const crawlee = await withCrawlee();
  const portal = await startPortal(DATASETS);
  const { address } = portal;
  const rows: BenchRow[] = [];
  try {
    await portal.change({ portal: { api: null } });
    const urls: string[] = [];
    const first = await crawl(address, urls);
    if (first.resources !== DATASETS * 1.5) throw new Error(`${first.resources} resources were found`);
    const same = ({ resources, ms }: Crawled): number => {
      if (resources !== first.resources) throw new Error(`a contender found ${resources} resources`);
      return ms;
    };
    for (const latency_ms of [50, 0]) {
      await portal.change({ latency_ms });
      const times = await interleaved<string>(
        {
          ours: async () => (await crawl(address)).ms,
          fetched: () => fetchOnly(address, urls),
          ...(crawlee && {
            crawlee: async () =>
              same(
                await peer(process.execPath, [join(import.meta.dirname, 'peers/crawl_crawlee.mjs'), crawlee, address]),
              ),
          }),
          ...(python && {
            scrapy: async () => same(await peer(python, [join(import.meta.dirname, 'peers/crawl_scrapy.py'), address])),
          }),
        },
        quick ? 1 : 5,
      );
      const what = `${urls.length} pages at ${latency_ms} ms, ${AT_ONCE} at a time`;
      const row = (goal: string, name: string, limit: number, isFloor: boolean): BenchRow[] => {
        const other = times[name];
        if (other === undefined) return [];
        const ratio = isFloor ? times.ours! / other : other / times.ours!;
        const met = limit === 0 || (isFloor ? ratio <= limit : ratio >= limit);
        return [
          { goal, what, value: times.ours!, unit: 'ms', peer: `${name} ${other.toFixed(0)} ms`, ratio, limit, met },
        ];
      };
      rows.push(
        ...row(latency_ms === 50 ? '14 (50 ms)' : '', 'fetched', latency_ms === 50 ? 1.3 : 0, true),
        ...row('', 'crawlee', 0, false),
        ...row(latency_ms === 0 ? '14 (0 ms)' : '', 'scrapy', latency_ms === 0 ? 4 : 0, false),
      );
    }
    return rows;
  } finally {
    portal.stop();
  }
};

await printWhenMain(import.meta, run);
