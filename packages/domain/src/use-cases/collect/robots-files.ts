import { readFile, rm } from 'node:fs/promises';
import { gunzipSync, gzipSync } from 'node:zlib';
import { BoundedMap } from '../../bounded-map.ts';
import { SourceRefused, SourceUnavailable } from '../../errors.ts';
import type { Clock, Fetcher, HostBudget, Pace, Sleep } from '../../ports/collecting.ts';
import type { ObjectStore } from '../../ports/object-store.ts';
import { robotsKey } from '../../rules/keys.ts';
import { decidingRule, type RobotsRules, readRobots } from '../../rules/robots.ts';
import { askWithinBudget } from './ask-within-budget.ts';

export type RobotsDeps = {
  budget: HostBudget;
  fetch: Fetcher;
  clock: Clock;
  sleep: Sleep;
  objects: Pick<ObjectStore, 'get' | 'put'>;
};

/** How the crawler is named in robots.txt. */
const PRODUCT = 'granary';
/** Of a longer file this is read: as much as RFC 9309 (2.5) asks for. */
const MOST_BYTES = 500 * 1024;
/** RFC 9309, 2.4. */
const FRESH_MS = 24 * 3_600_000;
/** A file that could not be read is asked for again after this; the rules that were known before hold meanwhile. */
const RETRY_MS = 300_000;
/** Some write a day. */
const LONGEST_DELAY_S = 30;
/** Hosts whose rules a process knows. */
const MOST_HOSTS = 500;
const WITHIN_MS = 20_000;

/** `known`: the rules, which hold until `until` (ms since the epoch), or why there are none. */
type Kept = { until: number; known: RobotsRules | { unreachable: string } };

/** Whom a request is for: `onRequest` is told of each that goes out for a robots.txt. */
export type RobotsQuestion = { pace: Pace; base_url?: string | undefined; onRequest(): void };

export type RobotsFiles = {
  /**
   * The pace that a host's robots.txt leaves of `pace`. Throws SourceRefused, which names the rule, where that
   * disallows the address; SourceUnavailable where it cannot be read, for then all is disallowed (RFC 9309, 2.3.1.4);
   * SourceThrottled where it may not be asked for yet.
   */
  permit(url: URL, question: RobotsQuestion): Promise<Pace>;
};

/**
 * robots.txt of each host, fetched by whoever needs it first and kept for all workers, up to a day. A process asks the
 * store once for what it keeps.
 */
export const makeRobotsFiles = (deps: RobotsDeps): RobotsFiles => {
  const known = new BoundedMap<string, Promise<Kept>>(MOST_HOSTS);

  const keptAt = async (origin: string): Promise<Kept | undefined> => {
    const bytes = await deps.objects.get(robotsKey(origin));
    return bytes && JSON.parse(gunzipSync(bytes).toString());
  };

  const refresh = async (origin: string, question: RobotsQuestion): Promise<Kept> => {
    const before = await keptAt(origin);
    if (before && before.until > deps.clock()) return before;
    const read = await fetchRobots(deps, origin, question);
    const kept =
      'unreachable' in read
        ? { until: deps.clock() + RETRY_MS, known: before?.known ?? read }
        : { until: deps.clock() + FRESH_MS, known: read };
    await deps.objects.put(robotsKey(origin), gzipSync(JSON.stringify(kept)), { content_type: 'application/gzip' });
    return kept;
  };

  const rulesOf = async (origin: string, question: RobotsQuestion): Promise<Kept['known']> => {
    const asked = known.get(origin);
    const kept = await asked;
    if (kept && kept.until > deps.clock()) return kept.known;
    // Whoever came meanwhile asks already.
    const now = known.get(origin);
    if (now && now !== asked) return (await now).known;
    const refreshed = refresh(origin, question);
    known.set(origin, refreshed);
    refreshed.catch(() => known.delete(origin));
    return (await refreshed).known;
  };

  return {
    async permit(url, question) {
      const rules = await rulesOf(url.origin, question);
      if ('unreachable' in rules)
        throw new SourceUnavailable(
          `${url.host} is not asked for anything: its robots.txt, which might disallow it, could not be read (${rules.unreachable})`,
        );
      const rule = decidingRule(rules, url);
      if (rule && !rule.allow)
        throw new SourceRefused(
          `robots.txt of ${url.host} disallows this address (line ${rule.line}: Disallow: ${rule.pattern.slice(0, 200)})`,
        );
      const { crawl_delay_s = 0 } = rules;
      if (crawl_delay_s === 0) return question.pace;
      const per_minute = 60 / Math.min(crawl_delay_s, LONGEST_DELAY_S);
      return per_minute < question.pace.requests_per_minute ? { requests_per_minute: per_minute } : question.pace;
    },
  };
};

/** Of an answer that there is none (4xx) nothing is disallowed. Throws SourceThrottled. */
const fetchRobots = async (
  deps: RobotsDeps,
  origin: string,
  { pace, base_url, onRequest }: RobotsQuestion,
): Promise<Kept['known']> => {
  const wanted = {
    ...{ url: `${origin}/robots.txt`, base_url, accept: 'text/plain, */*;q=0.1' },
    ...{ max_bytes: MOST_BYTES, beginning: true as const, deadline: deps.clock() + WITHIN_MS },
  };
  try {
    const fetched = await askWithinBudget(deps)(pace, onRequest, (told) => deps.fetch({ ...wanted, ...told }));
    if (fetched.status === 'not-modified') throw new Error('robots.txt was not modified, and nobody had asked whether');
    try {
      return readRobots(await readFile(fetched.path, 'utf8'), PRODUCT);
    } finally {
      await rm(fetched.path, { force: true });
    }
  } catch (error) {
    if (error instanceof SourceUnavailable) return { unreachable: error.message };
    if (!(error instanceof SourceRefused)) throw error;
    const status = error.answer?.status ?? 0;
    return status >= 400 && status < 500 ? { rules: [] } : { unreachable: error.message };
  }
};
