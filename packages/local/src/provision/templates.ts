import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { writeAtomically } from '../aws/atomic-json-store.ts';

export type Resource = { Type: string; Properties?: Record<string, unknown>; DependsOn?: string | readonly string[] };
export type Output = { Value: unknown; Export?: { Name: unknown } };
/** What of a service's serverless.yml matters here, its `${…}` resolved for the stage. Intrinsics are still in it. */
export type Template = {
  service: string;
  resources: Record<string, Resource>;
  outputs: Record<string, Output>;
  params: Record<string, unknown>;
};

type Printed = {
  service: string;
  resources?: { Resources?: Record<string, Resource>; Outputs?: Record<string, Output> };
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

const hashOf = (root: string, stage: string): string => {
  const hash = createHash('sha256').update(stage);
  for (const dir of ['config', 'services']) {
    for (const path of configurationFiles(join(root, dir)))
      hash.update(path.slice(root.length)).update(readFileSync(path));
  }
  return hash.digest('hex').slice(0, 16);
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

/**
 * The CloudFormation resources of every service below `root/services`, for the stage. Kept under `cacheDir` by a hash
 * of the YAML files, so that a start without changes reads one file. `hash` names that state of the files.
 */
export const loadTemplates = async (options: {
  root: string;
  stage: string;
  cacheDir: string;
}): Promise<{ hash: string; templates: Template[] }> => {
  const { root, stage, cacheDir } = options;
  const hash = hashOf(root, stage);
  const cached = join(cacheDir, `templates-${hash}.json`);
  if (existsSync(cached)) return { hash, templates: JSON.parse(readFileSync(cached, 'utf8')) };
  const services = join(root, 'services');
  const dirs = readdirSync(services)
    .map((name) => join(services, name))
    .filter((dir) => existsSync(join(dir, 'serverless.yml')));
  const templates = await Promise.all(dirs.map((dir) => print(dir, stage)));
  // Only the newest is ever read again.
  rmSync(cacheDir, { recursive: true, force: true });
  mkdirSync(cacheDir, { recursive: true });
  writeAtomically(cached, JSON.stringify(templates));
  return { hash, templates };
};
