/**
 * `npm run gen`: writes the registry of sources, and what follows from the definitions in services/*:
 * `functions.gen.yml`, the entry file of each area of the API and its precompiled validators, what documents the API,
 * the dashboard and alarms. `--check` writes nothing and fails when a file is not what it should be.
 */
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { registryOf } from './gen/sources.ts';

const root = join(import.meta.dirname, '..');

/** Files of areas that are no more: nothing else may lie in `src/areas` and `gen`. */
const leftovers = async (files: ReadonlyMap<string, string>): Promise<string[]> => {
  const folders = new Set([...files.keys()].filter((path) => /\/(?:src\/areas|gen)\//.test(path)).map(dirname));
  const there = await Promise.all(
    [...folders].map(async (folder) => (await readdir(folder).catch(() => [])).map((name) => join(folder, name))),
  );
  return there.flat().filter((path) => !files.has(path) && !path.endsWith('.test.ts'));
};

/** Writes those that are not what they should be, or only says which they are. */
const bring = async (files: ReadonlyMap<string, string>, check: boolean): Promise<string[]> => {
  const stale: string[] = [];
  for (const [path, text] of files) {
    if ((await readFile(path, 'utf8').catch(() => '')) === text) continue;
    stale.push(path);
    if (check) continue;
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, text);
  }
  return stale;
};

const namesOf = (paths: readonly string[]): string => paths.map((path) => relative(root, path)).join(', ');
const failStale = (stale: readonly string[]): never => {
  console.error(`Stale: ${namesOf(stale)}. Run \`npm run gen\` and commit what it writes.`);
  process.exit(1);
};

if (import.meta.main) {
  const check = process.argv.includes('--check');
  // First: what services define may follow from the sources.
  const registry = await registryOf(root).catch((error: Error): never => {
    // Somebody wrote a source wrongly, which is no fault of these scripts.
    console.error(error.message);
    process.exit(1);
  });
  const stale = await bring(registry, check);
  if (check && stale.length > 0) failStale(stale);
  // Loaded now that the registry is as it should be.
  const { generate } = await import('./gen/generate.ts');
  const files = await generate();
  stale.push(...(await bring(files, check)));
  for (const path of await leftovers(files)) {
    stale.push(path);
    if (!check) await rm(path);
  }
  if (check && stale.length > 0) failStale(stale);
  console.log(
    stale.length > 0 ? `Written: ${namesOf(stale)}` : `${files.size + registry.size} generated files are up to date`,
  );
}
