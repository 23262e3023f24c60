/** The ports of collecting, of files as well as of users; and clock, sleep and random, which others use too. */

/**
 * At most `burst` requests (1 unless told) in any `burst` minutes / `requests_per_minute`: with 1 they are evenly
 * spaced, with as many as a minute allows they go out together, and the next ones when that minute is over.
 */
export type Pace = { requests_per_minute: number; burst?: number };

/**
 * `at`: when the slot may be used, ms since the epoch. `after_refusal`: the host's last word was that it refuses, so
 * whoever gets an answer tells the budget. `delay_ms`: how long requests to it are apart because it is slow.
 */
export type HostSlot = { at: number; after_refusal?: true; delay_ms?: number };

/** One budget per host, shared by all workers. */
export type HostBudget = {
  /**
   * Takes the next slot. `at` is when it may be used (ms since the epoch; possibly in the past: now). When the slot
   * would be later than `within_ms` from now, none is taken and `retry_at` says when to ask again. Without a burst,
   * each who is told so is told another moment, as far apart as slots are, up to a quarter of an hour from now: those
   * who wait for a busy host do not come back together and take everybody's time.
   */
  take(host: string, options: Pace & { within_ms: number }): Promise<HostSlot | { retry_at: number }>;
  /**
   * The host refused a request and asks for nothing before `until` (from Retry-After). Gives until when it is left
   * alone (ms since the epoch), which may be longer: a second at least, twice as long as after the refusal before
   * unless the host {@link answered} meanwhile, an hour at most unless it asks for more. Never shortens an earlier
   * word; what is refused while the host is blocked is the same refusal.
   */
  block(host: string, until: number): Promise<number>;
  /** The host answered a request that went out after a refusal: the next refusal is a first one again. */
  answered(host: string): Promise<void>;
  /**
   * Requests to the host are at least so many milliseconds apart from now on, whatever its pace; 0: as its pace says.
   * Of a pace with a burst it changes nothing.
   */
  setDelay(host: string, delay_ms: number): Promise<void>;
  /**
   * Until when the host is blocked (ms since the epoch), 0 when it is not: asked once more after waiting for a slot.
   */
  blockedUntil(host: string): Promise<number>;
};

export type Fetched =
  | { status: 'not-modified' }
  | {
      status: 'fetched';
      /** A local file that holds the bytes after content decoding. The caller removes it. */
      path: string;
      bytes: number;
      sha256: string;
      etag: string | null;
      last_modified: string | null;
      content_type: string | null;
      /** The header `Link`. */
      link: string | null;
      /** These are the first bytes: there are more, or may be. */
      cut?: true;
    };

export type FetchRequest = {
  url: string;
  /** The own address of the source that it is of: some stages let that be private. */
  base_url?: string;
  /** An Accept header. */
  accept?: string;
  max_bytes: number;
  /** The first bytes are enough, as far as they come before `max_bytes` and the deadline. */
  beginning?: true;
  /** For a conditional GET. */
  etag?: string | null;
  last_modified?: string | null;
  /** Milliseconds since the epoch after which nothing is waited for any more: SourceUnavailable. */
  deadline?: number;
  /** Asked before every request, those of redirects included; what it throws ends the fetch. */
  before(url: URL): Promise<void>;
  /** Told of each answer when its headers came: after how many milliseconds, and with which status. */
  answered?(url: URL, answer: { ms: number; status: number }): Promise<void>;
};

/**
 * Fetches a public URL, once. Throws SourceUnavailable, SourceThrottled or SourceRefused; never follows a redirect, or
 * connects, to an address that is not public, but for the origins that the operator configured, and that of `base_url`
 * where the operator lets it be private.
 */
export type Fetcher = (request: FetchRequest) => Promise<Fetched>;

/** A body that is held in memory only, never in a file: it is about people. */
export type FetchedBody = { body: Uint8Array; content_type: string | null };

/**
 * As {@link Fetcher}, for one GET without conditions. What it throws carries what the source answered ({@link ../run.ts
 * SourceAnswer}).
 */
export type BodyFetcher = (
  request: Pick<FetchRequest, 'url' | 'max_bytes' | 'deadline' | 'before'> & { accept: string },
) => Promise<FetchedBody>;

export type Queue<Message> = {
  /** Sends all, in batches; throws if any was not taken. */
  send(messages: readonly Message[], options?: { delay_s?: number }): Promise<void>;
};

/** Makes a message that is being worked on visible again after so many seconds. */
export type ChangeVisibility = (receiptHandle: string, seconds: number) => Promise<void>;

/** Milliseconds since the epoch. */
export type Clock = () => number;
/** Resolves after so many milliseconds. */
export type Sleep = (ms: number) => Promise<void>;
/** A number in [0, 1). */
export type Random = () => number;
