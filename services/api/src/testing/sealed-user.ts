import type { Vault } from '@granary/domain/ports/vault';
import { aboutUser } from '@granary/domain/rules/about-user';
import { withoutSecrets } from '@granary/domain/rules/pii';
import type { SealedUser, User } from '@granary/domain/user';

/** A user as the worker that fetched it stores it, its secrets masked and sealed: for tests. */
export const sealedUser = async (vault: Vault, given: User): Promise<SealedUser> => {
  const { user, secrets } = withoutSecrets(given);
  const key = await vault.current();
  const sealed = key.seal(Buffer.from(JSON.stringify(secrets)), aboutUser(user));
  return { user, sealed: { key: key.name, secrets: Buffer.from(sealed).toString('base64') } };
};
