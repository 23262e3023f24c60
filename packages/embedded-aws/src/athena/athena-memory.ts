import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { totalmem } from 'node:os';
import { promisify } from 'node:util';

const MB = 2 ** 20;
/** Node and DuckDB have mapped 0.7 GB before the first query, and touched a sixth of it. */
const MAPPED_AT_FIRST = 1024 * MB;
const run = promisify(execFile);

/**
 * What a process of DuckDB may take, in bytes. DuckDB keeps to its own limit with what it sorts and groups, not with
 * single values and lists: these it takes from the machine, so its process has a limit too, of which DuckDB's and
 * JavaScript's are parts.
 */
export type MemoryLimits = {
  /** The process is killed above it. */
  resident: number;
  /**
   * What it may have mapped by the kernel's leave (RLIMIT_DATA), touched or not: this holds also for what is taken
   * faster than anybody looks.
   */
  mapped: number;
  duckdb: number;
  heap: number;
};

/** At most 2.5 GB, and a quarter of the machine or of the container. */
export const memoryLimits = (
  machine = Math.min(totalmem(), process.constrainedMemory() || totalmem()),
): MemoryLimits => {
  const resident = Math.min(2560 * MB, Math.floor(machine / 4));
  const part = Math.min(1024 * MB, Math.floor(resident * 0.4));
  return { resident, mapped: resident + MAPPED_AT_FIRST, duckdb: part, heap: part };
};

/** How often {@link memoryOf} is worth its price, in ms. */
export const WATCH_MS = process.platform === 'linux' ? 100 : 500;

/**
 * Bytes of a process: `resident` with what of it is swapped out, `mapped` as RLIMIT_DATA counts (0 where it cannot be
 * told).
 */
export type Memory = { resident: number; mapped: number };

/** Undefined where it cannot be told, such as of a process that has ended. */
export const memoryOf = async (pid: number): Promise<Memory | undefined> => {
  try {
    if (process.platform === 'linux') {
      const status = readFileSync(`/proc/${pid}/status`, 'utf8');
      const bytes = (name: string) => 1024 * Number(new RegExp(`^${name}:\\s*(\\d+) kB`, 'm').exec(status)?.[1] ?? 0);
      return { resident: bytes('VmRSS') + bytes('VmSwap'), mapped: bytes('VmData') };
    }
    const { stdout } = await run('ps', ['-o', 'rss=', '-p', String(pid)]);
    return { resident: Number(stdout) * 1024, mapped: 0 };
  } catch {
    return undefined;
  }
};

/**
 * Whether a process may be kept for another query: what a large one took is given back slowly, and what it mapped
 * never, so the next would fail for no fault of its own.
 */
export const hasRoom = ({ resident, mapped }: Memory, limits: MemoryLimits): boolean => {
  const kept = Math.max(256 * MB, Math.floor(limits.resident / 4));
  return resident < 128 * MB + kept && mapped < MAPPED_AT_FIRST + kept;
};
