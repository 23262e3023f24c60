import { userPageKey } from '@granary/domain/rules/keys';
import { type KeptPage, openPage } from '@granary/domain/use-cases/users/kept-page';
import type { UsersStack } from './users-stack.ts';

/** A page as a worker kept it, opened with the key of the stack. Throws when there is none. */
export const readKeptPage = async ({ objects, deps }: UsersStack, run: string, part: number): Promise<KeptPage> => {
  const bytes = await objects.get(userPageKey(run, part));
  if (!bytes) throw new Error(`Page ${part} of ${run} was not kept.`);
  return openPage(deps.vault, { run, part }, bytes);
};
