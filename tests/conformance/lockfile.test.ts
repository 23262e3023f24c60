import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from '@jest/globals';

/** The names of packages that hold a program for one kind of machine, as the lockfile has them. */
const names = [
  ...readFileSync(join(import.meta.dirname, '../../pnpm-lock.yaml'), 'utf8').matchAll(/^ {2}'?(\S+?)@[^@\s]+:$/gm),
].map(([, name]) => name!);

/** The same program for another machine; what follows the processor is the C library, which only Linux has two of. */
const elsewhere = (name: string, machine: string) => name.replace(/linux-x64(-gnu|-glibc)?$/, machine);

// pnpm leaves out an optional package that it could not reach, without a word, and then no other machine installs it.
it('The lockfile has the programs for macOS and for arm64 beside those for Linux on x64', () => {
  const programs = names.filter((name) => /linux-x64(-gnu|-glibc)?$/.test(name));
  expect(programs.length).toBeGreaterThan(5);
  const machines = ['darwin-arm64', 'darwin-x64', 'linux-arm64'];
  const wanted = programs.flatMap((name) => machines.map((machine) => elsewhere(name, machine)));
  expect(wanted.filter((name) => !names.some((there) => there.startsWith(name)))).toEqual([]);
});
