import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { TEST_CACHE } from '@granary/local/testing/test-cache';
import { afterAll } from '@jest/globals';

export const SERVICES = ['storage', 'ingestion', 'api', 'observability'] as const;
export type ServiceName = (typeof SERVICES)[number];
export type Template = {
  Resources: Record<
    string,
    { Type: string; Properties?: Record<string, unknown>; DependsOn?: string | string[]; DeletionPolicy?: string }
  >;
  Outputs?: Record<string, unknown>;
};
export type Packaged = { folder: string; template: Template };

const packaged = new Map<string, Promise<Packaged>>();

const folders: string[] = [];
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

/** `sls package` of one service, without credentials, into a folder of its own; once per service, stage and region, whichever test file asks. */
export const packageService = (service: ServiceName, stage: string, region = 'us-east-1'): Promise<Packaged> => {
  const key = `${service}/${stage}/${region}`;
  const known = packaged.get(key) ?? once(service, stage, region);
  packaged.set(key, known);
  return known;
};

const once = async (service: ServiceName, stage: string, region: string): Promise<Packaged> => {
  if (TEST_CACHE === undefined) {
    const folder = mkdtempSync(join(tmpdir(), `granary-package-${service}-${stage}-${region}-`));
    folders.push(folder);
    return run(service, stage, region, folder);
  }
  const folder = join(TEST_CACHE, `package-${service}-${stage}-${region}`);
  const [done, failed] = [join(folder, 'done'), join(folder, 'failed')];
  // Who makes the folder packages into it; the others wait.
  if (mkdirSync(folder, { recursive: true }) !== undefined) {
    const outcome = run(service, stage, region, folder);
    await outcome.then(
      () => writeFileSync(done, ''),
      (error) => writeFileSync(failed, String(error)),
    );
    return outcome;
  }
  while (!existsSync(done)) {
    if (existsSync(failed)) throw new Error(readFileSync(failed, 'utf8'));
    await sleep(100);
  }
  return packagedIn(folder);
};

const packagedIn = (folder: string): Packaged => {
  const artifacts = join(folder, 'artifacts');
  const template = JSON.parse(readFileSync(join(artifacts, 'cloudformation-template-update-stack.json'), 'utf8'));
  return { folder: artifacts, template };
};

const run = async (service: ServiceName, stage: string, region: string, folder: string): Promise<Packaged> => {
  const env = Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^(AWS_|NODE_OPTIONS$|GRANARY_)/.test(name)),
  );
  const root = join(import.meta.dirname, '../..');
  await promisify(execFile)(
    process.execPath,
    [
      join(root, 'node_modules/serverless/bin/serverless.js'),
      'package',
      '--stage',
      stage,
      '--package',
      join(folder, 'artifacts'),
    ],
    {
      cwd: join(root, 'services', service),
      env: {
        ...env,
        // serverless-esbuild's work folder: another one than a running `sls offline`, or its bundles are deleted under it.
        ESB_DIR: `.esbuild-package-${stage}-${region}`,
        GRANARY_REGION: region,
        AWS_EC2_METADATA_DISABLED: 'true',
        AWS_SHARED_CREDENTIALS_FILE: join(folder, 'no-credentials'),
        AWS_CONFIG_FILE: join(folder, 'no-config'),
        SLS_TELEMETRY_DISABLED: '1',
        SLS_NOTIFICATIONS_MODE: 'off',
      },
      maxBuffer: 64 << 20,
    },
  ).catch((error: Error & { stdout?: string; stderr?: string }) => {
    throw new Error(
      `sls package --stage ${stage} failed in services/${service}:\n${error.stdout ?? ''}${error.stderr ?? ''}`,
    );
  });
  return packagedIn(folder);
};
