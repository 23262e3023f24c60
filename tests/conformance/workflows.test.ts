import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from '@jest/globals';
import { parse } from 'yaml';

const root = join(import.meta.dirname, '../..');
const folder = join(root, '.github/workflows');
type Step = { uses?: string; run?: string; with?: Record<string, unknown> };
type Job = {
  uses?: string;
  steps?: Step[];
  permissions?: Record<string, string>;
  environment?: string;
  needs?: string;
};
type Workflow = { on: Record<string, unknown>; permissions: Record<string, string>; jobs: Record<string, Job> };

const files = readdirSync(folder);
const read = (name: string): Workflow => parse(readFileSync(join(folder, name), 'utf8'));
const stepsOf = (workflow: Workflow) => Object.values(workflow.jobs).flatMap(({ steps }) => steps ?? []);

it.each(files)('%s runs commands that there are', (name) => {
  const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const commands = stepsOf(read(name)).flatMap(({ run }) => run ?? []);
  expect(commands.length).toBeGreaterThan(0);
  for (const command of commands) {
    const [, script] = /^npm (?:run )?(\S+)/.exec(command) ?? [];
    if (script !== undefined) expect(Object.keys(scripts)).toContain(script);
    const [, file] = /^node \S+ (\S+\.ts)/.exec(command) ?? [];
    if (file !== undefined) expect(readFileSync(join(root, file), 'utf8')).not.toBe('');
    expect(script ?? file).toBeDefined();
    // What others write (a title, a branch's name) is never part of a command.
    expect(command).not.toMatch(/\$\{\{/);
  }
});

it.each(files)('%s reads the repository and no more, unless it deploys', (name) => {
  const workflow = read(name);
  expect(workflow.permissions).toEqual({ contents: 'read' });
  for (const job of Object.values(workflow.jobs)) {
    if (job.permissions === undefined) continue;
    expect(job.permissions).toEqual({ contents: 'read', 'id-token': 'write' });
    // Its trust policy names an environment, whose reviewers stand before it, and the tests are before all.
    expect(job.environment).toBeDefined();
    expect(job.needs).toBe('ci');
  }
  for (const { uses, with: inputs } of stepsOf(workflow))
    if (uses?.startsWith('actions/checkout@')) expect(inputs).toMatchObject({ 'persist-credentials': false });
});

it('What a pull request runs is never given the rights of a deployment', () => {
  for (const name of files) {
    const workflow = read(name);
    const deploys = Object.values(workflow.jobs).some(({ permissions }) => permissions?.['id-token'] !== undefined);
    if (deploys) expect(Object.keys(workflow.on).filter((event) => /^pull_request/.test(event))).toEqual([]);
    expect(Object.keys(workflow.on)).not.toContain('pull_request_target');
  }
});
