import { randomInt } from 'node:crypto';

/** Without letters and digits that are taken for each other when somebody reads them out. */
const KINDS = ['abcdefghijkmnpqrstuvwxyz', 'ABCDEFGHJKLMNPQRSTUVWXYZ', '23456789', '!#%+=?@_-'];
const ALL = KINDS.join('');
const LENGTH = 20;

/** Some 120 random bits with characters of each kind, as the user pool's policy asks. */
export const generatePassword = (): string => {
  for (;;) {
    const password = Array.from({ length: LENGTH }, () => ALL[randomInt(ALL.length)]).join('');
    if (KINDS.every((kind) => [...kind].some((letter) => password.includes(letter)))) return password;
  }
};

export type Policy = {
  MinimumLength?: number;
  RequireUppercase?: boolean;
  RequireLowercase?: boolean;
  RequireNumbers?: boolean;
  RequireSymbols?: boolean;
};

/** A pool's policy as a sentence. */
export const policySentence = (policy: Policy): string => {
  const kinds = [
    policy.RequireLowercase && 'a lower-case letter',
    policy.RequireUppercase && 'an upper-case letter',
    policy.RequireNumbers && 'a digit',
    policy.RequireSymbols && 'a symbol',
  ].filter((kind): kind is string => typeof kind === 'string');
  const list = kinds.length < 2 ? kinds.join('') : `${kinds.slice(0, -1).join(', ')} and ${kinds.at(-1)}`;
  return `A password has at least ${policy.MinimumLength ?? 8} characters${list && `, among them ${list}`}.`;
};
