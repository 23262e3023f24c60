import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { environmentOf, type Target } from '@granary/admin/target';
import { ROOT, type Service } from './services.ts';
import type { Template } from './stacks.ts';

/** `core` is what osls makes a stack of before anything else is in it; `template` what it then updates it to. */
export type Packaged = { core: Template; template: Template };

/** `sls package` into a folder of its own, which is gone afterwards. */
export const packageTemplates = async (service: Service, target: Target): Promise<Packaged> => {
  const folder = await mkdtemp(join(tmpdir(), `granary-${service.name}-`));
  try {
    await promisify(execFile)(
      process.execPath,
      [
        join(ROOT, 'node_modules/serverless/bin/serverless.js'),
        'package',
        '--stage',
        target.stage,
        '--package',
        folder,
      ],
      {
        cwd: service.folder,
        env: { ...environmentOf(target, process.env), ESB_DIR: `.esbuild-adopt-${process.pid}` },
        maxBuffer: 64 << 20,
      },
    ).catch((error: Error & { stdout?: string; stderr?: string }) => {
      throw new Error(`The service ${service.name} cannot be packaged:\n${error.stdout ?? ''}${error.stderr ?? ''}`);
    });
    const read = async (name: string): Promise<Template> =>
      JSON.parse(await readFile(join(folder, `cloudformation-template-${name}-stack.json`), 'utf8'));
    return { core: await read('create'), template: await read('update') };
  } finally {
    await rm(folder, { recursive: true, force: true });
    await rm(join(service.folder, `.esbuild-adopt-${process.pid}`), { recursive: true, force: true });
  }
};
