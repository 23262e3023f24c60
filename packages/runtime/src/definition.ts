import type { Metrics } from './emit-metrics.ts';
import type { Logger } from './logger.ts';

/** What a function may do, by name; `config/grants.ts` says which actions on which ARNs a name stands for. */
export type Grant = string;

/** Facts of the function that its IaC needs; `functions.gen.yml` is generated from them. */
export type FunctionShape = {
  /** Name of the function within its service: lower case, `-` between words. */
  id: string;
  timeout_s: number;
  memory_mb: number;
  /** Size of `/tmp`; 512 unless told. */
  tmp_mb?: number;
  grants: readonly Grant[];
};

/** What every invocation is given besides its input. */
export type Invocation = {
  /** Carries the request id and the trace id already. */
  log: Logger;
  metrics: Metrics;
  /** Milliseconds until Lambda ends the invocation. */
  remaining_ms: () => number;
};

/**
 * Called once at the end of every invocation, after its work, also when that failed, and before the metrics are
 * written: for what is written in batches. A throw is logged and fails nothing.
 */
export type AtEnd<Deps> = (deps: Deps) => (invocation: Invocation) => Promise<void>;
