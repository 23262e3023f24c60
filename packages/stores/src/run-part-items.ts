import { COUNT_NAMES, ERRORS_KEPT, mendedCounts, mendedUsers } from '@granary/domain/rules/run-end';
import { NO_COUNTS, type PartOutcome, type RunCounts, type RunError } from '@granary/domain/run';
import { NO_USERS, type UserCounts } from '@granary/domain/user';
import type { Item } from './dynamo-items.ts';
import { colons, type ItemUpdate } from './run-items.ts';

/** A queue of dead letters keeps a message for two weeks, and each time that it fails again the failure is written again. */
const FAILURE_EXPIRES_AFTER_S = 30 * 86_400;

/** What the item of a failed part (`RUN#id`/`FAILED#00012`) says: why, and what its mending must take back from the run's counts. */
export type FailureItem = {
  part: number;
  error: Omit<RunError, 'part'>;
  receives: number;
  counts: RunCounts;
  users: UserCounts;
  parts_found: number;
};

export const failureKey = (run: string, part: number): Item => ({
  pk: `RUN#${run}`,
  sk: `FAILED#${String(part).padStart(5, '0')}`,
});

/** Of an outcome with an error. */
export const failureItem = (outcome: PartOutcome, now: number): FailureItem & { expires_at: number } => ({
  part: outcome.part,
  error: outcome.error!,
  receives: outcome.receives ?? 1,
  counts: outcome.counts,
  users: outcome.users ?? NO_USERS,
  parts_found: outcome.parts_found ?? 0,
  expires_at: Math.ceil(now / 1000) + FAILURE_EXPIRES_AFTER_S,
});

/** Of a failure whose item has expired; nothing more of it is known. */
export const FORGOTTEN: Pick<FailureItem, 'counts' | 'users' | 'parts_found'> = {
  counts: { ...NO_COUNTS, errors: 1 },
  users: NO_USERS,
  parts_found: 0,
};

type Added = {
  counts: RunCounts;
  users: UserCounts | undefined;
  parts_found: number;
  work_ms: number;
  versions: readonly string[];
};

/** `count_requests :requests, …` and its values. */
const adding = ({ counts, users, parts_found, work_ms, versions }: Added): { added: string; values: Item } => {
  const added = [...COUNT_NAMES.map((name) => `count_${name} :${name}`), 'work_ms :work_ms', 'parts :parts_found'];
  const values: Item = { ...counts, work_ms, parts_found };
  for (const [name, count] of Object.entries(users ?? {})) {
    added.push(`count_users_${name} :users_${name}`);
    values[`users_${name}`] = count;
  }
  if (versions.length > 0) {
    added.push('versions :versions');
    values.versions = new Set(versions);
  }
  return { added: added.join(', '), values };
};

/** The one write that ends a part. Its condition fails when the part ended before, when there is no such run, or (`withError`) when the list is full. */
export const ending = (outcome: PartOutcome, withError: boolean): ItemUpdate => {
  const { part, counts, users, versions, error, parts_found = 0, work_ms = 0 } = outcome;
  const { added, values } = adding({ counts, users, parts_found, work_ms, versions });
  Object.assign(values, { number: part, ended: new Set([part]) });
  let expression = `ADD done :ended, ${added}`;
  let condition = 'attribute_exists(pk) AND NOT contains(done, :number)';
  if (error) expression += ', #failed :ended';
  if (error && withError) {
    expression += ' SET error_list = list_append(if_not_exists(error_list, :none), :error)';
    condition += ' AND (attribute_not_exists(error_list) OR size(error_list) < :kept)';
    Object.assign(values, { none: [], error: [{ part, ...error }], kept: ERRORS_KEPT });
  }
  return {
    UpdateExpression: expression,
    ConditionExpression: condition,
    ...(error && { ExpressionAttributeNames: { '#failed': 'failed' } }),
    ExpressionAttributeValues: colons(values),
  };
};

/** The one write that mends a part: its condition fails when the part has not failed, or no longer. */
export const mending = (
  { part, counts, users, versions, parts_found = 0, work_ms = 0 }: PartOutcome,
  failure: Pick<FailureItem, 'counts' | 'users' | 'parts_found'>,
): ItemUpdate => {
  const { added, values } = adding({
    counts: mendedCounts(counts, failure.counts),
    users: mendedUsers(users, failure.users),
    parts_found: parts_found - failure.parts_found,
    work_ms,
    versions,
  });
  return {
    UpdateExpression: `ADD ${added} DELETE #failed :mended`,
    ConditionExpression: 'contains(#failed, :number)',
    ExpressionAttributeNames: { '#failed': 'failed' },
    ExpressionAttributeValues: colons({ ...values, number: part, mended: new Set([part]) }),
  };
};
