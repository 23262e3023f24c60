/**
 * The end-to-end tests (tests/e2e), put to the stage: those that a deployed stage can be put to. What of them an
 * emulator cannot do is left out with its reason, in words of the tests themselves (tests/e2e/needs-local.ts).
 */
import { join } from 'node:path';
import type { Cloud } from './cloud.ts';
import { makeShell } from './shell.ts';

const root = join(import.meta.dirname, '../..');
const fileOf = (name: string) => `tests/e2e/${name}.test.ts`;

/** They say most for the time they take: files collected, read and published anew; users fetched, counted, masked. */
const SAMPLE = ['main-job', 'users'];
const ALL = [...SAMPLE, 'examples', 'held-versions', 'history', 'plots', 'query', 'records'];

export const E2E = { none: [], sample: SAMPLE, all: ALL } as const;

/** Runs those files; what is left out of them. Throws what the run said when a test fails. The stage is empty then. */
export const runEndToEnd = async ({ ministack, stage, region }: Cloud, names: readonly string[]): Promise<string> => {
  const shell = makeShell(root, { ...ministack.env, GRANARY_TARGET: `${stage}@${region}` });
  const said = await shell.npm(['test', '--', ...names.map(fileOf)]);
  const lines = said.split('\n').filter((line) => /^left out: |^\d+ passed, \d+ failed$/.test(line));
  return lines.join('\n');
};
