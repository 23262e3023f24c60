import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { apiPageOf } from './api-page.ts';
import { areaEntry } from './area-entry.ts';
import { findServices } from './definitions.ts';
import { errorsPage } from './errors-page.ts';
import { byArea, functionsYaml } from './functions-yaml.ts';
import { observabilityYaml } from './observability.ts';
import { openapiOf } from './openapi.ts';
import { postmanOf } from './postman.ts';
import { validatorsOf } from './validators.ts';

const root = join(import.meta.dirname, '../..');

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
  files.set(join(root, 'docs/errors.md'), errorsPage(root));
  return files;
};
