import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { madeOnce } from '@granary/local/testing/test-cache';
import { afterAll } from '@jest/globals';
import { type Packaged, packagedIn, packageInto, type ServiceName } from './sls-package.ts';

export { SERVICES, type ServiceName, type Template } from './sls-package.ts';

const packaged = new Map<string, Promise<Packaged>>();

/** The stage for which functions are built. */
const BUILT = 'dev';

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
  const name = `package-${service}-${stage}-${region}`;
  const built = stage === BUILT ? undefined : await packageService(service, BUILT);
  const shared = await madeOnce(name, (folder) => packageInto(service, stage, region, folder, built));
  if (shared !== undefined) return packagedIn(shared);
  const folder = mkdtempSync(join(tmpdir(), `granary-${name}-`));
  folders.push(folder);
  return packageInto(service, stage, region, folder, built);
};
