import type { WrittenVersion } from '@granary/domain/dataset';
import { Unauthenticated } from '@granary/domain/errors';
import type { Decide } from '@granary/domain/use-cases/publish/decide-version';
import type { Caller } from '@granary/runtime/endpoint';
import type { Logger } from '@granary/runtime/logger';
import { publicVersion } from './find-version.ts';

/**
 * Decides about a version in the name of who calls, and says so in the log of the function: by the id of the pool,
 * never by name. One that is restored gets another number.
 */
export const decide = async (
  use: (asked: Decide) => Promise<WrittenVersion>,
  { id, n, caller, log }: { id: string; n: number; caller: Caller | undefined; log: Logger },
  what: 'released' | 'rejected' | 'restored',
): Promise<ReturnType<typeof publicVersion>> => {
  if (!caller) throw new Unauthenticated('Sign in first: every decision is logged with the name of the operator.');
  const version = await use({ dataset: id, version: n, by: caller.sub });
  const published_as = version.version === n ? undefined : version.version;
  log.info(`version ${what}`, { dataset: id, version: n, by: caller.sub, published_as });
  return publicVersion(version, caller);
};
