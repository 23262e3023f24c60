import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { registryOf } from './sources.ts';

const OWN = join(import.meta.dirname, '../../packages/sources/src');
const USERS = 'random_users';

let root: string;
let folder: string;
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'granary-registry-'));
  folder = join(root, 'packages/sources/src/sources');
  mkdirSync(join(folder, '..'), { recursive: true });
  symlinkSync(join(OWN, 'kinds'), join(folder, '../kinds'));
  cpSync(join(OWN, 'sources'), folder, { recursive: true });
});
afterAll(() => rmSync(root, { recursive: true }));

it('lists the sources that are there, as the repository has them', async () => {
  const [, text] = [...(await registryOf(root)).values()];
  for (const line of ['export const USERS_SOURCE: Source<UsersConfig> = {', `"id": "${USERS}"`])
    expect(text).toContain(line);
});

it('refuses a second source of users, and none: there is one table of users', async () => {
  const own = join(folder, `${USERS}.yml`);
  const text = readFileSync(own, 'utf8');
  writeFileSync(join(folder, 'people.yml'), text.replace(`id: ${USERS}`, 'id: people'));
  await expect(registryOf(root)).rejects.toThrow(
    `exactly one source of users, and there is: sources/people.yml, sources/${USERS}.yml. Remove the others;`,
  );
  rmSync(join(folder, 'people.yml'));
  rmSync(own);
  await expect(registryOf(root)).rejects.toThrow('exactly one source of users, and there is: none.');
});
