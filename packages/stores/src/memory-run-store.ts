import type { RunStore } from '@granary/domain/ports/run-store';
import { estimateCostUsd } from '@granary/domain/rules/cost';
import { addCounts, durationSeconds, ERRORS_KEPT, stateAtEnd } from '@granary/domain/rules/run-end';
import type { Run, RunError } from '@granary/domain/run';
import { overdueError } from './run-items.ts';

type Kept = { run: Run; done: Set<number>; work_ms: number };

/** For tests and small tools. */
export const makeMemoryRunStore = ({ now = Date.now }: { now?: () => number } = {}): RunStore => {
  const runs = new Map<string, Kept>();
  const sources = new Map<string, { run: string; at: string; sent: boolean }>();
  const keyOf = ({ started_at, id }: Run) => `${started_at}#${id}`;

  const close = (kept: Kept, at: string, error?: RunError): void => {
    const { run } = kept;
    if (error) {
      run.counts = { ...run.counts, errors: run.counts.errors + 1 };
      run.errors = [...run.errors, error];
    }
    run.state = stateAtEnd(run.parts, kept.done.size, run.counts.errors - (error ? 1 : 0));
    run.ended_at = at;
    run.duration_s = durationSeconds(run.started_at, at);
  };
  const closeIfComplete = (kept: Kept | undefined, at: string): void => {
    if (kept?.run.state === 'running' && kept.done.size >= kept.run.parts) close(kept, at);
  };
  const closeIfOverdue = (kept: Kept, at: string): boolean => {
    if (kept.run.state !== 'running' || kept.run.lease_until >= at) return false;
    close(kept, at, kept.done.size < kept.run.parts ? overdueError(kept.run, at) : undefined);
    return true;
  };

  return {
    getRun: async (id) => structuredClone(runs.get(id)?.run),
    async listRuns({ kind, limit, before }) {
      const all = [...runs.values()]
        .map(({ run }) => run)
        .filter((run) => (!kind || run.kind === kind) && (before === undefined || keyOf(run) < before))
        .sort((a, b) => (keyOf(a) < keyOf(b) ? 1 : -1));
      const shown = structuredClone(all.slice(0, limit));
      return { runs: shown, next: all.length > limit ? keyOf(shown.at(-1)!) : null };
    },
    async start(run) {
      const last = sources.get(run.source);
      const kept = last && runs.get(last.run);
      if (kept) {
        closeIfOverdue(kept, new Date(now()).toISOString());
        if (kept.run.state === 'running')
          return { started: false, running: structuredClone(kept.run), sent: last.sent };
      }
      sources.set(run.source, { run: run.id, at: run.started_at, sent: false });
      runs.set(run.id, { run: structuredClone(run), done: new Set(), work_ms: 0 });
      return { started: true };
    },
    async markSent({ id, source }) {
      const last = sources.get(source);
      if (last?.run === id) last.sent = true;
    },
    async extendLease(id, until) {
      const kept = runs.get(id);
      if (kept?.run.state === 'running' && kept.run.lease_until < until) kept.run.lease_until = until;
    },
    async endPart(id, outcome, at) {
      const kept = runs.get(id);
      const ended = kept !== undefined && !kept.done.has(outcome.part);
      if (ended) {
        const { run } = kept;
        kept.done.add(outcome.part);
        kept.work_ms += outcome.work_ms ?? 0;
        run.parts += outcome.parts_found ?? 0;
        run.parts_done = kept.done.size;
        run.counts = addCounts(run.counts, outcome.counts);
        run.versions = [...new Set([...run.versions, ...outcome.versions])].sort();
        if (outcome.error && run.errors.length < ERRORS_KEPT) {
          run.errors = [...run.errors, { part: outcome.part, ...outcome.error }];
        }
        const { requests } = run.counts;
        const work = { parts_done: run.parts_done, requests, versions: run.versions.length, work_ms: kept.work_ms };
        run.cost_usd_estimate = estimateCostUsd(work);
      }
      closeIfComplete(kept, at);
      return ended;
    },
    hasEnded: async (id, part) => runs.get(id)?.done.has(part) ?? false,
    closeIfComplete: async (id, at) => closeIfComplete(runs.get(id), at),
    async closeOverdue(at) {
      return [...runs.values()].filter((kept) => closeIfOverdue(kept, at)).map(({ run }) => run.id);
    },
    lastStart: async (source) => structuredClone(sources.get(source)),
  };
};
