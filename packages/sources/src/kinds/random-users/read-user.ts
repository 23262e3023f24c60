import { withoutSecrets } from '@granary/domain/rules/pii';
import { PASSWORD_MARKER, type Secrets, type User } from '@granary/domain/user';
import { UserShape } from '@granary/domain/user-shape';
import type { UserMisfit } from '@granary/domain/users-source';
import { withoutPasswords } from './without-passwords.ts';

export type ReadUser = { user: User; secrets: Secrets; unknown: Members };

/** DynamoDB takes 400 kB (409,600 bytes) with all names and indexed attributes; the rest is for what the store adds. */
const LARGEST_USER_BYTES = 390_000;

/** One element of a page as JSON.parse gave it. `index` counts from 1. */
export const readUser = (given: unknown, index: number): ReadUser | UserMisfit => {
  const raw = withoutPasswords(given);
  const checked = UserShape.safeParse(raw);
  if (!checked.success) {
    const [issue] = checked.error.issues;
    return { index, field: issue!.path.join('.'), reason: `should be ${issue!.message}`, raw };
  }
  const known: User = { ...checked.data, ...passwordOf(given) };
  const json = JSON.stringify(known);
  const bytes = Buffer.byteLength(json) + Buffer.byteLength(known.address?.country ?? '');
  if (bytes > LARGEST_USER_BYTES) {
    return { index, field: '', reason: `should be at most ${LARGEST_USER_BYTES} bytes`, raw };
  }
  return { ...withoutSecrets(known, json), unknown: othersThan(checked.data, raw as Members) ?? {} };
};

/** That there was one is kept; what it was is not. */
const passwordOf = (given: unknown): { password?: User['password'] } => {
  const { password } = given as { password?: unknown };
  if (password === undefined) return {};
  return { password: password === null ? null : PASSWORD_MARKER };
};

type Members = Readonly<Record<string, unknown>>;

/** The members of `raw` that are not known, in their places; undefined when there are none. */
const othersThan = (known: Members, raw: Members): Members | undefined => {
  const others: [string, unknown][] = [];
  for (const name of Object.keys(raw)) {
    const counterpart = Object.hasOwn(known, name) ? known[name] : undefined;
    if (!Object.hasOwn(known, name)) others.push([name, raw[name]]);
    else if (typeof counterpart === 'object' && counterpart !== null) {
      const nested = othersThan(counterpart as Members, raw[name] as Members);
      if (nested) others.push([name, nested]);
    }
  }
  // fromEntries defines members, so that `__proto__` is one like any other.
  return others.length > 0 ? Object.fromEntries(others) : undefined;
};
