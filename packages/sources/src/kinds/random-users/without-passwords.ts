import { withoutPii } from '@granary/domain/rules/pii';

const PASSWORD = /pass.?(?:w(?:or)?d|phrase|code)|pwd|(?:^|_)pass$/i;
/** However it is written: full-width letters, accents, or signs between them that nobody sees. */
const isPassword = (text: string): boolean =>
  SUSPECT.test(text) && PASSWORD.test(text.normalize('NFKD').replace(/[\p{Cf}\p{M}]/gu, ''));
/** A cheap first look: printable ASCII without `pass` or `pwd` matches nothing of {@link PASSWORD}. */
const SUSPECT = /[^\x20-\x7e]|p(?:ass|wd)/i;
/** Users of today are three deep. Whoever sends more does not mean well. */
const DEEPEST = 16;
const TOO_DEEP = '(nested too deeply)';

/**
 * A copy of what JSON.parse gave, without any password, at whatever depth and in whatever case; text that speaks of one
 * is cleaned. Texts are well-formed (a lone half of a surrogate pair is none), and there is no -0: neither would come
 * back from a store as it was.
 */
export const withoutPasswords = (value: unknown, depth = 0): unknown => {
  if (typeof value === 'string') return cleaned(value);
  if (Object.is(value, -0)) return 0;
  if (typeof value !== 'object' || value === null) return value;
  if (depth === DEEPEST) return TOO_DEEP;
  if (Array.isArray(value)) return value.map((item) => withoutPasswords(item, depth + 1));
  const copy: Record<string, unknown> = {};
  const given = value as Record<string, unknown>;
  for (const name of Object.keys(given)) {
    if (!isPassword(name)) put(copy, name.toWellFormed(), withoutPasswords(given[name], depth + 1));
  }
  return copy;
};

/** Makes `__proto__` a member like any other. The others are assigned, which is many times as fast. */
const put = (copy: Record<string, unknown>, name: string, value: unknown): void => {
  if (name !== '__proto__') copy[name] = value;
  else Object.defineProperty(copy, name, { value, enumerable: true, configurable: true, writable: true });
};

const cleaned = (text: string): string => (isPassword(text) ? withoutPii(text) : text).toWellFormed();
