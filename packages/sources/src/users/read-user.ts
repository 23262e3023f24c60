import { withoutSecrets } from '@granary/domain/rules/pii';
import { PASSWORD_MARKER, type Secrets, type User } from '@granary/domain/user';
import { UserShape } from '@granary/domain/user-shape';
import type { UserMisfit } from '@granary/domain/users-source';
import { withoutPasswords } from './without-passwords.ts';

export type ReadUser = { user: User; secrets: Secrets; unknown: Readonly<Record<string, unknown>> };

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
  const bytes = Buffer.byteLength(JSON.stringify(known)) + Buffer.byteLength(known.address?.country ?? '');
  if (bytes > LARGEST_USER_BYTES) {
    return { index, field: '', reason: `should be at most ${LARGEST_USER_BYTES} bytes`, raw };
  }
  return { ...withoutSecrets(known), unknown: othersThan(checked.data, raw) };
};

/** That there was one is kept; what it was is not. */
const passwordOf = (given: unknown): { password?: User['password'] } => {
  const { password } = given as { password?: unknown };
  if (password === undefined) return {};
  return { password: password === null ? null : PASSWORD_MARKER };
};

/** The members of `raw` that are not known, in their places. */
const othersThan = (known: object, raw: unknown): Record<string, unknown> => {
  const others: [string, unknown][] = [];
  for (const [name, value] of Object.entries(raw as object)) {
    const counterpart = Object.hasOwn(known, name) ? (known as Record<string, unknown>)[name] : undefined;
    if (!Object.hasOwn(known, name)) others.push([name, value]);
    else if (typeof counterpart === 'object' && counterpart !== null) {
      const nested = othersThan(counterpart, value);
      if (Object.keys(nested).length > 0) others.push([name, nested]);
    }
  }
  return Object.fromEntries(others);
};
