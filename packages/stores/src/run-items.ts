import { estimateCostUsd } from '@granary/domain/rules/cost';
import { COUNT_NAMES, durationSeconds, ERRORS_KEPT, stateAtEnd } from '@granary/domain/rules/run-end';
import type { PartOutcome, Run, RunCounts, RunError } from '@granary/domain/run';
import type { Item } from './dynamo-items.ts';

/**
 * How a run lies in its item: parts that ended are a set, counts are attributes of their own (`count_requests`), because ADD takes
 * top-level attributes only. Conditions name `state`, a reserved word, as #state.
 */
export const runItem = (run: Run): Item => ({
  gsi1pk: `RUNS#${run.kind}`,
  gsi1sk: `${run.started_at}#${run.id}`,
  id: run.id,
  kind: run.kind,
  source: run.source,
  state: run.state,
  started_at: run.started_at,
  parts: run.parts,
  lease_until: run.lease_until,
});

export const toRun = (item: Item): Run => {
  const counts = Object.fromEntries(COUNT_NAMES.map((name) => [name, item[`count_${name}`] ?? 0])) as RunCounts;
  const parts_done = (item.done as Set<number> | undefined)?.size ?? 0;
  const versions = [...((item.versions as Set<string> | undefined) ?? [])].sort();
  const work_ms = (item.work_ms as number | undefined) ?? 0;
  const work = { parts_done, requests: counts.requests, versions: versions.length, work_ms };
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
    versions,
    errors: (item.error_list as RunError[] | undefined) ?? [],
    cost_usd_estimate: estimateCostUsd(work),
    lease_until: item.lease_until as string,
  };
};

/** The one write that ends a part. Its condition fails when the part ended before, when there is no such run, or (`withError`) when the list is full. */
export const partUpdate = (outcome: PartOutcome, withError: boolean) => {
  const { part, counts, versions, error, parts_found = 0, work_ms = 0 } = outcome;
  const added = [...COUNT_NAMES.map((name) => `count_${name} :${name}`), 'work_ms :work_ms', 'parts :parts_found'];
  const values: Item = { ...counts, work_ms, parts_found, number: part, ended: new Set([part]) };
  if (versions.length > 0) {
    added.push('versions :versions');
    values.versions = new Set(versions);
  }
  let expression = `ADD done :ended, ${added.join(', ')}`;
  let condition = 'attribute_exists(pk) AND NOT contains(done, :number)';
  if (error && withError) {
    expression += ' SET error_list = list_append(if_not_exists(error_list, :none), :error)';
    condition += ' AND (attribute_not_exists(error_list) OR size(error_list) < :kept)';
    Object.assign(values, { none: [], error: [{ part, ...error }], kept: ERRORS_KEPT });
  }
  return { UpdateExpression: expression, ConditionExpression: condition, ExpressionAttributeValues: colons(values) };
};

/**
 * The write that ends a run, on the condition that nobody did. `error`: why it ends with parts still missing; then also on the
 * condition that its lease is still the one that was over.
 */
export const closing = (item: Item, ended_at: string, error?: RunError) => {
  const run = toRun(item);
  const values: Item = {
    state: stateAtEnd(run.parts, run.parts_done, run.counts.errors),
    running: 'running',
    ended_at,
    duration_s: durationSeconds(run.started_at, ended_at),
  };
  let condition = '#state = :running';
  let expression = 'SET #state = :state, ended_at = :ended_at, duration_s = :duration_s';
  if (error) {
    expression += ', error_list = list_append(if_not_exists(error_list, :none), :error) ADD count_errors :one';
    condition += ' AND lease_until = :lease';
    Object.assign(values, { none: [], error: [error], one: 1, lease: run.lease_until });
  }
  return {
    UpdateExpression: expression,
    ConditionExpression: condition,
    ExpressionAttributeNames: { '#state': 'state' },
    ExpressionAttributeValues: colons(values),
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

const colons = (values: Item): Item =>
  Object.fromEntries(Object.entries(values).map(([name, value]) => [`:${name}`, value]));
