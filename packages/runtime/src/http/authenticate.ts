import { Forbidden } from '@granary/domain/errors';
import type { Caller } from '../endpoint.ts';
import type { Request } from './call.ts';
import type { TokenVerifier } from './verify-token.ts';

/** Who is it, and may they: 401 without a valid token, 403 outside the groups. */
export const authenticate = (verify: TokenVerifier, groups: readonly string[] | undefined) => {
  const admit = (request: Request, caller: Caller): void => {
    if (groups && !groups.some((group) => caller.groups.includes(group))) {
      throw new Forbidden(`This is for members of ${groups.join(' or ')}; ask an operator to be added.`);
    }
    request.event.call.input.caller = caller;
  };
  return {
    before: (request: Request): void | Promise<void> => {
      const caller = verify(request.event.call.headers.authorization);
      // A known token is answered at once; waiting for it would cost every warm call a turn.
      if (caller instanceof Promise) return caller.then((found) => admit(request, found));
      admit(request, caller);
    },
  };
};
