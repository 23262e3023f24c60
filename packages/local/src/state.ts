import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { writeAtomically } from '@granary/embedded-aws/atomic-json-store';
import type { Resources } from '@granary/embedded-aws/provision/provision';
import type { DemoUsers } from './demo-users.ts';

/** The clone that this file is part of. */
export const ROOT = dirname(dirname(dirname(dirname(fileURLToPath(import.meta.url)))));

/** Where a local stack keeps everything; `npm start -- --state DIR` tells its children by this variable. */
export const STATE_VARIABLE = 'GRANARY_STATE';
export const stateDir = (): string => process.env[STATE_VARIABLE] || join(ROOT, '.granary');

/** `.granary/local.json`: the running stack, for scripts and tests (docs/contracts: Running it). */
export type LocalStack = {
  /** False once it was stopped; the users' passwords stay the same over starts. */
  running: boolean;
  api: string;
  dashboard: string;
  awsEndpoint: string;
  region: string;
  userPoolId: string;
  clientId: string;
  users: DemoUsers;
  /** Made anew at each start; functions are invoked with it in the header `x-granary-local-key`. */
  lambdaKey: string;
  /** Names of the processes and their ids; `start` is the one to send SIGTERM to. */
  pids: Record<string, number>;
};

const read = <T>(path: string): T | undefined => {
  if (!existsSync(path)) return undefined;
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as T;
  } catch {
    return undefined;
  }
};

export const localStackPath = (dir = stateDir()) => join(dir, 'local.json');
export const readLocalStack = (dir = stateDir()) => read<LocalStack>(localStackPath(dir));
export const writeLocalStack = (stack: LocalStack, dir = stateDir()) =>
  writeAtomically(localStackPath(dir), `${JSON.stringify(stack, null, 2)}\n`);

export const resourcesPath = (dir = stateDir()) => join(dir, 'resources.json');
export const readResources = (dir = stateDir()) => read<Resources>(resourcesPath(dir));
export const writeResources = (resources: Resources, dir = stateDir()) =>
  writeAtomically(resourcesPath(dir), JSON.stringify(resources, null, 2));
