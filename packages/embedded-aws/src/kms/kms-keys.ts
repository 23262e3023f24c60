import { randomBytes, randomUUID } from 'node:crypto';
import { closeSync, fsyncSync, mkdirSync, openSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { writeAtomically } from '../atomic-json-store.ts';

/**
 * `created`: ms since the epoch; `material`: 32 bytes, base64, what is sealed with. `older`: what was sealed with until
 * the key was rotated, the oldest first; a rotated key opens all that it ever sealed.
 */
export type StoredKey = {
  id: string;
  description: string;
  created: number;
  material: string;
  older?: { material: string; rotated: number }[];
};
export type StoredAlias = { name: string; key: string; created: number; updated: number };

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

const readJson = (path: string) => {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    // Never made anew: all that this key sealed would be lost without a word.
    throw new Error(`The key of the embedded KMS in ${path} cannot be read: ${(error as Error).message}`);
  }
};

/** A folder's entries are on the disk as late as the folder is. */
const syncFolder = (dir: string): void => {
  const folder = openSync(dir, 'r');
  try {
    fsyncSync(folder);
  } catch {
    // Windows cannot, and need not.
  } finally {
    closeSync(folder);
  }
};

/**
 * Keys and aliases under `dir`, readable by their owner alone, each on the disk before it is given out: a lost key is
 * lost data. Throws an Error that names the file when a key cannot be read.
 */
export const openKeys = (dir: string) => {
  const keyDir = join(dir, 'keys');
  const aliasFile = join(dir, 'aliases.json');
  mkdirSync(keyDir, { recursive: true, mode: 0o700 });
  const write = (folder: string, path: string, value: object) => {
    writeAtomically(path, JSON.stringify(value), { durable: true });
    syncFolder(folder);
  };

  const keys = new Map<string, StoredKey>();
  for (const file of readdirSync(keyDir).sort()) {
    if (file.endsWith('.part')) rmSync(join(keyDir, file));
    else if (UUID.test(file.replace(/\.json$/, ''))) {
      const key: StoredKey = readJson(join(keyDir, file));
      keys.set(key.id, key);
    }
  }
  const aliases = new Map<string, StoredAlias>();
  if (readdirSync(dir).includes('aliases.json')) {
    for (const alias of readJson(aliasFile) as StoredAlias[]) aliases.set(alias.name, alias);
  }

  return {
    keys: (): StoredKey[] => [...keys.values()],
    key: (id: string): StoredKey | undefined => keys.get(id),
    addKey(description: string): StoredKey {
      const material = randomBytes(32).toString('base64');
      const key: StoredKey = { id: randomUUID(), description, created: Date.now(), material };
      write(keyDir, join(keyDir, `${key.id}.json`), key);
      keys.set(key.id, key);
      return key;
    },
    /** Gives the key new material to seal with, and keeps the old. */
    rotate(id: string): StoredKey {
      const key = keys.get(id)!;
      const older = [...(key.older ?? []), { material: key.material, rotated: Date.now() }];
      const rotated = { ...key, material: randomBytes(32).toString('base64'), older };
      write(keyDir, join(keyDir, `${id}.json`), rotated);
      keys.set(id, rotated);
      return rotated;
    },
    aliases: (): StoredAlias[] => [...aliases.values()],
    alias: (name: string): StoredAlias | undefined => aliases.get(name),
    /** Makes the alias, or lets it name another key. */
    putAlias(name: string, key: string): void {
      const updated = Date.now();
      const alias = { name, key, created: aliases.get(name)?.created ?? updated, updated };
      write(dir, aliasFile, [...new Map(aliases).set(name, alias).values()]);
      aliases.set(name, alias);
    },
  };
};

export type Keys = ReturnType<typeof openKeys>;
