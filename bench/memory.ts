import { execFileSync } from 'node:child_process';

/** Resident memory of a process and all that it started, in MB, by `ps`: shared pages count in each of them. */
export const residentMb = (pid: number): number => {
  const lines = execFileSync('ps', ['-A', '-o', 'pid=,ppid=,rss='], { encoding: 'utf8' }).trim().split('\n');
  const processes = lines.map((line) => line.trim().split(/\s+/).map(Number) as [number, number, number]);
  const of = (id: number): number =>
    processes.reduce((sum, [child, parent]) => (parent === id ? sum + of(child) : sum), 0) +
    (processes.find(([own]) => own === id)?.[2] ?? 0);
  return of(pid) / 1024;
};
