/**
 * `npm run gen`: writes the registry of sources, and what follows from the definitions in services/*: `functions.gen.yml`, the entry file of each
 * area of the API and its precompiled validators, what documents the API, the dashboard and alarms. `--check` writes
 * nothing and fails when a file is not what it should be.
 */
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { apiPageOf } from './gen/api-page.ts';
import { areaEntry } from './gen/area-entry.ts';
import { findServices } from './gen/definitions.ts';
import { byArea, functionsYaml } from './gen/functions-yaml.ts';
import { observabilityYaml } from './gen/observability.ts';
import { openapiOf } from './gen/openapi.ts';
import { postmanOf } from './gen/postman.ts';
import { registryOf } from './gen/sources.ts';
import { validatorsOf } from './gen/validators.ts';

const root = join(import.meta.dirname, '..');

const { version } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));
const text = (document: object): string => `${JSON.stringify(document, null, 1)}\n`;

/** Every file that is generated from what services define, by its absolute path. */
export const generate = async (): Promise<ReadonlyMap<string, string>> => {
  const files = new Map<string, string>();
  const services = await findServices(root);
  for (const service of services) {
    files.set(join(service.folder, 'functions.gen.yml'), functionsYaml(service));
    for (const [area, endpoints] of byArea(service.endpoints)) {
      files.set(join(service.folder, 'src/areas', `${area}.ts`), areaEntry(area, endpoints));
      files.set(join(service.folder, 'gen', `${area}.validators.gen.ts`), validatorsOf(endpoints));
    }
    if (service.endpoints.length === 0) continue;
    files.set(join(service.folder, 'openapi.json'), text(openapiOf(service.endpoints, version)));
    files.set(join(service.folder, 'postman.json'), text(postmanOf(service.endpoints, version)));
    files.set(join(root, 'docs/api.md'), apiPageOf(service.endpoints));
  }
  for (const [path, text] of observabilityYaml(root, services)) files.set(path, text);
  return files;
};

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

if (import.meta.main) {
  const check = process.argv.includes('--check');
  // First: what services define may follow from the sources.
  const registry = await registryOf(root);
  const stale = await bring(registry, check);
  const files = await generate();
  stale.push(...(await bring(files, check)));
  for (const path of await leftovers(files)) {
    stale.push(path);
    if (!check) await rm(path);
  }
  const names = stale.map((path) => relative(root, path)).join(', ');
  if (check && stale.length > 0) {
    console.error(`Stale: ${names}. Run \`npm run gen\` and commit what it writes.`);
    process.exitCode = 1;
  } else
    console.log(
      stale.length > 0 ? `Written: ${names}` : `${files.size + registry.size} generated files are up to date`,
    );
}
