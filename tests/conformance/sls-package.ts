import { execFile } from 'node:child_process';
import { copyFileSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

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

/** What an earlier {@link packageInto} left in a folder. */
export const packagedIn = (folder: string): Packaged => {
  const artifacts = join(folder, 'artifacts');
  const template = JSON.parse(readFileSync(join(artifacts, 'cloudformation-template-update-stack.json'), 'utf8'));
  return { folder: artifacts, template };
};

/**
 * `sls package` of one service, without credentials. `built`: what functions run is taken from there, for it is the
 * same for every stage and region.
 */
export const packageInto = async (
  service: ServiceName,
  stage: string,
  region: string,
  folder: string,
  built?: Packaged,
): Promise<Packaged> => {
  const artifacts = join(folder, 'artifacts');
  const zips = built ? readdirSync(built.folder).filter((name) => name.endsWith('.zip')) : [];
  mkdirSync(artifacts, { recursive: true });
  for (const name of zips) copyFileSync(join(built!.folder, name), join(artifacts, name));
  const env = Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^(AWS_|NODE_OPTIONS$|GRANARY_)/.test(name)),
  );
  const root = join(import.meta.dirname, '../..');
  await promisify(execFile)(
    process.execPath,
    [join(root, 'node_modules/serverless/bin/serverless.js'), 'package', '--stage', stage, '--package', artifacts],
    {
      cwd: join(root, 'services', service),
      env: {
        ...env,
        // serverless-esbuild's work folder: another one than a running `sls offline`, or its bundles are deleted under
        // it.
        ESB_DIR: `.esbuild-package-${stage}-${region}`,
        GRANARY_REGION: region,
        ...(zips.length > 0 && { GRANARY_PREBUILT: 'true' }),
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
