import { SourceUnavailable } from '../../errors.ts';
import type { Clock, Fetched, Fetcher, HostBudget, Pace, Random, Sleep } from '../../ports/collecting.ts';
import { jittered } from '../../rules/backoff.ts';
import type { SourceDefinition } from '../../source.ts';
import { askWithinBudget } from './ask-within-budget.ts';
import type { RobotsFiles } from './robots-files.ts';

/** No retry begins later than this after the start: the rest of the function's time belongs to the file. */
const LAST_RETRY_MS = 15_000;
/** All requests, redirects and waits together: the rest of the function's time belongs to the file. */
const DEADLINE_MS = 60_000;
const ATTEMPTS = 3;
const BACKOFF = { base: 500, cap: 2_000 };

export type AskDeps = {
  budget: HostBudget;
  fetch: Fetcher;
  clock: Clock;
  sleep: Sleep;
  random: Random;
  /** Absent where a person asks for one address, and no crawler. */
  robots?: RobotsFiles;
};

export type Question = {
  url: string;
  accept: string;
  source: Pick<SourceDefinition, 'requests_per_minute' | 'max_bytes' | 'base_url' | 'robots'>;
  etag?: string | null;
  last_modified?: string | null;
  /** Milliseconds for all requests, redirects and waits together; a minute when not said. */
  within_ms?: number;
  /** The first bytes are enough. */
  beginning?: true;
  /** Called before each request that goes out. */
  onRequest(): void;
};

/**
 * Asks a source for a resource, within its host's budget and, where it obeys that, its robots.txt. A request that fails
 * early is repeated here, twice at most; after that the queue repeats the message. Throws what the fetcher throws, what
 * robots.txt leads to ({@link RobotsFiles}), and SourceThrottled when there is no slot soon.
 */
export const askSource =
  (deps: AskDeps) =>
  async ({
    url,
    accept,
    source,
    etag,
    last_modified,
    within_ms = DEADLINE_MS,
    beginning,
    onRequest,
  }: Question): Promise<Fetched> => {
    const begun = deps.clock();
    const pace = { requests_per_minute: source.requests_per_minute };
    const { max_bytes, base_url } = source;
    const { robots } = source.robots === 'obey' ? deps : {};
    const permit = robots && ((address: URL, of: Pace) => robots.permit(address, { pace: of, base_url, onRequest }));
    const deadline = begun + within_ms;
    for (let attempt = 1; ; attempt++) {
      try {
        return await askWithinBudget({ ...deps, ...(permit && { permit }) })(pace, onRequest, (told) =>
          deps.fetch({ url, base_url, accept, max_bytes, beginning, etag, last_modified, deadline, ...told }),
        );
      } catch (error) {
        const late = deps.clock() - begun > Math.min(LAST_RETRY_MS, within_ms / 2);
        if (!(error instanceof SourceUnavailable) || attempt === ATTEMPTS || late) throw error;
        await deps.sleep(jittered(attempt, BACKOFF, deps.random));
      }
    }
  };
