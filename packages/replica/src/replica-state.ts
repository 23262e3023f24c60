import { DEFAULT_VINTAGE, EMBRAPA_FILES, FIRST_VINTAGE, LAST_VINTAGE } from './embrapa/file-layouts.ts';
import { createFaultBoard, FAULT_KINDS, type Fault, type FaultBoard, type FaultKind } from './faults.ts';
import { changedPortal, type PortalState } from './portal/portal-state.ts';

export type RateLimit = {
  requests_per_minute: number;
  /** What Retry-After says; without it the time until the next request is let through. */
  retry_after_s?: number;
  /** The paths that it is for, all together (a glob, as in a fault); without it all there are. */
  path?: string;
};

export type ReplicaOptions = {
  /** Another seed is another world: other figures, other countries. */
  seed?: string;
  /** The newest year of the files. */
  vintage?: number;
  /** Waits this long before each answer. */
  latency_ms?: number;
  rate_limit?: RateLimit | null;
  faults?: readonly Fault[];
  /** Another one gives other users, as a random source does; the files are the same. */
  series?: number;
  /** What the portal is; the rest of it stays as it is by default. */
  portal?: Partial<PortalState>;
};

export type LoggedRequest = {
  at: string;
  method: string;
  path: string;
  /** `?size=100`, where there was one. */
  query?: string;
  status: number;
  conditional: boolean;
};

/** What the replica is at this moment, as `GET /__replica` shows it and `PUT /__replica` changes it. */
export type ReplicaState = {
  seed: string;
  series: number;
  vintage: number;
  revision: number;
  latency_ms: number;
  rate_limit: RateLimit | null;
  faults: FaultBoard;
  portal: PortalState;
  /** The last thousand requests, oldest first. */
  log: LoggedRequest[];
  /** Requests that were answered or given up, by path. */
  counts: Map<string, number>;
  /** The same by path and query, of those that had a query. */
  addresses: Map<string, number>;
  /** The same by status; 0: the connection ended before there was one. */
  statuses: Map<number, number>;
  /** Requests that came in, by path. Never taken back: random answers do not begin anew. */
  asked: Map<string, number>;
};

/** @throws RangeError for a year that the replica cannot publish. */
export const checkedVintage = (vintage: unknown): number => {
  if (Number.isInteger(vintage) && Number(vintage) >= FIRST_VINTAGE && Number(vintage) <= LAST_VINTAGE)
    return Number(vintage);
  throw new RangeError(`vintage must be a year from ${FIRST_VINTAGE} to ${LAST_VINTAGE}, not ${vintage}.`);
};

/** @throws RangeError for what is no count. */
export const checkedRevision = (revision: unknown): number => {
  if (Number.isInteger(revision) && Number(revision) >= 0) return Number(revision);
  throw new RangeError(`revision must be a whole number ≥ 0, not ${revision}.`);
};

const isNatural = (value: unknown): value is number =>
  typeof value === 'number' && Number.isFinite(value) && value >= 0;

