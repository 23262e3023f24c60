import { directiveOf, type MetricBy } from '@granary/domain/metrics';
import { writeLine } from './stdout.ts';

/** Counts of one invocation, written together as one line of CloudWatch's Embedded Metric Format. */
export type Metrics = {
  /** Adds to the metric of this name. */
  add(name: MetricBy<'function'>, value: number): void;
  /** Writes the line, unless nothing was added, and forgets. */
  flush(): void;
};

export type MetricsOptions = {
  dimensions: { service: string; stage: string; function: string };
  write?: (line: string) => void;
  now?: () => number;
};

export const makeMetrics = (options: MetricsOptions): Metrics => {
  const write = options.write ?? writeLine;
  const now = options.now ?? Date.now;
  let added = new Map<MetricBy<'function'>, number>();
  return {
    add(name, value) {
      added.set(name, (added.get(name) ?? 0) + value);
    },
    flush() {
      if (added.size === 0) return;
      const _aws = { Timestamp: now(), CloudWatchMetrics: [directiveOf('function', [...added.keys()])] };
      const line = { _aws, ...options.dimensions, ...Object.fromEntries(added) };
      added = new Map();
      write(`${JSON.stringify(line)}\n`);
    },
  };
};
