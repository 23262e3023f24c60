import { randomUUID } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeMemoryHostBudget } from '@granary/stores/memory-host-budget';
import { makeMemoryObjectStore } from '@granary/stores/memory-object-store';
import { describe, expect, it } from '@jest/globals';
import { type GranaryError, SourceRefused, SourceThrottled, SourceUnavailable } from '../../errors.ts';
import type { Fetcher } from '../../ports/collecting.ts';
import { askSource } from './ask-source.ts';
import { makeRobotsFiles } from './robots-files.ts';

const HOUR_MS = 3_600_000;
const source = { requests_per_minute: 600, max_bytes: 1000, base_url: 'http://portal.test/', robots: 'obey' as const };

/** A portal whose robots.txt is `robots.text`, or fails; whatever else is asked for is there. */
const makePortal = () => {
  let now = Date.parse('2026-11-20T08:00:00.000Z');
  const robots = { text: 'User-agent: *\nDisallow: /secret\n', failure: undefined as GranaryError | undefined };
  const asked: string[] = [];
  const redirects: Record<string, string> = {};
  const fetch: Fetcher = async ({ url, before, max_bytes }) => {
    await before(new URL(url));
    asked.push(url);
    if (redirects[url]) await before(new URL(redirects[url]));
    if (url.endsWith('/robots.txt') && robots.failure) throw robots.failure;
    const path = join(tmpdir(), `granary-test-${randomUUID()}`);
    writeFileSync(path, url.endsWith('/robots.txt') ? robots.text.slice(0, max_bytes) : 'a;b\n');
    const said = { etag: null, last_modified: null, content_type: null, link: null };
    return { status: 'fetched', path, bytes: 4, sha256: 'x', ...said };
  };
  const clock = () => now;
  const sleep = async (ms: number) => {
    now += ms;
  };
  const deps = {
    ...{ fetch, clock, sleep, random: () => 0.5, budget: makeMemoryHostBudget({ now: clock }) },
    objects: makeMemoryObjectStore({ now: clock }),
  };
  /** A process of its own. */
  const worker = () => {
    const robotsFiles = makeRobotsFiles(deps);
    return (url: string, of: object = {}) =>
      askSource({ ...deps, robots: robotsFiles })({ url, accept: '*/*', source: { ...source, ...of }, onRequest() {} });
  };
  return { robots, asked, redirects, worker, now: clock, pass: sleep };
};
const answered = (status: number) => ({ answer: { host: 'portal.test', status, content: null } });
const ROBOTS = 'http://portal.test/robots.txt';

describe('robots.txt of a source that obeys it', () => {
  it('is asked for once by all workers, and a disallowed address never', async () => {
    const { asked, worker } = makePortal();
    const [first, second] = [worker(), worker()];
    await Promise.all(['a', 'b'].map((name) => first(`http://portal.test/${name}`)));
    await second('http://portal.test/c');
    await expect(second('http://portal.test/secret/d')).rejects.toThrow(
      new SourceRefused('robots.txt of portal.test disallows this address (line 2: Disallow: /secret)'),
    );
    expect(asked.toSorted()).toEqual([...['a', 'b', 'c'].map((name) => `http://portal.test/${name}`), ROBOTS]);
  });

  it('is not asked for where the source ignores it', async () => {
    const { asked, worker } = makePortal();
    await worker()('http://portal.test/secret/d', { robots: 'ignore' });
    expect(asked).toEqual(['http://portal.test/secret/d']);
  });

  it('goes for where it is redirected to, of whatever host', async () => {
    const { asked, worker, redirects } = makePortal();
    redirects['http://portal.test/a'] = 'http://files.test/secret';
    await expect(worker()('http://portal.test/a')).rejects.toThrow('robots.txt of files.test disallows');
    expect(asked).toEqual([ROBOTS, 'http://portal.test/a', 'http://files.test/robots.txt']);
  });

  it('is asked for again after a day', async () => {
    const { asked, worker, robots, pass } = makePortal();
    const ask = worker();
    await ask('http://portal.test/a');
    robots.text = 'User-agent: granary\nDisallow: /';
    await pass(23 * HOUR_MS);
    await ask('http://portal.test/a');
    await pass(2 * HOUR_MS);
    await expect(ask('http://portal.test/a')).rejects.toThrow('Disallow: /');
    expect(asked.filter((url) => url === ROBOTS)).toHaveLength(2);
  });

  it('allows all where there is none, and nothing where it cannot be read, until it can', async () => {
    const { worker, robots, asked, pass } = makePortal();
    robots.failure = new SourceRefused('answered 404', answered(404));
    await worker()('http://portal.test/secret');
    await pass(25 * HOUR_MS);
    const other = makePortal();
    other.robots.failure = new SourceUnavailable('it answered 503', answered(503));
    const ask = other.worker();
    for (let n = 0; n < 3; n++)
      await expect(ask('http://portal.test/a')).rejects.toThrow(/robots\.txt.*could not be read \(it answered 503\)/);
    expect(other.asked).toEqual([ROBOTS]);
    other.robots.failure = undefined;
    await other.pass(HOUR_MS / 10);
    await ask('http://portal.test/a');
    expect(asked).toEqual([ROBOTS, 'http://portal.test/secret']);
  });

  it('holds as it was known while it cannot be read', async () => {
    const { worker, robots, pass } = makePortal();
    await worker()('http://portal.test/a');
    robots.failure = new SourceUnavailable('it answered 503', answered(503));
    await pass(48 * HOUR_MS);
    const ask = worker();
    await ask('http://portal.test/a');
    await expect(ask('http://portal.test/secret')).rejects.toThrow('Disallow: /secret');
  });

  it('is waited for where its host asks to wait', async () => {
    const { worker, robots, now } = makePortal();
    robots.failure = new SourceThrottled('asks to wait', now() + 60_000, 'portal.test', answered(429));
    const ask = worker();
    await expect(ask('http://portal.test/a')).rejects.toThrow(SourceThrottled);
    robots.failure = undefined;
    await expect(ask('http://portal.test/a')).rejects.toThrow(SourceThrottled);
  });

  it('has its Crawl-delay kept, up to half a minute', async () => {
    const { worker, robots, now } = makePortal();
    robots.text = 'User-agent: *\nCrawl-delay: 4\n';
    const ask = worker();
    const begun = now();
    for (const name of ['a', 'b', 'c']) await ask(`http://portal.test/${name}`);
    expect(now() - begun).toBeGreaterThanOrEqual(12_000);
    const lazy = makePortal();
    lazy.robots.text = 'User-agent: *\nCrawl-delay: 86400\n';
    const lazyAsk = lazy.worker();
    await expect(lazyAsk('http://portal.test/a')).rejects.toThrow(SourceThrottled);
    await lazy.pass(31_000);
    await lazyAsk('http://portal.test/a');
  });
});
