import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, describe, expect, it, jest } from '@jest/globals';
import { ALARMS } from '../services/observability/src/alarms.ts';
import { DRILLS } from './drill/drills.ts';
import { commandsOf } from './drill/runbook.ts';
import { lookUntilGreen } from './drill/runs.ts';

const dir = mkdtempSync(join(tmpdir(), 'granary-drill-'));
afterAll(() => rmSync(dir, { recursive: true }));
const runbook = readFileSync(join(import.meta.dirname, '../docs/runbook.md'), 'utf8');
const exec = promisify(execFile);

describe('The commands of the runbook', () => {
  it('are found by their entry and name, without the indent of their list', () => {
    const text = '# R\n\n## a\n\n* x\n\n  ```sh mend\n  one \\\n    two\n  ```\n\n## b\n\n```sh mend\nthree\n```\n';
    expect(commandsOf(text, 'a', 'mend')).toBe('one \\\n  two');
    expect(commandsOf(text, 'b', 'mend')).toBe('three');
    expect(() => commandsOf(text, 'a', 'look')).toThrow("The entry a of docs/runbook.md has no commands 'look'.");
    expect(() => commandsOf(text, 'c', 'mend')).toThrow('docs/runbook.md has no entry c.');
  });

  it('are shell, each of them', async () => {
    const blocks = [...runbook.matchAll(/^## (.+)$|^ *```sh (\w+)$/gm)];
    let entry = '';
    let seen = 0;
    for (const [, heading, block] of blocks) {
      if (heading) entry = heading;
      if (!block) continue;
      seen += 1;
      await exec('bash', ['-n', '-c', commandsOf(runbook, entry, block)]);
    }
    expect(seen).toBeGreaterThanOrEqual(15);
  });

  it('stand there under the names by which drills call them', () => {
    const dir = join(import.meta.dirname, 'drill');
    const calls = readdirSync(dir).flatMap((file) => [
      ...readFileSync(join(dir, file), 'utf8').matchAll(/byRunbook\('([\w -]+)', '([\w-]+)'/g),
    ]);
    for (const [, entry, block] of calls) expect(commandsOf(runbook, entry!, block!)).not.toBe('');
    expect(calls.length).toBeGreaterThanOrEqual(14);
  });
});

describe('a drill that waits for green', () => {
  it('lets watch look again while the alarm still has what was bad in its period, and gives up with its sentence', async () => {
    let looks = 0;
    const stack = (greenAfter: number) =>
      ({
        invoke: async () => {
          looks += 1;
        },
        untilAlarm: async (name: string) => {
          if (looks < greenAfter) throw new Error(`${name} is not green.`);
        },
      }) as never;
    await lookUntilGreen(stack(3), ['source-failing'], 0);
    expect(looks).toBe(3);
    jest.spyOn(Date, 'now').mockImplementation(() => looks * 60_000);
    await expect(lookUntilGreen(stack(100), ['source-failing'], 0)).rejects.toThrow('source-failing is not green.');
    expect(looks).toBeLessThan(12);
    jest.restoreAllMocks();
  });
});

describe('npm run drill', () => {
  const run = (...args: string[]) =>
    exec(process.execPath, [join(import.meta.dirname, 'drill.ts'), ...args]).then(
      ({ stdout }) => `0: ${stdout}`,
      ({ code, stderr }) => `${code}: ${stderr}`,
    );

  it('drills alarms that there are', () => {
    const alarms = ALARMS.map(({ name }) => name);
    const drilled = Object.values(DRILLS).flatMap(({ alarm = [] }) => alarm);
    for (const alarm of drilled) expect(alarms).toContain(alarm);
    expect(drilled.length).toBeGreaterThanOrEqual(8);
  });

  it('lists its drills, and says what it needs', async () => {
    expect(await run('--help')).toMatch(
      /^0: (?=[\s\S]*dead-letters)(?=[\s\S]*source-down-a-day)(?=[\s\S]*throttled-table)(?=[\s\S]*version-restored .*; no alarm: )/,
    );
    expect(await run('earthquake')).toMatch(/^2: There is no drill 'earthquake'\.\n\nBreaks/);
    expect(await run()).toMatch(/^2: Which drill\?/);
    expect(await run('all', '--state', dir)).toMatch(/^1: No local stack is running\./);
  }, 60_000);
});
