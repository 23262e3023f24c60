import { REFUSAL_LENGTH } from '../../dataset.ts';
import { GranaryError, RefusedContent, SourceRefused, VersionHeld } from '../../errors.ts';
import type { Clock, Random } from '../../ports/collecting.ts';
import type { ResourceStore } from '../../ports/resource-store.ts';
import { jittered } from '../../rules/backoff.ts';
import type { ResourceCounts } from '../../run.ts';
import type { Resource } from '../../source.ts';
import type { SeenResource } from './work-so-far.ts';

export type TellDeps = { resources: Pick<ResourceStore, 'checked'>; clock: Clock; random: Random };

/** When a resource that could not be had is tried again: after an hour, then two, a week at most. */
const RETRY = { base: 3_600_000, cap: 7 * 86_400_000 };

/** Writes down that a resource was had, and which datasets its tables are. `reason`: why some of them are missing. */
export const tellHad = async (
  { resources, clock }: Pick<TellDeps, 'resources' | 'clock'>,
  resource: Resource,
  { source, status, response_ms, had }: SeenResource,
  reason: string | null = null,
): Promise<void> => {
  if (!had) return;
  const at = new Date(clock()).toISOString();
  await resources.checked(source.id, resource, {
    ...{ ...had, at, status, response_ms, reason, failures: 0, retry_at: null, refused: null },
  });
};

/** Writes down why a resource has no tables, or no new ones. One that could not be had is tried again later. */
export const tellFailed = async (
  deps: TellDeps,
  resource: Resource,
  seen: SeenResource,
  error: unknown,
): Promise<void> => {
  if (seen.had) return tellHad(deps, resource, seen, reasonOf(error));
  const { resources, clock, random } = deps;
  const { source, record, response_ms, bytes } = seen;
  const at = new Date(clock()).toISOString();
  const reason = reasonOf(error);
  const status = statusOf(error) ?? seen.status;
  const isRefused = isRefusal(error);
  const failures = isRefused ? 0 : (record?.failures ?? 0) + 1;
  const wait = isRefused ? 0 : jittered(failures, RETRY, random);
  await resources.checked(source.id, resource, {
    ...{ state: isRefused ? 'refused' : 'failing', reason, at, status, response_ms, failures },
    retry_at: wait > 0 ? new Date(clock() + wait).toISOString() : null,
    refused: error instanceof RefusedContent && bytes ? { ...bytes, reason } : null,
  });
};

/** As what a run counts a resource whose part failed. */
export const countFailed = ({ had }: SeenResource, error: unknown): Partial<ResourceCounts> =>
  had ? { [had.state]: 1 } : { refused: 1, failing: isRefusal(error) ? 0 : 1 };

/**
 * Whether there is nothing to wait for: it was had, and holds nothing to publish; or it may not be asked for, and
 * nobody answered (robots.txt, an address that is not public).
 */
const isRefusal = (error: unknown): boolean =>
  error instanceof RefusedContent ||
  error instanceof VersionHeld ||
  (error instanceof SourceRefused && error.answer === undefined);

const reasonOf = (error: unknown): string =>
  error instanceof GranaryError
    ? error.message.slice(0, REFUSAL_LENGTH)
    : "The work on it failed unexpectedly; the function's log has the details.";

const statusOf = (error: unknown): number | null | undefined =>
  error instanceof GranaryError && 'answer' in error
    ? (error.answer as { status: number | null } | undefined)?.status
    : undefined;
