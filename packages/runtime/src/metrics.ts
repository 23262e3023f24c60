import { writeLine } from './stdout.ts';

export type MetricUnit = 'Count' | 'Milliseconds' | 'Bytes';

/** Counts and times of one invocation, written together as one line of CloudWatch's Embedded Metric Format. */
export type Metrics = {
  /** Adds to the metric of this name. Names are PascalCase: `RowsPublished`. */
  add(name: string, value: number, unit?: MetricUnit): void;
  /** Writes the line, unless nothing was added, and forgets. */
  flush(): void;
};

export type MetricsOptions = {
  /** Dimensions, few and of few values: every combination is billed as a metric of its own. */
  dimensions: Readonly<Record<string, string>>;
  namespace?: string;
  write?: (line: string) => void;
  now?: () => number;
};

/** Format: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html */
export const makeMetrics = (options: MetricsOptions): Metrics => {
  const write = options.write ?? writeLine;
  const now = options.now ?? Date.now;
  const dimensions = JSON.stringify([Object.keys(options.dimensions)]);
  const namespace = JSON.stringify(options.namespace ?? 'Granary');
  const values = Object.entries(options.dimensions)
    .map(([name, value]) => `,${JSON.stringify(name)}:${JSON.stringify(value)}`)
    .join('');
  let added = new Map<string, { value: number; unit: MetricUnit }>();
  return {
    add(name, value, unit = 'Count') {
      const known = added.get(name);
      if (known) known.value += value;
      else added.set(name, { value, unit });
    },
    flush() {
      if (added.size === 0) return;
      let definitions = '';
      let figures = '';
      for (const [name, { value, unit }] of added) {
        definitions += `${definitions ? ',' : ''}{"Name":"${name}","Unit":"${unit}"}`;
        figures += `,"${name}":${value}`;
      }
      added = new Map();
      write(
        `{"_aws":{"Timestamp":${now()},"CloudWatchMetrics":[{"Namespace":${namespace},"Dimensions":${dimensions},"Metrics":[${definitions}]}]}${values}${figures}}\n`,
      );
    },
  };
};
