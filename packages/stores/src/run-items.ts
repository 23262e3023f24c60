import type { FoundParts } from '@granary/domain/ports/run-store';
import { estimateCostUsd } from '@granary/domain/rules/cost';
import {
  COUNT_NAMES,
  durationSeconds,
  ERRORS_KEPT,
  RESOURCE_COUNT_NAMES,
  stateAtEnd,
} from '@granary/domain/rules/run-end';
import type { ResourceCounts, Run, RunCounts, RunError } from '@granary/domain/run';
import type { UserCounts } from '@granary/domain/user';
import type { Item } from './dynamo-items.ts';

/** An update of one item, as UpdateItem takes it. */
export type ItemUpdate = {
  UpdateExpression: string;
  ConditionExpression: string;
  ExpressionAttributeNames?: Record<string, string>;
  ExpressionAttributeValues?: Item;
};

/** As long as anybody compares this year's runs with last year's. DynamoDB deletes the item, in the index as well. */
const RUN_EXPIRES_AFTER_S = 400 * 86_400;
/** `now` in ms since the epoch; what is written of a run later than its start goes as much later. */
export const runExpiresAt = (now: number): number => Math.ceil(now / 1000) + RUN_EXPIRES_AFTER_S;

/**
 * How a run lies in its item: parts that ended are a set, those of them that failed another, counts are attributes of
 * their own (`count_requests`, `count_users_new`), because ADD takes top-level attributes only. Conditions name
 * `state`, a reserved word, as #state.
 */
export const runItem = (run: Run): Item => ({
  expires_at: runExpiresAt(Date.parse(run.started_at)),
  gsi1pk: `RUNS#${run.kind}`,
  gsi1sk: `${run.started_at}#${run.id}`,
  id: run.id,
  kind: run.kind,
  source: run.source,
  state: run.state,
  started_at: run.started_at,
  parts: run.parts,
  lease_until: run.lease_until,
  asked: run.asked,
  revision: run.revision,
  replays: run.replays,
  checks: run.checks,
  accepts_gone: run.accepts_gone,
});

export const doneOf = (item: Item | undefined): ReadonlySet<number> => (item?.done as Set<number> | undefined) ?? NONE;
export const failedOf = (item: Item | undefined): ReadonlySet<number> =>
  (item?.failed as Set<number> | undefined) ?? NONE;
export const errorsOf = (item: Item | undefined): readonly RunError[] =>
  (item?.error_list as RunError[] | undefined) ?? [];
const NONE: ReadonlySet<number> = new Set();

/** The attribute that holds how many parts there were before this one found others. */
export const foundName = (part: number): string => `found_${part}`;

/** Blocks lie one behind the other: each reaches to where the next one begins. */
export const foundPartsOf = (item: Item | undefined): readonly FoundParts[] => {
  const begun = Object.entries(item ?? {}).flatMap(([name, before]) => {
    const by = /^found_(\d+)$/.exec(name)?.[1];
    return by === undefined ? [] : [{ by: Number(by), first: (before as number) + 1 }];
  });
  begun.sort((a, b) => a.first - b.first);
  const end = (item?.parts as number) + 1;
  return begun.map((block, place) => ({ ...block, count: (begun[place + 1]?.first ?? end) - block.first }));
};

const usersOf = (item: Item): UserCounts => {
  const count = (name: keyof UserCounts) => (item[`count_users_${name}`] as number | undefined) ?? 0;
  return { new: count('new'), overwritten: count('overwritten'), failed: count('failed') };
};

/** Undefined where no part counted any. */
const resourcesOf = (item: Item): ResourceCounts | undefined => {
  const counts = RESOURCE_COUNT_NAMES.map((name) => [name, item[`count_resources_${name}`]] as const);
  if (counts.every(([, count]) => count === undefined)) return undefined;
  return Object.fromEntries(counts.map(([name, count]) => [name, count ?? 0])) as ResourceCounts;
};

export const toRun = (item: Item): Run => {
  const counts = Object.fromEntries(COUNT_NAMES.map((name) => [name, item[`count_${name}`] ?? 0])) as RunCounts;
  const parts_done = doneOf(item).size;
  const versions = [...((item.versions as Set<string> | undefined) ?? [])].sort();
  // Releases before 2026-12 kept milliseconds, of functions with 1 GB and less.
  const gb_ms = Number(item.gb_ms ?? 0) + Number(item.work_ms ?? 0);
  const users = usersOf(item);
  const resources = resourcesOf(item);
  const work = {
    parts_done,
    requests: counts.requests,
    versions: versions.length,
    users: users.new + users.overwritten,
    gb_ms,
  };
  return {
    id: item.id as string,
    kind: item.kind as Run['kind'],
    source: item.source as string,
    state: item.state as Run['state'],
    started_at: item.started_at as string,
    ended_at: (item.ended_at as string | undefined) ?? null,
    duration_s: (item.duration_s as number | undefined) ?? null,
    parts: item.parts as number,
    parts_done,
    counts,
    ...(item.revision !== undefined && { revision: item.revision as number }),
    ...(item.replays !== undefined && { replays: item.replays as NonNullable<Run['replays']> }),
    ...(item.asked !== undefined && { asked: item.asked as NonNullable<Run['asked']> }),
    ...(item.checks !== undefined && { checks: item.checks as string }),
    ...(item.accepts_gone === true && { accepts_gone: true }),
    ...(item.kind === 'users' && { users }),
    // A run of one resource lists none.
    ...(resources && item.checks === undefined && { resources }),
    versions,
    errors: errorsOf(item),
    cost_usd_estimate: estimateCostUsd(work),
    lease_until: item.lease_until as string,
  };
};

