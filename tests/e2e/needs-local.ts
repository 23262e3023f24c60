import { describeWith, itWith, type Wanted } from '@granary/local/testing/wanted';
import { describe, it } from '@jest/globals';
import { readTarget } from './target.ts';

const isDeployed = readTarget() !== undefined;
/** The stage is deployed to an emulator that is none of ours. */
const isEmulated = isDeployed && Boolean(process.env.AWS_ENDPOINT_URL);

/**
 * What emulators of Athena lack, and the embedded AWS has: partitions that are projected, fields of results in quotes.
 */
export const ATHENA: Wanted = {
  name: 'an Athena with projected partitions and quoted results',
  path: isEmulated ? undefined : 'here',
};

/** Deployed functions bring programs for AWS's processors, which an emulator runs on those of this machine. */
export const ARM64: Wanted = {
  name: 'arm64, which deployed functions are built for',
  path: isEmulated && process.arch !== 'arm64' ? undefined : process.arch,
};

const leftOut = it.skip;

/** A test that wants something of where it is put to, which everything has but some emulators. */
export const itOn = (wanted: Wanted, name: string, test: () => unknown, timeout_ms?: number): void => {
  const told = `${name} [needs a target with ${wanted.name}]`;
  if (wanted.path === undefined) leftOut(told, () => {});
  else it(told, async () => void (await test()), timeout_ms);
};

/** By its name `npm test` knows such a test, whether it runs or not. */
const named = (name: string, why: string): string => `${name} [needs this machine: ${why}]`;

/**
 * For tests that no deployed stage can be put to: they kill it, send what AWS's own front takes, or count on a
 * schedule. `why` is told when they are left out.
 */
export const needsLocal = (why: string) => ({
  it(name: string, test: () => unknown, timeout_ms?: number): void {
    if (isDeployed) leftOut(named(name, why), () => {});
    else it(named(name, why), async () => void (await test()), timeout_ms);
  },
  describe(name: string, tests: () => void): void {
    if (isDeployed) leftOut(named(name, why), () => {});
    else describe(named(name, why), tests);
  },
  /** They want something of the machine besides (packages/local/src/testing/wanted.ts). */
  itWith(wanted: Wanted, name: string, test: (path: string) => unknown, timeout_ms?: number): void {
    if (isDeployed) leftOut(named(name, why), () => {});
    else itWith(wanted, named(name, why), test, timeout_ms);
  },
  describeWith(wanted: Wanted, name: string, tests: (path: string) => void): void {
    if (isDeployed) leftOut(named(name, why), () => {});
    else describeWith(wanted, named(name, why), tests);
  },
});
