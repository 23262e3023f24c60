import type * as z from 'zod/mini';
import type { UserShape } from './user-shape.ts';

/**
 * A user as the source gives one, after the PII policy (docs/security): the password is a marker, the two secrets are
 * masked. Only `id` and `last_name` are sure to be there; together they are the key. Fields that the shape does not
 * name are kept with the page only.
 */
export type User = z.infer<typeof UserShape> & { password?: string | null };

/** What is stored in the place of every password. */
export const PASSWORD_MARKER = '***';

/** What only analysts may read, as it came. */
export type Secrets = { social_insurance_number?: string; cc_number?: string };

/**
 * How a user lies in the store and in the kept page: `user` has masks where its secrets were, and `sealed` has those,
 * encrypted (`secrets`: base64 of {@link Secrets} as JSON) with the data key that `key` names (base64, itself
 * encrypted). Null: it has none.
 */
export type SealedUser = { user: User; sealed: { key: string; secrets: string } | null };

/** What became of the users of one page, or of one run. `failed` could not be written. */
export type UserCounts = { new: number; overwritten: number; failed: number };
export const NO_USERS: UserCounts = { new: 0, overwritten: 0, failed: 0 };