/**
 * Holds as long as no part ended, failed or was mended since the item was read: done only grows, and failed grows with
 * it alone.
 */
const sameParts = (item: Item): { conditions: string[]; values: Item; names: Record<string, string> } => {
  const sizes = { done: doneOf(item).size, failed: failedOf(item).size };
  const conditions: string[] = [];
  const values: Item = {};
  for (const [name, size] of Object.entries(sizes)) {
    conditions.push(size === 0 ? `attribute_not_exists(#${name})` : `size(#${name}) = :${name}_size`);
    if (size > 0) values[`${name}_size`] = size;
  }
  return { conditions, values, names: { '#done': 'done', '#failed': 'failed' } };
};

/**
 * The write that ends a run, on the condition that nobody did. `error`: why it ends with parts still missing; then also
 * on the condition that its lease is still the one that was over.
 */
export const closing = (item: Item, ended_at: string, error?: RunError): ItemUpdate => {
  const run = toRun(item);
  const same = sameParts(item);
  const values: Item = {
    ...same.values,
    state: stateAtEnd(run, failedOf(item).size),
    running: 'running',
    ended_at,
    duration_s: durationSeconds(run.started_at, ended_at),
  };
  const conditions = ['#state = :running', ...same.conditions];
  let expression = 'SET #state = :state, ended_at = :ended_at, duration_s = :duration_s';
  if (error) {
    expression += ', overdue = :yes, error_list = list_append(if_not_exists(error_list, :none), :error)';
    expression += ' ADD count_errors :one';
    conditions.push('lease_until = :lease');
    Object.assign(values, { yes: true, none: [], error: [error], one: 1, lease: run.lease_until });
  }
  return {
    UpdateExpression: expression,
    ConditionExpression: conditions.join(' AND '),
    ExpressionAttributeNames: { '#state': 'state', ...same.names },
    ExpressionAttributeValues: colons(values),
  };
};

/**
 * What is still to be written, one thing at a time, for a run to be what its parts say; undefined when nothing is.
 * Whoever ended or mended a part does it, and whoever finds the part ended later, in case they died.
 */
export const nextRepair = (item: Item, at: string): ItemUpdate | undefined => {
  const run = toRun(item);
  const failed = failedOf(item);
  const complete = run.parts_done >= run.parts;
  if (item.overdue === true && complete) {
    // All parts gave a sign of life after all.
    return {
      UpdateExpression: 'REMOVE overdue ADD count_errors :less',
      ConditionExpression: 'overdue = :yes',
      ExpressionAttributeValues: { ':less': -1, ':yes': true },
    };
  }
  const stale = run.errors.findIndex(({ part }) => (part === 0 ? item.overdue !== true : !failed.has(part)));
  if (stale >= 0) {
    // An index, so the condition sees to it that nobody moved the list meanwhile.
    return {
      UpdateExpression: `REMOVE error_list[${stale}]`,
      ConditionExpression: `error_list[${stale}].#part = :part`,
      ExpressionAttributeNames: { '#part': 'part' },
      ExpressionAttributeValues: { ':part': run.errors[stale]!.part },
    };
  }
  if (run.state === 'running') return complete ? closing(item, at) : undefined;
  const state = stateAtEnd(run, failed.size);
  if (state === run.state) return undefined;
  const same = sameParts(item);
  return {
    UpdateExpression: 'SET #state = :state',
    ConditionExpression: ['#state = :judged', ...same.conditions].join(' AND '),
    ExpressionAttributeNames: { '#state': 'state', ...same.names },
    ExpressionAttributeValues: colons({ ...same.values, state, judged: run.state }),
  };
};

/** A failed part that the list of errors has room for again; undefined when there is none. */
export const unlistedFailure = (item: Item): number | undefined => {
  const listed = errorsOf(item);
  if (listed.length >= ERRORS_KEPT) return undefined;
  const parts = new Set(listed.map(({ part }) => part));
  return [...failedOf(item)].find((part) => !parts.has(part));
};

/**
 * The write that lists a failure, on the condition that neither the list nor the parts have changed: none is listed
 * twice.
 */
export const listing = (item: Item, error: RunError): ItemUpdate => {
  const same = sameParts(item);
  const listed = errorsOf(item).length;
  return {
    UpdateExpression: 'SET error_list = list_append(if_not_exists(error_list, :none), :error)',
    ConditionExpression: [
      ...same.conditions,
      item.error_list === undefined ? 'attribute_not_exists(error_list)' : 'size(error_list) = :listed',
    ].join(' AND '),
    ExpressionAttributeNames: same.names,
    ExpressionAttributeValues: colons({
      ...same.values,
      none: [],
      error: [error],
      ...(item.error_list !== undefined && { listed }),
    }),
  };
};

/** Part 0 is the run as a whole. */
export const overdueError = (run: Run, at: string): RunError => ({
  part: 0,
  dataset: null,
  url: null,
  message: `${run.parts - run.parts_done} of ${run.parts} parts showed no sign of life until ${run.lease_until}`,
  at,
});

export const colons = (values: Item): Item =>
  Object.fromEntries(Object.entries(values).map(([name, value]) => [`:${name}`, value]));
