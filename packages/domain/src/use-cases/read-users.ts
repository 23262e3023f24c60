import type { Vault } from '../ports/vault.ts';
import { aboutUser } from '../rules/about-user.ts';
import { forReaders, withSecrets } from '../rules/pii.ts';
import type { SealedUser, Secrets, User } from '../user.ts';

/** The group that may read what the PII policy hides from everybody else (docs/security). */
const MAY_READ_SECRETS = 'analysts';

/**
 * A user as members of these groups may read it: analysts the numbers and addresses as they came, all others masks. Nobody a password.
 * Throws when the vault cannot open what was sealed.
 */
export const readUser =
  ({ vault }: { vault: Vault }) =>
  async ({ user, sealed }: SealedUser, groups: readonly string[]): Promise<User> => {
    if (!groups.includes(MAY_READ_SECRETS)) return forReaders(user);
    if (!sealed) return user;
    const key = await vault.named(sealed.key);
    const secrets = key.open(Buffer.from(sealed.secrets, 'base64'), aboutUser(user));
    return withSecrets(user, JSON.parse(Buffer.from(secrets).toString()) as Secrets);
  };
