import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { writeAtomically } from '../atomic-json-store.ts';

/** `input`: as it was given (DatabaseInput, TableInput). Times are ms since the epoch. */
export type StoredDatabase = { name: string; input: Readonly<Record<string, unknown>>; created: number };
export type StoredTable = StoredDatabase & { updated: number; version: number };

const readAll = <T>(dir: string): Map<string, T> => {
  const found = new Map<string, T>();
  if (!existsSync(dir)) return found;
  for (const file of readdirSync(dir).sort()) {
    const path = join(dir, file);
    if (file.endsWith('.part')) rmSync(path);
    else if (file.endsWith('.json')) found.set(file.slice(0, -5), JSON.parse(readFileSync(path, 'utf8')));
  }
  return found;
};

/** A file for each, read when first asked for: nobody who starts waits for a thousand tables. */
const folder = <T extends { name: string }>(dir: string) => {
  let read: Map<string, T> | undefined;
  const all = () => {
    read ??= readAll<T>(dir);
    return read;
  };
  const pathOf = (name: string) => join(dir, `${name}.json`);
  return {
    get: (name: string): T | undefined => all().get(name),
    /** By name. */
    list: (): T[] => [...all().values()].sort((a, b) => (a.name < b.name ? -1 : 1)),
    put(item: T): void {
      mkdirSync(dir, { recursive: true });
      writeAtomically(pathOf(item.name), JSON.stringify(item));
      all().set(item.name, item);
    },
    remove(name: string): void {
      rmSync(pathOf(name), { force: true });
      all().delete(name);
    },
  };
};

/** Databases and their tables under `dir`. Names are parts of paths: whoever calls has checked them. */
export const openGlueFiles = (dir: string) => {
  const databases = folder<StoredDatabase>(join(dir, 'databases'));
  const tables = new Map<string, ReturnType<typeof folder<StoredTable>>>();
  return {
    databases,
    tables(database: string) {
      const known = tables.get(database) ?? folder<StoredTable>(join(dir, 'tables', database));
      tables.set(database, known);
      return known;
    },
  };
};

export type GlueFiles = ReturnType<typeof openGlueFiles>;
