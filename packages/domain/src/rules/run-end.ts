import { NO_COUNTS, NO_RESOURCES, type ResourceCounts, type Run, type RunCounts, type RunState } from '../run.ts';
import { NO_USERS, type UserCounts } from '../user.ts';

/**
 * The state of a run that has ended and of which `failed` parts failed. Parts that never ended count as failed. A run
 * that made a version, published or held, is `partial` even when all of its parts failed.
 */
export const stateAtEnd = (
  { parts, parts_done, errors, versions }: Pick<Run, 'parts' | 'parts_done' | 'errors' | 'versions'>,
  failed: number,
): Exclude<RunState, 'running'> => {
  const all = failed + Math.max(0, parts - parts_done);
  if (all === 0) return 'succeeded';
  const made = versions.length > 0 || errors.some(({ held }) => held !== undefined);
  return all >= parts && !made ? 'failed' : 'partial';
};

export const durationSeconds = (started_at: string, ended_at: string): number =>
  Math.max(0, Date.parse(ended_at) - Date.parse(started_at)) / 1000;

export const addCounts = (a: RunCounts, b: RunCounts): RunCounts => {
  const sum = { ...a };
  for (const name of COUNT_NAMES) sum[name] += b[name];
  return sum;
};

/**
 * What is added to the counts of a run when the success of a part takes the place of its failure: requests were made
 * all the same.
 */
export const mendedCounts = (success: RunCounts, failure: RunCounts): RunCounts => {
  const difference = { ...success };
  for (const name of COUNT_NAMES) if (name !== 'requests') difference[name] -= failure[name];
  return difference;
};

export const addUsers = (a: UserCounts, b: UserCounts): UserCounts => ({
  new: a.new + b.new,
  overwritten: a.overwritten + b.overwritten,
  failed: a.failed + b.failed,
});

export const mendedUsers = (success: UserCounts = NO_USERS, failure: UserCounts = NO_USERS): UserCounts => ({
  new: success.new - failure.new,
  overwritten: success.overwritten - failure.overwritten,
  failed: success.failed - failure.failed,
});

export const addResources = (a: ResourceCounts, b: Partial<ResourceCounts>): ResourceCounts => {
  const sum = { ...a };
  for (const name of RESOURCE_COUNT_NAMES) sum[name] += b[name] ?? 0;
  return sum;
};

/** As {@link mendedCounts}; undefined where neither counted any. */
export const mendedResources = (
  success: Partial<ResourceCounts> | undefined,
  failure: Partial<ResourceCounts> | undefined,
): ResourceCounts | undefined => {
  if (!success && !failure) return undefined;
  const taken = Object.fromEntries(Object.entries(failure ?? {}).map(([name, count]) => [name, -count]));
  return addResources(addResources(NO_RESOURCES, success ?? {}), taken);
};

export const RESOURCE_COUNT_NAMES = Object.keys(NO_RESOURCES) as readonly (keyof ResourceCounts)[];
export const COUNT_NAMES = Object.keys(NO_COUNTS) as readonly (keyof RunCounts)[];

/** How many errors a run keeps. */
export const ERRORS_KEPT = 50;
/** Longer messages are cut: fifty of them must fit into one item, beside eleven thousand parts. */
export const ERROR_LENGTH = 500;
/** As much of what the source answered is kept with an error, for the same reason. */
export const ANSWER_LENGTH = 400;
