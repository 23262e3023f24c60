import { createHash } from 'node:crypto';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
} from 'node:fs';
import { join, relative } from 'node:path';
import { keepNewest } from '@granary/embedded-aws/newest-kept';

/** What a bundle is made of, from the root of the project; dependencies are what the lockfile says. */
const SOURCES = ['packages', 'services', 'config', 'package.json', 'pnpm-lock.yaml', 'tsconfig.json'];
/**
 * No part of any function: what runs on this machine only. `npm run check` sees to it that no bundle has a part of
 * them.
 */
const LOCAL_ONLY = ['admin', 'embedded-aws', 'local', 'replica'].map((name) => join('packages', name));
/** No part of any function: what is installed or made (hidden folders are esbuild's and Serverless's), and tests. */
const LEFT_OUT = /^(?:node_modules|testing|\..*|.*\.test\.ts)$/;
/** How many builds of a service are kept: switching between a few branches builds nothing anew. */
const KEPT = 4;

/** Every file that may go into a function's bundle, sorted. */
export const sourceFiles = (root: string): string[] => {
  const found: string[] = [];
  const walk = (path: string): void => {
    if (!existsSync(path) || LOCAL_ONLY.includes(relative(root, path))) return;
    if (!statSync(path).isDirectory()) found.push(path);
    else for (const name of readdirSync(path)) if (!LEFT_OUT.test(name)) walk(join(path, name));
  };
  for (const name of SOURCES) walk(join(root, name));
  return found.sort();
};

const keyOf = (root: string): string => {
  const hash = createHash('sha256').update(`${process.version} ${process.platform} ${process.arch}`);
  for (const path of sourceFiles(root)) {
    const bytes = readFileSync(path);
    hash.update(`\n${relative(root, path)} ${bytes.length}\n`).update(bytes);
  }
  return hash.digest('hex').slice(0, 32);
};

/**
 * The bundles of one service as they were built from the very same sources before, in the project's
 * `node_modules/.cache`. Building them takes a start of the stack most of its time.
 */
export type KeptBundles = {
  /** Puts what was kept into `folder`; false where nothing was. */
  restore(folder: string): boolean;
  /**
   * Keeps what was built into `folder`, or the files of it whose names match. That it cannot be kept is no failure: the
   * next start builds again.
   */
  keep(folder: string, only?: RegExp): void;
};

export const makeKeptBundles = (root: string, service: string): KeptBundles => {
  const cache = join(root, 'node_modules/.cache/granary/bundles');
  const kept = join(cache, `${service}-${keyOf(root)}`);
  return {
    restore: (folder) => {
      if (!existsSync(kept)) return false;
      try {
        cpSync(kept, folder, { recursive: true });
        utimesSync(kept, new Date(), new Date());
        return true;
      } catch {
        // Another start takes away what is old.
        rmSync(folder, { recursive: true, force: true });
        return false;
      }
    },
    keep: (folder, only = /(?:)/) => {
      try {
        mkdirSync(cache, { recursive: true });
        const whole = mkdtempSync(join(cache, 'new-'));
        cpSync(folder, whole, {
          recursive: true,
          filter: (path) => statSync(path).isDirectory() || only.test(path),
        });
        // A start that is killed half-way leaves no half of a build under the name.
        if (existsSync(kept)) rmSync(whole, { recursive: true, force: true });
        else renameSync(whole, kept);
        keepNewest(cache, KEPT, `${service}-`);
      } catch {
        // A full disk, a clone that cannot be written to, another start that was first.
      }
    },
  };
};
