import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

type Node = { [key: string]: unknown };

/** Dates are written as text; every key that ends in `Date` is one. */
const revive = (key: string, value: unknown) =>
  key.endsWith('Date') && typeof value === 'string' ? new Date(value) : value;

const read = (path: string): Node | undefined => {
  try {
    return JSON.parse(readFileSync(path, 'utf8'), revive);
  } catch {
    return undefined;
  }
};

/**
 * Writes a file so that a reader, or a process killed half-way, sees the old text or the new, never a part. Only its
 * owner may read it. `durable`: it is on the disk when this returns, so that a power cut does not lose it either.
 */
export const writeAtomically = (path: string, text: string, { durable = false } = {}): void => {
  const part = `${path}.${process.pid}.part`;
  try {
    writeFileSync(part, text, { mode: 0o600, flush: durable });
    renameSync(part, path);
  } catch (error) {
    rmSync(part, { force: true });
    throw error;
  }
};

/**
 * cognito-local's data store (`DataStoreFactory`), replaced because its own writes files in place: a process killed
 * then leaves half a JSON file and a user pool that no longer starts.
 */
export const makeAtomicJsonStores = (dir: string) => ({
  async create(_context: unknown, id: string, defaults: Node) {
    mkdirSync(dir, { recursive: true });
    const path = join(dir, `${id}.json`);
    const root: Node = { ...defaults, ...read(path) };
    const save = () => writeAtomically(path, JSON.stringify(root));
    save();
    const walk = (keys: readonly string[]) =>
      keys.reduce<Node>((node, key) => {
        node[key] ??= {};
        return node[key] as Node;
      }, root);
    const pathOf = (key: string | readonly string[]) => (typeof key === 'string' ? [key] : [...key]);
    return {
      async get(_c: unknown, key: string | readonly string[], fallback: unknown = null) {
        const found = pathOf(key).reduce<unknown>((node, part) => (node as Node | undefined)?.[part], root);
        return found === undefined ? fallback : structuredClone(found);
      },
      async getRoot() {
        return structuredClone(root);
      },
      async set(_c: unknown, key: string | readonly string[], value: unknown) {
        const keys = pathOf(key);
        walk(keys.slice(0, -1))[keys.at(-1)!] = structuredClone(value);
        save();
      },
      async delete(_c: unknown, key: string | readonly string[]) {
        const keys = pathOf(key);
        delete walk(keys.slice(0, -1))[keys.at(-1)!];
        save();
      },
    };
  },
});
