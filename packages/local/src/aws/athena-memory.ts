import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { totalmem } from 'node:os';
import { promisify } from 'node:util';

const MB = 2 ** 20;
const run = promisify(execFile);

/**
 * What a process of DuckDB may take, in bytes. DuckDB keeps to its own limit with what it sorts and groups, not with single values and lists: these it takes
 * from the machine, so its process has a limit too, of which DuckDB's and JavaScript's are parts.
 */
export type MemoryLimits = {
  /** The process is killed above it. */
  resident: number;
  /** What its private mappings may be by the kernel (RLIMIT_DATA): also what nobody could measure in time. Half a gigabyte is Node's, never touched. */
  data: number;
  duckdb: number;
  heap: number;
};

/** At most 2.5 GB, and a quarter of the machine or of the container. */
export const memoryLimits = (
  machine = Math.min(totalmem(), process.constrainedMemory() || totalmem()),
): MemoryLimits => {
  const resident = Math.min(2560 * MB, Math.floor(machine / 4));
  const part = Math.min(1024 * MB, Math.floor(resident * 0.4));
  return { resident, data: resident + 1024 * MB, duckdb: part, heap: part };
};

/** How often {@link residentOf} is worth its price, in ms. */
export const WATCH_MS = process.platform === 'linux' ? 100 : 500;

/** Memory of a process with what of it is swapped out, in bytes; undefined where it cannot be told, such as of one that has ended. */
export const residentOf = async (pid: number): Promise<number | undefined> => {
  try {
    if (process.platform === 'linux') {
      const status = readFileSync(`/proc/${pid}/status`, 'utf8');
      const kilobytes = (name: string) => Number(new RegExp(`^${name}:\\s*(\\d+) kB`, 'm').exec(status)?.[1] ?? 0);
      return (kilobytes('VmRSS') + kilobytes('VmSwap')) * 1024;
    }
    const { stdout } = await run('ps', ['-o', 'rss=', '-p', String(pid)]);
    return Number(stdout.trim()) * 1024 || undefined;
  } catch {
    return undefined;
  }
};
