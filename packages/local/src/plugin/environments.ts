import { resolveIntrinsics, type StackScope } from '@granary/embedded-aws/provision/intrinsics';

export type Environment = Record<string, unknown>;
type Owner = { environment?: Environment };

/**
 * Replaces the intrinsic functions in the environment of the provider and of every function by what they stand for.
 * serverless-offline would hand on `[object Object]`. Throws, naming function and variable, when one cannot be
 * resolved.
 */
export const resolveEnvironments = async (
  owners: Readonly<Record<string, Owner | undefined>>,
  scope: StackScope,
): Promise<void> => {
  for (const [name, owner] of Object.entries(owners)) {
    if (!owner?.environment) continue;
    for (const [variable, value] of Object.entries(owner.environment)) {
      try {
        owner.environment[variable] = await resolveIntrinsics(value, scope);
      } catch (error) {
        throw new Error(`The variable ${variable} of ${name} cannot be resolved: ${(error as Error).message}`);
      }
    }
  }
};
