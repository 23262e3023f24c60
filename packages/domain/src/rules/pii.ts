import type { Secrets, User } from '../user.ts';

export { beginningWithoutPii, withoutPii, withoutQueryOf } from './without-pii.ts';

const digitsOf = (text: string): string => text.replace(/\D/g, '');

/** Fewer digits than these would tell too much of a number, or all of it. */
const ENOUGH = { sin: 6, card: 8, phone: 6 } as const;

/** `***-***-652`: the last three digits. */
export const maskSin = (text: string): string => {
  const digits = digitsOf(text);
  return `***-***-${digits.length < ENOUGH.sin ? '***' : digits.slice(-3)}`;
};

/** `****-****-****-1103`: the last four digits. */
export const maskCard = (text: string): string => {
  const digits = digitsOf(text);
  return `****-****-****-${digits.length < ENOUGH.card ? '****' : digits.slice(-4)}`;
};

/** `f***`; of a name of one letter not even that. */
export const maskUsername = (text: string): string => {
  const [first, ...rest] = text;
  return `${rest.length > 0 ? first : ''}***`;
};

/**
 * `f***@***`: beside a first and a last name, which readers may see, a host would give the address away. Nothing of
 * what does not end in an address's host.
 */
export const maskEmail = (text: string): string => {
  const at = text.lastIndexOf('@');
  if (at < 0 || !/^@[\p{L}\p{N}.-]+$/u.test(text.slice(at))) return '***';
  return `${maskUsername(text.slice(0, at))}@***`;
};

/** `***-***-**41`: the last two digits. */
export const maskPhone = (text: string): string => {
  const digits = digitsOf(text);
  return `***-***-**${digits.length < ENOUGH.phone ? '**' : digits.slice(-2)}`;
};

const masked = (text: string | null | undefined, mask: (text: string) => string) => (text ? mask(text) : text);

/** Shorter texts are parts of ordinary words: they are not looked for. */
const SHORTEST = 5;

/**
 * Masks `hidden` wherever a text in `value` repeats it: a username may be an e-mail address, a street may hold a
 * number.
 */
const throughout = <T>(
  value: T,
  hidden: string | null | undefined,
  mask: (text: string) => string,
  isRepeated: (hidden: string) => boolean = (text) => repeats(value, text),
): T => {
  if (!hidden || hidden.length < SHORTEST || !isRepeated(hidden)) return value;
  const walk = (one: unknown): unknown => {
    if (typeof one === 'string') return one.replaceAll(hidden, () => mask(hidden));
    if (typeof one !== 'object' || one === null) return one;
    return Object.fromEntries(Object.entries(one).map(([name, member]) => [name, walk(member)]));
  };
  return walk(value) as T;
};

/** Whether a text in `value` holds `hidden`: hardly any does, and looking costs a fifth of copying. */
const repeats = (value: unknown, hidden: string): boolean => {
  if (typeof value === 'string') return value.includes(hidden);
  if (typeof value !== 'object' || value === null) return false;
  for (const member of Object.values(value)) if (repeats(member, hidden)) return true;
  return false;
};

/**
 * What those may read who are no analysts: how to reach a person is masked as well, and the username with it, which is
 * the first half of an e-mail address more often than not. It is masked always: a mask that depended on the address
 * would tell of it.
 */
export const forReaders = (user: User): User => {
  const own = {
    ...user,
    ...('username' in user && { username: masked(user.username, maskUsername) }),
    ...('email' in user && { email: masked(user.email, maskEmail) }),
    ...('phone_number' in user && { phone_number: masked(user.phone_number, maskPhone) }),
  };
  return throughout(throughout(own, user.email, maskEmail), user.phone_number, maskPhone);
};

/** What analysts may read: the secrets stand again where their masks were. */
export const withSecrets = (user: User, { social_insurance_number, cc_number }: Secrets): User => ({
  ...user,
  ...(social_insurance_number !== undefined && { social_insurance_number }),
  ...(cc_number !== undefined && { credit_card: { ...user.credit_card, cc_number } }),
});

/**
 * Whether a secret stands in the JSON of its user twice: searching a text is faster than looking at all members. Where
 * the JSON's own characters are part of a match, nothing is found to mask.
 */
const standsTwice = (json: string, secret: string): boolean => {
  const text = JSON.stringify(secret).slice(1, -1);
  return json.indexOf(text, json.indexOf(text) + 1) !== -1;
};

/**
 * Takes the secrets out of a user and leaves their masks. An empty text is no secret. `json` is the user's own, for
 * callers who have it.
 */
export const withoutSecrets = (user: User, json = JSON.stringify(user)): { user: User; secrets: Secrets } => {
  const { social_insurance_number, credit_card } = user;
  const cc_number = credit_card?.cc_number;
  const secrets: Secrets = {
    ...(social_insurance_number && { social_insurance_number }),
    ...(cc_number && { cc_number }),
  };
  const masks: Secrets = {
    ...(social_insurance_number && { social_insurance_number: maskSin(social_insurance_number) }),
    ...(cc_number && { cc_number: maskCard(cc_number) }),
  };
  const apart = withSecrets(user, masks);
  const isRepeated = (secret: string): boolean => standsTwice(json, secret);
  const once = throughout(apart, social_insurance_number, maskSin, isRepeated);
  return { user: throughout(once, cc_number, maskCard, isRepeated), secrets };
};
