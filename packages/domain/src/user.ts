/**
 * A user as the source gives one, after the PII policy (docs/security): the password is a marker, the two secrets are masked. Only `id`
 * and `last_name` are sure to be there; together they are the key. Fields that are not listed are kept with the page only.
 */
export type User = {
  id: number;
  last_name: string;
  uid?: string | null;
  password?: string | null;
  first_name?: string | null;
  username?: string | null;
  email?: string | null;
  avatar?: string | null;
  gender?: string | null;
  phone_number?: string | null;
  social_insurance_number?: string | null;
  /** `YYYY-MM-DD` */
  date_of_birth?: string | null;
  employment?: { title?: string | null; key_skill?: string | null } | null;
  address?: {
    city?: string | null;
    street_name?: string | null;
    street_address?: string | null;
    zip_code?: string | null;
    state?: string | null;
    country?: string | null;
    coordinates?: { lat?: number | null; lng?: number | null } | null;
  } | null;
  credit_card?: { cc_number?: string | null } | null;
  subscription?: {
    plan?: string | null;
    status?: string | null;
    payment_method?: string | null;
    term?: string | null;
  } | null;
};

/** What is stored in the place of every password. */
export const PASSWORD_MARKER = '***';

/** What only analysts may read, as it came. */
export type Secrets = { social_insurance_number?: string; cc_number?: string };

/**
 * How a user lies in the store and in the kept page: `user` has masks where its secrets were, and `sealed` has those, encrypted
 * (`secrets`: base64 of {@link Secrets} as JSON) with the data key that `key` names (base64, itself encrypted). Null: it has none.
 */
export type SealedUser = { user: User; sealed: { key: string; secrets: string } | null };

/** What became of the users of one page, or of one run. `failed` could not be written. */
export type UserCounts = { new: number; overwritten: number; failed: number };
export const NO_USERS: UserCounts = { new: 0, overwritten: 0, failed: 0 };
