import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { writeAtomically } from '../atomic-json-store.ts';
import { keepNewest } from '../newest-kept.ts';

export type StackResource = {
  Type: string;
  Properties?: Record<string, unknown>;
  DependsOn?: string | readonly string[];
};
export type StackOutput = { Value: unknown; Export?: { Name: unknown } };
/** What of a service's serverless.yml matters here, its `${…}` resolved for the stage. Intrinsics are still in it. */
export type Template = {
  service: string;
  resources: Record<string, StackResource>;
  outputs: Record<string, StackOutput>;
  params: Record<string, unknown>;
};

type Printed = {
  service: string;
  resources?: { Resources?: Record<string, StackResource>; Outputs?: Record<string, StackOutput> };
  params?: Record<string, Record<string, unknown>>;
};

const isConfiguration = (name: string) => name.endsWith('.yml');

const configurationFiles = (dir: string): string[] =>
  readdirSync(dir, { withFileTypes: true })
    .filter((entry) => !entry.name.startsWith('.') && !['node_modules', 'src'].includes(entry.name))
    .flatMap((entry) => {
      const path = join(dir, entry.name);
      if (entry.isDirectory()) return configurationFiles(path);
      return isConfiguration(entry.name) ? [path] : [];
    })
    .sort();

/** How many readings are kept: some branches and settings. */
const KEPT = 8;

/** Of the files and of the variables that they name, such as `${env:ALARM_EMAIL, ''}`. */
const hashOf = (root: string, stage: string): string => {
  const hash = createHash('sha256').update(stage);
  const variables = new Set<string>();
  for (const path of [
    ...['config', 'services'].flatMap((dir) => configurationFiles(join(root, dir))),
    join(root, 'pnpm-lock.yaml'),
  ]) {
    if (!existsSync(path)) continue;
    const text = readFileSync(path, 'utf8');
    hash.update(`\n${path.slice(root.length)} ${text.length}\n`).update(text);
    for (const [, name] of text.matchAll(/\$\{env:(\w+)/g)) variables.add(name!);
  }
  for (const name of [...variables].sort()) hash.update(`\n${name}=${process.env[name] ?? ''}`);
  return hash.digest('hex').slice(0, 32);
};

/** osls resolves its own variables; resolving them here again would be a second opinion. Takes about a second. */
const print = async (dir: string, stage: string): Promise<Template> => {
  const sls = join(dir, 'node_modules', 'serverless', 'bin', 'serverless.js');
  const { stdout } = await promisify(execFile)(process.execPath, [sls, 'print', '--format', 'json', '--stage', stage], {
    cwd: dir,
    maxBuffer: 64 << 20,
    env: { ...process.env, FORCE_COLOR: '0' },
  }).catch((error: Error & { stdout?: string; stderr?: string }) => {
    throw new Error(`The configuration in ${dir} cannot be read:\n${error.stderr || error.stdout || error.message}`);
  });
  const printed = JSON.parse(stdout.slice(stdout.indexOf('{'))) as Printed;
  return {
    service: printed.service,
    resources: printed.resources?.Resources ?? {},
    outputs: printed.resources?.Outputs ?? {},
    params: { ...printed.params?.default, ...printed.params?.[stage] },
  };
};

const keep = (cache: string, path: string, templates: readonly Template[]): void => {
  try {
    mkdirSync(cache, { recursive: true });
    writeAtomically(path, JSON.stringify(templates));
    keepNewest(cache, KEPT);
  } catch {
    // A full disk, a clone that cannot be written to, another start at the same time: the next one reads again.
  }
};

/**
 * The CloudFormation resources of every service of the Serverless Framework below `root/services`, for the stage. What
 * was read is kept below `root/node_modules/.cache` for the same files and variables: reading takes nine seconds of a
 * processor.
 */
export const loadTemplates = async ({ root, stage }: { root: string; stage: string }): Promise<Template[]> => {
  const cache = join(root, 'node_modules/.cache/embedded-aws/templates');
  const kept = join(cache, `${hashOf(root, stage)}.json`);
  if (existsSync(kept)) return JSON.parse(readFileSync(kept, 'utf8'));
  const services = join(root, 'services');
  const dirs = readdirSync(services)
    .map((name) => join(services, name))
    .filter((dir) => existsSync(join(dir, 'serverless.yml')));
  const templates = await Promise.all(dirs.map((dir) => print(dir, stage)));
  keep(cache, kept, templates);
  return templates;
};
