import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { environmentOf, type Target } from '@granary/admin/target';
import { makeKeptBundles } from '@granary/local/plugin/kept-bundles';
import { ROOT, type Service } from './services.ts';
import type { Template } from './stacks.ts';

/**
 * `core` is what osls makes a stack of before anything else is in it; `template` what it then updates it to. `folder`
 * has both, and what functions run, for `sls deploy --package`.
 */
export type Packaged = { folder: string; core: Template; template: Template };

/** The program of `sls`. */
export const SLS = join(ROOT, 'node_modules/serverless/bin/serverless.js');

/** What functions run is built once for the same sources: it is the same for every stage and region. */
const sls = async (service: Service, target: Target, folder: string): Promise<Packaged> => {
  const ESB_DIR = `.esbuild-package-${process.pid}`;
  const artifacts = makeKeptBundles(ROOT, `deployed-${service.name}`);
  const built = existsSync(join(service.folder, 'functions.gen.yml'));
  const prebuilt = built && artifacts.restore(folder);
  try {
    await promisify(execFile)(process.execPath, [SLS, 'package', '--stage', target.stage, '--package', folder], {
      cwd: service.folder,
      env: { ...environmentOf(target, process.env), ESB_DIR, ...(prebuilt && { GRANARY_PREBUILT: 'true' }) },
      maxBuffer: 64 << 20,
    });
  } catch (error) {
    const { stdout = '', stderr = '' } = error as { stdout?: string; stderr?: string };
    throw new Error(`The service ${service.name} cannot be packaged:\n${stdout}${stderr}`, { cause: error });
  } finally {
    await rm(join(service.folder, ESB_DIR), { recursive: true, force: true });
  }
  if (built && !prebuilt) artifacts.keep(folder, /\.zip$/);
  const read = async (name: string): Promise<Template> =>
    JSON.parse(await readFile(join(folder, `cloudformation-template-${name}-stack.json`), 'utf8'));
  return { folder, core: await read('create'), template: await read('update') };
};

/**
 * Packages services, side by side, and hands them to `use` by their names; what they are in is gone afterwards. Throws
 * an Error for the user, and uses none, when one of them cannot be packaged.
 */
export const withPackages = async <T>(
  services: readonly Service[],
  target: Target,
  use: (packages: ReadonlyMap<string, Packaged>) => Promise<T>,
): Promise<T> => {
  const folder = await mkdtemp(join(tmpdir(), 'granary-package-'));
  try {
    const done = await Promise.allSettled(services.map((service) => sls(service, target, join(folder, service.name))));
    const failed = done.find(({ status }) => status === 'rejected') as PromiseRejectedResult | undefined;
    if (failed) throw failed.reason;
    return await use(
      new Map(services.map(({ name }, index) => [name, (done[index] as PromiseFulfilledResult<Packaged>).value])),
    );
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
};
