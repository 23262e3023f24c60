import { VERSIONS_LISTED } from '@granary/domain/ports/run-store';
import { COUNT_NAMES, ERRORS_KEPT, mendedCounts, mendedResources, mendedUsers } from '@granary/domain/rules/run-end';
import { NO_COUNTS, type PartOutcome, type ResourceCounts, type RunCounts, type RunError } from '@granary/domain/run';
import { NO_USERS, type UserCounts } from '@granary/domain/user';
import type { Item } from './dynamo-items.ts';
import { colons, foundName, type ItemUpdate, runExpiresAt } from './run-items.ts';

/**
 * A queue of dead letters keeps a message for two weeks, and each time that it fails again the failure is written
 * again.
 */
const FAILURE_EXPIRES_AFTER_S = 30 * 86_400;

/**
 * What the item of a failed part (`RUN#id`/`FAILED#00012`) says: why, and what its mending must take back from the
 * run's counts.
 */
export type FailureItem = {
  part: number;
  error: Omit<RunError, 'part'>;
  receives: number;
  counts: RunCounts;
  users: UserCounts;
  resources?: Partial<ResourceCounts> | undefined;
  parts_found: number;
};

export const failureKey = (run: string, part: number): Item => ({
  pk: `RUN#${run}`,
  sk: `FAILED#${String(part).padStart(5, '0')}`,
});

/** Parts whose versions lie in one item, where they are more than the run's own item lists. */
const VERSIONS_OF = 500;

/**
 * Of a part with more versions than this, so many stand with the run and with those of other parts, and all of them in
 * an item of its own: five hundred such parts would be too much for one item.
 */
const FEW_VERSIONS = 5;
export const hasMany = (versions: readonly string[]): boolean => versions.length > FEW_VERSIONS;

const digits = (number: number): string => String(number).padStart(5, '0');

/** `RUN#id`/`VERSIONS#00012`: the versions of five hundred parts, and which of these have an item of their own. */
export const versionsKey = (run: string, part: number): Item => ({
  pk: `RUN#${run}`,
  sk: `VERSIONS#${digits(Math.floor(part / VERSIONS_OF))}`,
});

/** `RUN#id`/`VERSIONS#PART00012`: those of one. */
export const manyVersionsKey = (run: string, part: number): Item => ({
  pk: `RUN#${run}`,
  sk: `VERSIONS#PART${digits(part)}`,
});

/** The keys of all such items of five hundred parts that a run of so many parts can have. */
export const versionsKeys = (run: string, parts: number): Item[] =>
  Array.from({ length: Math.floor(parts / VERSIONS_OF) + 1 }, (_, place) => versionsKey(run, place * VERSIONS_OF));

/** Adds to a set of an item that goes with time. */
const addingTo = (name: string, values: Set<string> | Set<number>, now: number): ItemValues => ({
  UpdateExpression: `ADD ${name} :values SET expires_at = :expires`,
  ExpressionAttributeValues: { ':values': values, ':expires': runExpiresAt(now) },
});
type ItemValues = Omit<ItemUpdate, 'ConditionExpression'>;

export const addingVersions = (versions: readonly string[], now: number): ItemValues =>
  addingTo('versions', new Set(versions), now);
/** Says that a part has an item of its own. */
export const addingMany = (part: number, now: number): ItemValues => addingTo('many', new Set([part]), now);

/** Of an outcome with an error. */
export const failureItem = (outcome: PartOutcome, now: number): FailureItem & { expires_at: number } => ({
  part: outcome.part,
  error: outcome.error!,
  receives: outcome.receives ?? 1,
  counts: outcome.counts,
  users: outcome.users ?? NO_USERS,
  ...(outcome.resources && { resources: outcome.resources }),
  parts_found: outcome.parts_found ?? 0,
  expires_at: Math.ceil(now / 1000) + FAILURE_EXPIRES_AFTER_S,
});

/** Of a failure whose item has expired; nothing more of it is known. */
export const FORGOTTEN: Pick<FailureItem, 'counts' | 'users' | 'resources' | 'parts_found'> = {
  counts: { ...NO_COUNTS, errors: 1 },
  users: NO_USERS,
  parts_found: 0,
};

type Added = {
  counts: RunCounts;
  users: UserCounts | undefined;
  resources: Partial<ResourceCounts> | undefined;
  gb_ms: number;
  versions: readonly string[];
};

