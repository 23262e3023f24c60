import { randomUUID } from 'node:crypto';

/** Cognito's AuthSessionValidity. */
const VALID_MS = 3 * 60_000;
/** Anybody may begin to sign in, so that many are kept and no more: the oldest goes. */
const MOST = 10_000;

/** Sign-ins that wait for the answer to a challenge. Each can be answered once, and for three minutes. */
export const makeSignInSessions = <T>(now: () => number = Date.now) => {
  const open = new Map<string, { value: T; until: number }>();
  return {
    begin(value: T, id: string = randomUUID()): string {
      if (open.size >= MOST) open.delete(open.keys().next().value!);
      open.set(id, { value, until: now() + VALID_MS });
      return id;
    },
    take(id: string | undefined): T | undefined {
      const found = id === undefined ? undefined : open.get(id);
      if (!found) return undefined;
      open.delete(id!);
      return found.until > now() ? found.value : undefined;
    },
  };
};
