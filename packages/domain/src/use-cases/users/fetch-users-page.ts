import type { FetchUsersMessage } from '../../messages/fetch-users.ts';
import { oneAtATime } from '../../one-at-a-time.ts';
import type { BodyFetcher, Clock, HostBudget, Pace, Sleep } from '../../ports/collecting.ts';
import type { ObjectStore } from '../../ports/object-store.ts';
import type { DataKey, Vault } from '../../ports/vault.ts';
import { aboutUser } from '../../rules/about-user.ts';
import { userPageKey } from '../../rules/keys.ts';
import type { SealedUser } from '../../user.ts';
import type { UsersPage, UsersSource } from '../../users-source.ts';
import { askWithinBudget } from '../collect/ask-within-budget.ts';
import { type KeptPage, openPage, sealPage } from './kept-page.ts';

export type FetchUsersDeps = {
  source: UsersSource;
  /** Where users are fetched from: the source's own address, or what the operator put in its place. */
  baseUrl: () => string;
  pace: Pace;
  budget: HostBudget;
  fetchBody: BodyFetcher;
  vault: Vault;
  pages: Pick<ObjectStore, 'get' | 'putNew'>;
  clock: Clock;
  sleep: Sleep;
};

/** Waiting for a slot, redirects and the answer together: the rest of the function's minute belongs to writing. */
const FETCH_MS = 20_000;

/**
 * The page of a message: the one that an earlier delivery kept, or else one that is fetched and kept, sealed, before
 * anybody sees it. When two deliveries fetch at once, the page that is kept first counts for both. One request at most;
 * `onRequest` is called before it, and before each that it is redirected to.
 */
export const fetchUsersPage =
  (deps: FetchUsersDeps) =>
  async (message: FetchUsersMessage, onRequest: () => void): Promise<KeptPage> => {
    const { pages, vault, clock } = deps;
    const place = userPageKey(message.run, message.part);
    const kept = await pages.get(place);
    if (kept) return openPage(vault, message, kept);

    // The key comes first: a page that could not be sealed must not be fetched.
    const key = await vault.current();
    const { body, url } = await ask(deps, message.size, onRequest);
    const fetched_at = new Date(clock()).toISOString();
    const { sealed, bytes } = await oneAtATime(() => {
      const sealed = sealUsers(key, deps.source.parsePage(body, url));
      return { sealed, bytes: sealPage(key, message, sealed, fetched_at) };
    });
    const first = await pages.putNew(place, bytes, { content_type: 'application/gzip' });
    if (first) return sealed;
    const other = await pages.get(place);
    if (!other) throw new Error('A page was kept by another delivery, and is gone');
    return openPage(vault, message, other);
  };

const ask = async (deps: FetchUsersDeps, size: number, onRequest: () => void) => {
  const { source, fetchBody, clock, pace } = deps;
  const url = source.urlOf(deps.baseUrl(), size);
  const deadline = clock() + FETCH_MS;
  const { body } = await askWithinBudget(deps)(pace, onRequest, ({ before }) =>
    fetchBody({ url, max_bytes: source.max_bytes, accept: source.accept, deadline, before }),
  );
  return { body, url };
};

const sealUsers = (key: DataKey, { read, users, misfits, merged }: UsersPage): KeptPage => {
  const sealOne = ({ user, secrets }: UsersPage['users'][number]): SealedUser => {
    if (Object.keys(secrets).length === 0) return { user, sealed: null };
    const sealed = key.seal(Buffer.from(JSON.stringify(secrets)), aboutUser(user));
    return { user, sealed: { key: key.name, secrets: Buffer.from(sealed).toString('base64') } };
  };
  const unknown = users.flatMap(({ unknown: members }, user) =>
    Object.keys(members).length > 0 ? [{ user, members }] : [],
  );
  return { read, users: users.map(sealOne), misfits, merged, unknown };
};
