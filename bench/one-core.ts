import { spawnSync } from 'node:child_process';

// macOS has no taskset: the contenders then have all cores, ours uses one of them all the same.
const isPinned = spawnSync('taskset', ['--version']).status === 0;

/**
 * Runs a program on one core, as a function has one, and gives the JSON of the last line that it prints. Throws with
 * what it said when it fails.
 */
export const onOneCore = <Told>(program: string, args: readonly string[]): Told => {
  const [command, ...before] = isPinned ? ['taskset', '-c', '0', program] : [program];
  const { stdout, stderr, status } = spawnSync(command!, [...before, ...args], { encoding: 'utf8' });
  if (status !== 0) throw new Error(`${program} ${args.join(' ')} failed: ${stderr.slice(-2000)}`);
  return JSON.parse(stdout.trimEnd().split('\n').at(-1)!) as Told;
};