const isGlob = (value: unknown): value is string => typeof value === 'string' && /^[/*]/.test(value);

/** @throws RangeError that says what is wrong with the fault. */
export const checkedFault = (value: unknown): Fault => {
  const fault = (value ?? {}) as Partial<Fault>;
  if (!FAULT_KINDS.includes(fault.kind as FaultKind))
    throw new RangeError(`There is no fault "${fault.kind}"; the kinds are ${FAULT_KINDS.join(', ')}.`);
  if (!isGlob(fault.path))
    throw new RangeError(
      `A fault needs a path that begins with / or *, such as /download/Producao.csv, not "${fault.path}".`,
    );
  for (const name of ['limit', 'retry_after_s', 'delay_ms', 'bytes'] as const)
    if (fault[name] !== undefined && !isNatural(fault[name])) throw new RangeError(`${name} must be a number ≥ 0.`);
  if (fault.rate !== undefined && !(isNatural(fault.rate) && fault.rate <= 1))
    throw new RangeError('rate must be a number from 0 to 1.');
  if (fault.location !== undefined && !/^https?:\/\/\S+$/.test(String(fault.location)))
    throw new RangeError('location must be an http or https URL.');
  if (fault.kind === 'other-file' && !EMBRAPA_FILES.some(({ name }) => name === fault.other))
    throw new RangeError(`other must be the name of a file, such as Comercio, not "${fault.other}".`);
  if (fault.limit === 0) throw new RangeError('limit must be at least 1.');
  return fault as Fault;
};

const checkedRateLimit = (value: unknown): RateLimit | null => {
  if (value === null || value === undefined) return null;
  const limit = value as Partial<RateLimit>;
  if (!isNatural(limit.requests_per_minute))
    throw new RangeError('rate_limit needs requests_per_minute, a number ≥ 0.');
  const { requests_per_minute, retry_after_s, path } = limit;
  if (retry_after_s !== undefined && !isNatural(retry_after_s))
    throw new RangeError('retry_after_s must be a number ≥ 0.');
  if (path !== undefined && !isGlob(path))
    throw new RangeError(`path of rate_limit must begin with / or *, such as /api/*, not "${path}".`);
  return { requests_per_minute, ...(retry_after_s !== undefined && { retry_after_s }), ...(path && { path }) };
};

export const createState = (options: ReplicaOptions): ReplicaState => ({
  seed: options.seed ?? 'granary',
  series: options.series ?? 1,
  vintage: checkedVintage(options.vintage ?? DEFAULT_VINTAGE),
  revision: 0,
  latency_ms: options.latency_ms ?? 0,
  rate_limit: checkedRateLimit(options.rate_limit),
  faults: createFaultBoard((options.faults ?? []).map(checkedFault), options.seed),
  portal: changedPortal(options.portal),
  log: [],
  counts: new Map(),
  addresses: new Map(),
  statuses: new Map(),
  asked: new Map(),
});

const sorted = (counts: ReadonlyMap<string, number>) =>
  Object.fromEntries([...counts].sort(([a], [b]) => (a < b ? -1 : 1)));

/** The JSON of `GET /__replica`; `paths`: what is served. */
export const describeState = (state: ReplicaState, paths: readonly string[]): object => ({
  paths,
  seed: state.seed,
  series: state.series,
  vintage: state.vintage,
  revision: state.revision,
  latency_ms: state.latency_ms,
  rate_limit: state.rate_limit,
  faults: state.faults.list(),
  portal: state.portal,
  requests: {
    counts: sorted(state.counts),
    addresses: sorted(state.addresses),
    statuses: Object.fromEntries(state.statuses),
    log: state.log,
  },
});

/**
 * Changes what the members of `change` name and leaves the rest: `vintage`, `revision`, `latency_ms`, `rate_limit`
 * (null: none), `faults` (the whole list), `portal` (members of PortalState), `reset_log`. Nothing is
 * changed when anything is wrong.
 * @throws RangeError that says what is wrong.
 */
export const changeState = (state: ReplicaState, change: unknown): void => {
  if (typeof change !== 'object' || change === null || Array.isArray(change))
    throw new RangeError('The body must be a JSON object.');
  const known = ['vintage', 'revision', 'latency_ms', 'rate_limit', 'faults', 'portal', 'reset_log'];
  const unknown = Object.keys(change).filter((name) => !known.includes(name));
  if (unknown.length > 0)
    throw new RangeError(`Unknown: ${unknown.join(', ')}. What can be changed: ${known.join(', ')}.`);
  const wanted = change as Record<string, unknown>;
  const vintage = 'vintage' in wanted ? checkedVintage(wanted.vintage) : state.vintage;
  const revision = 'revision' in wanted ? checkedRevision(wanted.revision) : state.revision;
  if ('latency_ms' in wanted && !isNatural(wanted.latency_ms)) throw new RangeError('latency_ms must be a number ≥ 0.');
  const rateLimit = 'rate_limit' in wanted ? checkedRateLimit(wanted.rate_limit) : state.rate_limit;
  if ('faults' in wanted && !Array.isArray(wanted.faults)) throw new RangeError('faults must be a list.');
  const faults = 'faults' in wanted ? (wanted.faults as unknown[]).map(checkedFault) : undefined;
  const portal = 'portal' in wanted ? changedPortal(wanted.portal, state.portal) : state.portal;
  state.vintage = vintage;
  state.revision = revision;
  state.rate_limit = rateLimit;
  state.portal = portal;
  if ('latency_ms' in wanted) state.latency_ms = Number(wanted.latency_ms);
  if (faults) state.faults.replace(faults);
  if (wanted.reset_log) {
    state.log.length = 0;
    state.counts.clear();
    state.addresses.clear();
    state.statuses.clear();
  }
};
