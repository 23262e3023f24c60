/**
 * What the end-to-end tests run against: `GRANARY_TARGET=local` (each file starts a stack of its own on this machine,
 * the default) or a deployed stage,
 * `GRANARY_TARGET=dev` or `dev@eu-west-1`. It picks addresses and credentials; the tests are the same.
 */
import { targetOf } from '@granary/admin/target';

export type DeployedTarget = { stage: string; region: string };

/** Undefined: this machine. Throws an Error whose message is for people. */
export const readTarget = (env: NodeJS.ProcessEnv = process.env): DeployedTarget | undefined => {
  const text = env.GRANARY_TARGET || 'local';
  if (text === 'local') return undefined;
  const [stage, region, ...rest] = text.split('@');
  if (rest.length > 0 || region === '')
    throw new Error(`GRANARY_TARGET is local, a stage or <stage>@<region>, not '${text}'.`);
  return targetOf({ stage: stage!, ...(region !== undefined && { region }) }, env);
};
