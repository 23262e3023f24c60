import { type FoundParts, type PartFailure, type RunStore, VERSIONS_LISTED } from '@granary/domain/ports/run-store';
import { estimateCostUsd } from '@granary/domain/rules/cost';
import {
  addCounts,
  addResources,
  addUsers,
  durationSeconds,
  ERRORS_KEPT,
  mendedCounts,
  mendedResources,
  mendedUsers,
  stateAtEnd,
} from '@granary/domain/rules/run-end';
import { exclusiveName, NO_RESOURCES, type PartOutcome, type Run, type RunError } from '@granary/domain/run';
import { NO_USERS } from '@granary/domain/user';
import { overdueError } from './run-items.ts';

type Kept = {
  run: Run;
  done: Set<number>;
  failed: Map<number, PartFailure & Pick<PartOutcome, 'counts' | 'users' | 'resources' | 'parts_found'>>;
  found: FoundParts[];
  gb_ms: number;
  overdue: boolean;
  announcing_at?: string;
  announced?: boolean;
};

/** For tests and small tools. */
export const makeMemoryRunStore = ({ now = Date.now }: { now?: () => number } = {}): RunStore => {
  const runs = new Map<string, Kept>();
  const sources = new Map<string, { run: string; at: string; sent: boolean }>();
  const keyOf = ({ started_at, id }: Run) => `${started_at}#${id}`;

  const judge = ({ run, done, failed }: Kept): void => {
    run.state = stateAtEnd({ ...run, parts_done: done.size }, failed.size);
  };
  const close = (kept: Kept, at: string, error?: RunError): void => {
    const { run } = kept;
    judge(kept);
    run.ended_at = at;
    run.duration_s = durationSeconds(run.started_at, at);
    if (!error) return;
    run.counts = { ...run.counts, errors: run.counts.errors + 1 };
    run.errors = [...run.errors, error];
    kept.overdue = true;
  };
  const settle = (kept: Kept | undefined, at: string): void => {
    if (!kept) return;
    const { run, done, failed } = kept;
    if (kept.overdue && done.size >= run.parts) {
      kept.overdue = false;
      run.counts = { ...run.counts, errors: run.counts.errors - 1 };
    }
    const errors = run.errors.filter(({ part }) => (part === 0 ? kept.overdue : failed.has(part)));
    const others = [...failed.values()].filter(({ part }) => !errors.some((one) => one.part === part));
    const room = Math.max(0, ERRORS_KEPT - errors.length);
    run.errors = [...errors, ...others.slice(0, room).map(({ part, error }) => ({ part, ...error }))];
    if (run.state !== 'running') judge(kept);
    else if (done.size >= run.parts) close(kept, at);
  };
  const closeIfOverdue = (kept: Kept, at: string): boolean => {
    if (kept.run.state !== 'running' || kept.run.lease_until >= at) return false;
    close(kept, at, kept.done.size < kept.run.parts ? overdueError(kept.run, at) : undefined);
    return true;
  };
  const count = (
    kept: Kept,
    { part, counts, users, resources, parts_found = 0, gb_ms, versions }: PartOutcome,
  ): void => {
    const { run } = kept;
    if (parts_found > 0) kept.found.push({ by: part, first: run.parts + 1, count: parts_found });
    kept.gb_ms += gb_ms ?? 0;
    run.parts += parts_found;
    run.parts_done = kept.done.size;
    run.counts = addCounts(run.counts, counts);
    if (run.users) run.users = addUsers(run.users, users ?? NO_USERS);
    if (resources && run.checks === undefined) run.resources = addResources(run.resources ?? NO_RESOURCES, resources);
    run.versions = [...new Set([...run.versions, ...versions])].sort();
    estimate(kept);
  };

  return {
    getRun: async (id) => structuredClone(runs.get(id)?.run),
    async listRuns({ kind, limit, before }) {
      const all = [...runs.values()]
        .map(({ run }) => run)
        .filter((run) => (!kind || run.kind === kind) && (before === undefined || keyOf(run) < before))
        .sort((a, b) => (keyOf(a) < keyOf(b) ? 1 : -1));
      const shown = structuredClone(all.slice(0, limit)).map((run) => ({
        ...run,
        versions: run.versions.slice(0, VERSIONS_LISTED),
      }));
      return { runs: shown, next: all.length > limit ? keyOf(shown.at(-1)!) : null };
    },
    async start(run) {
      const last = sources.get(exclusiveName(run));
      const kept = last && runs.get(last.run);
      if (kept) {
        closeIfOverdue(kept, new Date(now()).toISOString());
        if (kept.run.state === 'running')
          return { started: false, running: structuredClone(kept.run), sent: last.sent };
      }
      sources.set(exclusiveName(run), { run: run.id, at: run.started_at, sent: false });
      runs.set(run.id, {
        run: structuredClone(run),
        done: new Set(),
        failed: new Map(),
        found: [],
        gb_ms: 0,
        overdue: false,
      });
      return { started: true };
    },
    async markSent(run) {
      const last = sources.get(exclusiveName(run));
      if (last?.run === run.id) last.sent = true;
    },
    async extendLease(id, until) {
      const kept = runs.get(id);
      if (kept?.run.state === 'running' && kept.run.lease_until < until) kept.run.lease_until = until;
    },
    async endPart(id, outcome, at) {
      const kept = runs.get(id);
      const { part, error, counts, users, resources, parts_found, receives = 1 } = outcome;
      const ended = kept !== undefined && !kept.done.has(part);
      const failure = kept?.failed.get(part);
      if (error && failure) Object.assign(failure, { error, receives });
      if (ended) {
        kept.done.add(part);
        if (error) {
          kept.failed.set(part, { part, error, receives, counts, users, resources, parts_found });
          if (kept.run.errors.length < ERRORS_KEPT) kept.run.errors = [...kept.run.errors, { part, ...error }];
        }
        count(kept, outcome);
      }
      settle(kept, at);
      return ended;
    },
    async partState(id, part) {
      const kept = runs.get(id);
      if (kept?.failed.has(part)) return 'failed';
      return kept?.done.has(part) ? 'ended' : 'open';
    },
    async openParts(id, parts) {
      return parts.filter((part) => !runs.get(id)?.done.has(part));
    },
    foundParts: async (id) => structuredClone(runs.get(id)?.found ?? []),
    async mendPart(id, outcome, at) {
      const kept = runs.get(id);
      const failure = kept?.failed.get(outcome.part);
      if (kept && failure) {
        kept.failed.delete(outcome.part);
        count(kept, {
          ...outcome,
          counts: mendedCounts(outcome.counts, failure.counts),
          users: mendedUsers(outcome.users, failure.users),
          resources: mendedResources(outcome.resources, failure.resources),
          parts_found: (outcome.parts_found ?? 0) - (failure.parts_found ?? 0),
        });
      }
      settle(kept, at);
      return failure !== undefined;
    },
    async failuresOf(id, parts) {
      const failures = [...new Set(parts)].flatMap((part) => runs.get(id)?.failed.get(part) ?? []);
      return structuredClone(failures.map(({ part, error, receives }) => ({ part, error, receives })));
    },
    async addRequests(id, requests) {
      const kept = runs.get(id);
      if (!kept) return;
      kept.run.counts = { ...kept.run.counts, requests: kept.run.counts.requests + requests };
      estimate(kept);
    },
    settle: async (id, at) => settle(runs.get(id), at),
    async claimAnnouncement(id, at, stale_before) {
      const kept = runs.get(id);
      if (!kept?.run.ended_at || kept.announced || (kept.announcing_at ?? '') >= stale_before) return false;
      kept.announcing_at = at;
      return true;
    },
    async markAnnounced(id) {
      const kept = runs.get(id);
      if (kept) kept.announced = true;
    },
    async closeOverdue(at) {
      return [...runs.values()].filter((kept) => closeIfOverdue(kept, at)).map(({ run }) => run.id);
    },
    lastStart: async (source) => structuredClone(sources.get(source)),
  };
};

const estimate = ({ run, gb_ms }: Kept): void => {
  const { parts_done, counts, versions, users = NO_USERS } = run;
  const stored = { versions: versions.length, users: users.new + users.overwritten };
  run.cost_usd_estimate = estimateCostUsd({ parts_done, requests: counts.requests, ...stored, gb_ms });
};
