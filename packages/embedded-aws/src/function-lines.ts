import type { InsightsEvent } from './logs/insights.ts';

/** Of each group the newest lines, since the start: what functions write is in the files of their services already. */
const MOST_LINES = 5_000;

/**
 * What functions and the gateway wrote into their logs, for queries of Logs Insights. A name that ends with `-` stands
 * for all groups that begin with it: the lines of an API whose functions share one output.
 */
export const makeFunctionLines = () => {
  const groups = new Map<string, InsightsEvent[]>();
  const nameOf = (group: string): string | undefined =>
    groups.has(group) ? group : [...groups.keys()].find((name) => name.endsWith('-') && group.startsWith(name));
  return {
    put(group: string, events: readonly InsightsEvent[]): void {
      const lines = groups.get(group) ?? [];
      groups.set(group, lines);
      lines.push(...events);
      // Now and then, not line by line.
      if (lines.length > MOST_LINES * 1.25) lines.splice(0, lines.length - MOST_LINES);
    },
    /** Of those of these groups that have lines, each line once; undefined for a group that nobody wrote to. */
    has: (group: string): boolean => nameOf(group) !== undefined,
    of(names: readonly string[]): InsightsEvent[] {
      const found = new Set(names.flatMap((name) => nameOf(name) ?? []));
      return [...found].flatMap((name) => groups.get(name)!);
    },
  };
};
export type FunctionLines = ReturnType<typeof makeFunctionLines>;
