import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { TEST_CACHE } from '@granary/local/testing/test-cache';
import { afterAll } from '@jest/globals';
import { type Packaged, packagedIn, packageInto, type ServiceName } from './sls-package.ts';

export { SERVICES, type ServiceName, type Template } from './sls-package.ts';

const packaged = new Map<string, Promise<Packaged>>();

const folders: string[] = [];
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

/**
 * `sls package` of one service, without credentials, into a folder of its own; once per service, stage and region,
 * whichever test file asks.
 */
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
    return packageInto(service, stage, region, folder);
  }
  const folder = join(TEST_CACHE, `package-${service}-${stage}-${region}`);
  const [done, failed] = [join(folder, 'done'), join(folder, 'failed')];
  // Who makes the folder packages into it; the others wait.
  if (mkdirSync(folder, { recursive: true }) !== undefined) {
    const outcome = packageInto(service, stage, region, folder);
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
