import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll } from '@jest/globals';

export const SERVICES = ['storage', 'ingestion', 'api'] as const;
export type ServiceName = (typeof SERVICES)[number];
export type Template = {
  Resources: Record<
    string,
    { Type: string; Properties?: Record<string, unknown>; DependsOn?: unknown; DeletionPolicy?: string }
  >;
  Outputs?: Record<string, unknown>;
};
export type Packaged = { folder: string; template: Template };

const packaged = new Map<string, Promise<Packaged>>();

const folders: string[] = [];
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

/** `sls package` of one service, without credentials, into a folder of its own; once per service and stage. */
export const packageService = (service: ServiceName, stage: string): Promise<Packaged> => {
  const key = `${service}/${stage}`;
  const known = packaged.get(key) ?? run(service, stage);
  packaged.set(key, known);
  return known;
};

const run = async (service: ServiceName, stage: string): Promise<Packaged> => {
  const folder = mkdtempSync(join(tmpdir(), `granary-package-${service}-${stage}-`));
  folders.push(folder);
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
        ESB_DIR: `.esbuild-package-${stage}`,
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
  const template = JSON.parse(
    readFileSync(join(folder, 'artifacts', 'cloudformation-template-update-stack.json'), 'utf8'),
  );
  return { folder: join(folder, 'artifacts'), template };
};
