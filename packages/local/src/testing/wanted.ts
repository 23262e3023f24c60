/**
 * What some tests want and a machine may not have: samples that are no part of the project, a browser, Python. Where it
 * is absent such a test is left out, and `npm test` says so in a line; `npm test -- --wanting` runs nothing but these
 * tests, and fails when one is left out.
 */
import { accessSync, constants, existsSync, statSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { describe, it } from '@jest/globals';

/** A name for people, and where it was found. */
export type Wanted = { name: string; path: string | undefined };

const root = join(import.meta.dirname, '../../../..');

/** A folder of files that lie beside the checkout, as `data/embrapa`. */
export const samples = (folder: string): Wanted => {
  const path = join(root, '../shared', folder);
  return { name: `../shared/${folder}`, path: existsSync(path) ? path : undefined };
};

/** A program: the one that the environment variable names, else the first of the names on the PATH. */
export const program = (names: readonly string[], variable?: string): Wanted => {
  const set = variable === undefined ? undefined : process.env[variable];
  const folders = (process.env.PATH ?? '').split(delimiter).filter((folder) => folder !== '');
  const places = set ? [set] : names.flatMap((name) => folders.map((folder) => join(folder, name)));
  const name = variable === undefined ? names[0] : `${names[0]}, on the PATH or in ${variable}`;
  return { name, path: places.find(isProgram) };
};

const isProgram = (path: string): boolean => {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
};

export const CHROMIUM = program(['chromium', 'chromium-browser', 'google-chrome'], 'GRANARY_CHROMIUM');
export const PYTHON = program(['python3', 'python'], 'GRANARY_PYTHON');
export const CURL = program(['curl']);

/** By its name `npm test` knows such a test, whether it runs or not. */
const named = (name: string, wanted: Wanted): string => `${name} [wants ${wanted.name}]`;
const leftOut = it.skip;

/** A test that is given the place of what it wants. */
export const itWith = (wanted: Wanted, name: string, test: (path: string) => unknown, timeout_ms?: number): void => {
  const { path } = wanted;
  if (path === undefined) leftOut(named(name, wanted), () => {});
  else it(named(name, wanted), async () => void (await test(path)), timeout_ms);
};

/** The same for several tests. Where they are left out `tests` is not called: it may list what is not there. */
export const describeWith = (wanted: Wanted, name: string, tests: (path: string) => void): void => {
  const { path } = wanted;
  if (path === undefined) leftOut(named(name, wanted), () => {});
  else describe(named(name, wanted), () => tests(path));
};
