import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { AnyEndpoint, Example } from '@granary/runtime/endpoint';
import type { JobDefinition } from '@granary/runtime/job';
import type { WorkerDefinition } from '@granary/runtime/worker';
import { EXAMPLES } from '@granary/sources/sources.gen';

export type FoundEndpoint = {
  file: string;
  area: string;
  name: string;
  endpoint: AnyEndpoint<unknown>;
  /** Its name in the file's `endpoints`, where there are several. */
  member?: string;
};
export type FoundFunction = {
  file: string;
  definition: WorkerDefinition<unknown, unknown> | JobDefinition<unknown, unknown, unknown>;
};
export type FoundService = { folder: string; endpoints: readonly FoundEndpoint[]; functions: readonly FoundFunction[] };

/**
 * Reads what every service defines: `src/endpoints/<area>/*.ts` and `src/functions/*.ts`, in the order of their names.
 */
export const findServices = async (root: string): Promise<readonly FoundService[]> => {
  const found: FoundService[] = [];
  for (const service of await folders(join(root, 'services'))) {
    const folder = join(root, 'services', service);
    const endpoints = await endpointsOf(folder);
    const functions = await functionsOf(folder);
    if (endpoints.length > 0 || functions.length > 0) found.push({ folder, endpoints, functions });
  }
  return found;
};

const endpointsOf = async (folder: string): Promise<FoundEndpoint[]> => {
  const found: FoundEndpoint[] = [];
  for (const area of await folders(join(folder, 'src/endpoints'))) {
    for (const file of await sources(join(folder, 'src/endpoints', area))) {
      const path = join(folder, 'src/endpoints', area, file);
      const { endpoint, endpoints } = await import(pathToFileURL(path).href);
      const defined: [string, AnyEndpoint<unknown>][] = endpoints
        ? Object.entries(endpoints)
        : [[file.replace(/\.ts$/, ''), endpoint]];
      for (const [name, one] of defined) {
        if (one?.kind !== 'endpoint')
          throw new Error(`${path} does not export \`endpoint\`, made by defineEndpoint, or several as \`endpoints\`.`);
        const examples = one.examples?.map(withExamples);
        found.push({
          ...{ file, area, name: camel(name), endpoint: { ...one, examples } },
          ...(endpoints && { member: name }),
        });
      }
    }
  }
  return found;
};

/**
 * `{dataset}` and the like stand for datasets that a source declares as examples; `{id}` and what else nobody can know
 * stay.
 */
const withExamples = (example: Example): Example =>
  JSON.parse(
    JSON.stringify(example).replace(/\{([a-z]+)\}/g, (whole, name) => EXAMPLES[name as keyof typeof EXAMPLES] ?? whole),
  );

const functionsOf = async (folder: string): Promise<FoundFunction[]> => {
  const found: FoundFunction[] = [];
  for (const file of await sources(join(folder, 'src/functions'))) {
    const path = join(folder, 'src/functions', file);
    const exported = await import(pathToFileURL(path).href);
    const definition = exported.worker ?? exported.job;
    if (!definition?.kind || typeof exported.handler !== 'function') {
      throw new Error(`${path} does not export \`worker\` or \`job\`, and its \`handler\`.`);
    }
    found.push({ file, definition });
  }
  return found;
};

const entries = (folder: string) => readdir(folder, { withFileTypes: true }).catch(() => []);

const folders = async (folder: string): Promise<string[]> =>
  (await entries(folder))
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name)
    .sort();

const sources = async (folder: string): Promise<string[]> =>
  (await entries(folder))
    .filter(({ name }) => name.endsWith('.ts') && !name.endsWith('.test.ts'))
    .map(({ name }) => name)
    .sort();

export const camel = (kebab: string): string => kebab.replace(/-([a-z0-9])/g, (_, letter) => letter.toUpperCase());
export const pascal = (kebab: string): string => camel(`-${kebab}`);
