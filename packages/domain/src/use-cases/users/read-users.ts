import { NotAudited, TooManyRequests } from '../../errors.ts';
import type { Clock } from '../../ports/collecting.ts';
import type { ReadAudit, ReadBudget } from '../../ports/unmasked-reads.ts';
import type { Vault } from '../../ports/vault.ts';
import { aboutUser } from '../../rules/about-user.ts';
import { forReaders, withSecrets } from '../../rules/pii.ts';
import type { SealedUser, Secrets, User } from '../../user.ts';

export type ReadUsersDeps = {
  vault: Vault;
  audit: ReadAudit;
  budget: ReadBudget;
  /** How many users an analyst may read unmasked a day. */
  most_unmasked: number;
  clock: Clock;
};
export type Reader = { sub: string; groups: readonly string[] };

/** The group that may read what the PII policy hides from everybody else (docs/security). */
const MAY_READ_SECRETS = 'analysts';
const DAY_MS = 86_400_000;

/**
 * Users as this reader may read them: analysts the numbers and addresses as they came, all others masks. Nobody a
 * password. What is shown unmasked is counted and noted before it is opened. Throws TooManyRequests for more than a
 * day's, NotAudited when it could not be noted, and when the vault cannot open what was sealed.
 */
export const readUsers =
  ({ vault, audit, budget, most_unmasked, clock }: ReadUsersDeps) =>
  async (users: readonly SealedUser[], reader: Reader | undefined, route: string): Promise<User[]> => {
    if (!reader?.groups.includes(MAY_READ_SECRETS)) return users.map(({ user }) => forReaders(user));
    if (users.length === 0) return [];
    const { sub } = reader;
    if (!(await budget.take(sub, users.length, most_unmasked))) throw tooMany(most_unmasked, clock());
    try {
      await audit.write({ sub, route, users: users.length });
    } catch (cause) {
      const error = new NotAudited(
        'The audit log could not be written, so personal data is not shown. Ask again in a minute.',
      );
      error.cause = cause;
      throw error;
    }
    return Promise.all(users.map((user) => unmasked(vault, user)));
  };

const tooMany = (most: number, now: number): TooManyRequests => {
  const error = new TooManyRequests(
    `An analyst reads the personal data of at most ${most} users a day (UTC), and these would be more. Ask for fewer of them (\`limit\`), or tomorrow.`,
  );
  error.headers = { 'Retry-After': String(Math.ceil((DAY_MS - (now % DAY_MS)) / 1000)) };
  return error;
};

const unmasked = async (vault: Vault, { user, sealed }: SealedUser): Promise<User> => {
  if (!sealed) return user;
  const key = await vault.named(sealed.key);
  const secrets = key.open(Buffer.from(sealed.secrets, 'base64'), aboutUser(user));
  return withSecrets(user, JSON.parse(Buffer.from(secrets).toString()) as Secrets);
};