/** `count_requests :requests, …` and its values. */
const adding = ({ counts, users, resources, gb_ms, versions }: Added): { added: string; values: Item } => {
  const added = [...COUNT_NAMES.map((name) => `count_${name} :${name}`), 'gb_ms :gb_ms'];
  const values: Item = { ...counts, gb_ms };
  for (const [name, count] of Object.entries(users ?? {})) {
    added.push(`count_users_${name} :users_${name}`);
    values[`users_${name}`] = count;
  }
  for (const [name, count] of Object.entries(resources ?? {})) {
    added.push(`count_resources_${name} :resources_${name}`);
    values[`resources_${name}`] = count;
  }
  if (versions.length > 0) {
    added.push('versions :versions');
    values.versions = new Set(versions);
  }
  return { added: added.join(', '), values };
};

/**
 * What `ending` writes besides the counts: the error into the list, the first versions into the run's own set, or that
 * they lie elsewhere.
 */
export type Listed = { error: boolean; versions: boolean };

/**
 * The one write that ends a part. Its condition fails when the part ended before, when there is no such run, or when
 * what is to be listed finds its list full.
 */
export const ending = (outcome: PartOutcome, listed: Listed): ItemUpdate => {
  const { part, counts, users, resources, error, parts_found = 0, gb_ms = 0 } = outcome;
  const versions = listed.versions ? outcome.versions.slice(0, FEW_VERSIONS) : [];
  const { added, values } = adding({ counts, users, resources, gb_ms, versions });
  Object.assign(values, { number: part, ended: new Set([part]) });
  const set: string[] = [];
  const conditions = ['attribute_exists(pk)', 'NOT contains(done, :number)'];
  if (error && listed.error) {
    set.push('error_list = list_append(if_not_exists(error_list, :none), :error)');
    conditions.push('(attribute_not_exists(error_list) OR size(error_list) < :kept)');
    Object.assign(values, { none: [], error: [{ part, ...error }], kept: ERRORS_KEPT });
  }
  if (versions.length > 0) {
    conditions.push('(attribute_not_exists(versions) OR size(versions) < :most)');
    values.most = VERSIONS_LISTED;
  }
  if (outcome.versions.length > versions.length) {
    set.push('more_versions = :yes');
    values.yes = true;
  }
  set.push(...numbering(part, parts_found, values));
  return {
    UpdateExpression: `ADD done :ended, ${added}${error ? ', #failed :ended' : ''}${setting(set)}`,
    ConditionExpression: conditions.join(' AND '),
    ...(error && { ExpressionAttributeNames: { '#failed': 'failed' } }),
    ExpressionAttributeValues: colons(values),
  };
};

/** Both by SET, whose operands are what was there before: an ADD in the same write might come first. */
const numbering = (part: number, found: number, values: Item): string[] => {
  if (found === 0) return [];
  values.found = found;
  return [...(found > 0 ? [`${foundName(part)} = parts`] : []), 'parts = parts + :found'];
};

const setting = (set: readonly string[]): string => (set.length > 0 ? ` SET ${set.join(', ')}` : '');

/**
 * The one write that mends a part: its condition fails when the part has not failed, or no longer, or when the set of
 * versions is full.
 */
export const mending = (
  outcome: PartOutcome,
  failure: Pick<FailureItem, 'counts' | 'users' | 'resources' | 'parts_found'>,
  listed: Pick<Listed, 'versions'>,
): ItemUpdate => {
  const { part, counts, users, parts_found = 0, gb_ms = 0 } = outcome;
  const versions = listed.versions ? outcome.versions.slice(0, FEW_VERSIONS) : [];
  const found = parts_found - failure.parts_found;
  const { added, values } = adding({
    counts: mendedCounts(counts, failure.counts),
    users: mendedUsers(users, failure.users),
    resources: mendedResources(outcome.resources, failure.resources),
    gb_ms,
    versions,
  });
  const set: string[] = [];
  const conditions = ['contains(#failed, :number)'];
  if (versions.length > 0) {
    conditions.push('(attribute_not_exists(versions) OR size(versions) < :most)');
    values.most = VERSIONS_LISTED;
  }
  if (outcome.versions.length > versions.length) {
    set.push('more_versions = :yes');
    values.yes = true;
  }
  set.push(...numbering(part, found, values));
  return {
    UpdateExpression: `ADD ${added} DELETE #failed :mended${setting(set)}`,
    ConditionExpression: conditions.join(' AND '),
    ExpressionAttributeNames: { '#failed': 'failed' },
    ExpressionAttributeValues: colons({ ...values, number: part, mended: new Set([part]) }),
  };
};
