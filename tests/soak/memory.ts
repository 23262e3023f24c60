import { readdirSync, readFileSync } from 'node:fs';

/** Resident memory of the processes of a stack at one moment, MB by name, and of all of them. */
export type Memory = { at_s: number; all: number } & Record<string, number>;

const MB = 2 ** 20;
const PAGE = 4096;

const statOf = (pid: number): { parent: number; rss: number } | undefined => {
  try {
    // The name stands in parentheses and may hold anything.
    const [, after = ''] = readFileSync(`/proc/${pid}/stat`, 'utf8').split(/\) (?=[A-Z] )/);
    const fields = after.split(' ');
    return { parent: Number(fields[1]), rss: (Number(fields[21]) * PAGE) / MB };
  } catch {
    return undefined;
  }
};

/**
 * What the named processes hold now, their children (esbuild, the engines of SQL) counted with them unless they have
 * names of their own. By /proc, so on Linux only; elsewhere everything is 0.
 */
export const memoryOf = (pids: Readonly<Record<string, number>>, begun: number): Memory => {
  const names = new Map(Object.entries(pids).map(([name, pid]) => [pid, name]));
  const all = new Map<number, { parent: number; rss: number }>();
  for (const entry of safely(() => readdirSync('/proc'))) {
    const stat = /^\d+$/.test(entry) ? statOf(Number(entry)) : undefined;
    if (stat) all.set(Number(entry), stat);
  }
  const sums: Record<string, number> = Object.fromEntries(Object.keys(pids).map((name) => [name, 0]));
  for (const pid of all.keys()) {
    let owner: number | undefined = pid;
    while (owner !== undefined && !names.has(owner)) owner = all.get(owner)?.parent;
    if (owner !== undefined) sums[names.get(owner)!]! += all.get(pid)!.rss;
  }
  const rounded = Object.fromEntries(Object.entries(sums).map(([name, rss]) => [name, Math.round(rss)]));
  const total = Math.round(Object.values(sums).reduce((sum, rss) => sum + rss, 0));
  return { ...rounded, at_s: Math.round((performance.now() - begun) / 1000), all: total };
};

const safely = (list: () => string[]): string[] => {
  try {
    return list();
  } catch {
    return [];
  }
};
