import { randomUsers } from '@granary/sources/testing/shipped';
import { makeMemoryHostBudget } from '@granary/stores/memory-host-budget';
import { makeMemoryObjectStore } from '@granary/stores/memory-object-store';
import { makeMemoryQueue } from '@granary/stores/memory-queue';
import { makeMemoryRunLog } from '@granary/stores/memory-run-log';
import { makeMemoryRunStore } from '@granary/stores/memory-run-store';
import { makeMemorySourceStore } from '@granary/stores/memory-source-store';
import { makeMemoryUserStore } from '@granary/stores/memory-user-store';
import { makeMemoryVault } from '@granary/stores/memory-vault';
import type { FetchUsersMessage } from '../../../messages/fetch-users.ts';
import type { BodyFetcher, Pace } from '../../../ports/collecting.ts';
import { begunRun, type Run } from '../../../run.ts';
import { RUN_LEASE_MS } from '../../runs/plan-run.ts';
import { seeded } from '../../testing/world.ts';
import type { PlanUsersDeps } from '../plan-users.ts';
import type { WorkOnUsersDeps } from '../work-on-users-page.ts';

/** What the source of {@link makeUsersWorld} gives: never the same twice, as the real one. */
export type GivenUser = ReturnType<typeof givenUser>;

const NAMES = ["O'Keefe", 'Rolfson', 'Álvarez', 'Von', 'Collier', '王'];
const digits = (random: () => number, length: number) =>
  Array.from({ length }, () => Math.floor(random() * 10)).join('');

const givenUser = (id: number, random: () => number) => ({
  id,
  uid: `uid-${id}`,
  password: `Pa55-${digits(random, 6)}`,
  last_name: NAMES[id % NAMES.length]!,
  email: `somebody.${digits(random, 6)}@email.com`,
  phone_number: `+299 839-042-${digits(random, 4)}`,
  social_insurance_number: digits(random, 9),
  gender: id % 2 ? 'Agender' : 'Female',
  address: { zip_code: `0${digits(random, 4)}`, country: 'United States', coordinates: { lat: -71.5, lng: 0 } },
  credit_card: { cc_number: digits(random, 16) },
});

/** For tests: memory stores, a clock that only moves when told to or when somebody sleeps, and a source of users. */
export const makeUsersWorld = ({ seed = 1 }: { seed?: number } = {}) => {
  let now = Date.parse('2026-11-20T08:00:00.000Z');
  const clock = () => now;
  const random = seeded(seed);
  const asked: { url: string; at: number }[] = [];
  const visibilities: number[] = [];
  let last = 0;
  /** Everybody whom it gave; what it answers instead of users; what it throws, once each, before it answers again. */
  const api = {
    given: [] as GivenUser[],
    body: undefined as string | undefined,
    failures: [] as unknown[],
    nextId: () => ++last,
  };
  const answer = (size: number): string => {
    if (api.body !== undefined) return api.body;
    const users = Array.from({ length: size }, () => givenUser(api.nextId(), random));
    api.given.push(...users);
    return JSON.stringify(size === 1 ? users[0] : users);
  };
  const fetchBody: BodyFetcher = async ({ url, before }) => {
    await before(new URL(url));
    asked.push({ url, at: now });
    const failure = api.failures.shift();
    if (failure !== undefined) throw failure;
    const body = answer(Number(new URL(url).searchParams.get('size')));
    return { body: new TextEncoder().encode(body), content_type: 'application/json' };
  };
  const world = {
    api,
    asked,
    visibilities,
    fetchBody,
    source: { ...randomUsers, config: { users_per_run: 250, page_size: 100 } },
    baseUrl: () => 'http://users.test/api/v2/',
    pace: { requests_per_minute: 75, burst: 75 } as Pace,
    budget: makeMemoryHostBudget({ now: clock }),
    queue: makeMemoryQueue<FetchUsersMessage>(),
    runs: makeMemoryRunStore({ now: clock }),
    edits: makeMemorySourceStore(),
    users: makeMemoryUserStore(),
    vault: makeMemoryVault(),
    pages: makeMemoryObjectStore({ now: clock }),
    runLog: makeMemoryRunLog({ now: clock }),
    clock,
    random,
    pass(ms: number): void {
      now += ms;
    },
    sleep: async (ms: number) => {
      now += ms;
    },
    changeVisibility: async (_: string, seconds: number) => {
      visibilities.push(seconds);
    },
    /** A run whose messages are all sent, and its messages. */
    async startRun(id: string, { parts = 1, size = 3 } = {}): Promise<{ run: Run; messages: FetchUsersMessage[] }> {
      const enqueued_at = new Date(now).toISOString();
      const run = begunRun({
        id,
        kind: 'users',
        source: 'random_users',
        started_at: enqueued_at,
        parts,
        lease_until: new Date(now + RUN_LEASE_MS).toISOString(),
        asked: { users: parts * size, size },
      });
      await world.runs.start(run);
      await world.runs.markSent(run);
      const messages = Array.from({ length: parts }, (_, index): FetchUsersMessage => {
        return { type: 'fetch-users', run: id, part: index + 1, size, enqueued_at };
      });
      return { run, messages };
    },
  };
  return world satisfies WorkOnUsersDeps & PlanUsersDeps;
};

export type UsersWorld = ReturnType<typeof makeUsersWorld>;
