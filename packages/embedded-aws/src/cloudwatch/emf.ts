import type { Datum } from './metric-store.ts';

type Directive = {
  Namespace?: unknown;
  Dimensions?: unknown;
  Metrics?: unknown;
};
const isTexts = (value: unknown): value is string[] =>
  Array.isArray(value) && value.every((one) => typeof one === 'string');

/**
 * The metrics of a log line in the Embedded Metric Format; none of any other line. As CloudWatch does it: a line that
 * is not quite in the format is just a line.
 */
export const metricsOfLine = (line: string): Datum[] => {
  if (!line.includes('"CloudWatchMetrics"')) return [];
  let root: Record<string, unknown>;
  try {
    root = JSON.parse(line);
  } catch {
    return [];
  }
  const { Timestamp: at, CloudWatchMetrics: directives } =
    (root._aws as { Timestamp?: unknown; CloudWatchMetrics?: unknown } | undefined) ?? {};
  if (typeof at !== 'number' || !Array.isArray(directives)) return [];
  return directives.flatMap(({ Namespace, Dimensions, Metrics }: Directive) => {
    if (typeof Namespace !== 'string' || !Array.isArray(Dimensions) || !Array.isArray(Metrics)) return [];
    return Dimensions.filter(isTexts).flatMap((names) => {
      if (names.some((name) => typeof root[name] !== 'string')) return [];
      const dimensions = Object.fromEntries(names.map((name) => [name, String(root[name])]));
      return (Metrics as { Name?: unknown; Unit?: unknown }[]).flatMap(({ Name, Unit }): Datum[] => {
        if (typeof Name !== 'string') return [];
        const values = [root[Name]].flat().filter((value): value is number => Number.isFinite(value));
        if (values.length === 0) return [];
        const unit = typeof Unit === 'string' ? { unit: Unit } : {};
        return [
          { namespace: Namespace, name: Name, dimensions, at, ...unit, values: values.map((value) => [value, 1]) },
        ];
      });
    });
  });
};
