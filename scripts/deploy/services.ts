import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';

export const ROOT = join(import.meta.dirname, '../..');

/** A service as it is deployed: its folder and the name of its stack without the stage. */
export type Service = { name: string; folder: string; stack: string };

type Compose = { services: Record<string, { path: string; dependsOn?: string | string[] }> };

/** In deploy order, each after all that it depends on. */
export const readServices = (root = ROOT): Service[] => {
  const { services } = parse(readFileSync(join(root, 'serverless-compose.yml'), 'utf8')) as Compose;
  const order: string[] = [];
  const visit = (name: string) => {
    if (order.includes(name)) return;
    for (const one of [services[name]?.dependsOn ?? []].flat()) visit(one);
    order.push(name);
  };
  for (const name of Object.keys(services)) visit(name);
  return order.map((name) => {
    const folder = join(root, services[name]!.path);
    const { service } = parse(readFileSync(join(folder, 'serverless.yml'), 'utf8'), { logLevel: 'silent' });
    return { name, folder, stack: service };
  });
};
