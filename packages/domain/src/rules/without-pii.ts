/**
 * Members, parameters and elements whose values are about a person, whatever their spelling: `phone_number`, `phoneNumber`. Where a name
 * may be the end of a longer one, so it is meant: `old_password`.
 */
const NAMES = [
  'pass[_ -]?w(?:or)?d\\w{0,40}',
  'pass[_ -]?phrase\\w{0,40}',
  'pwd',
  'secret\\w{0,40}',
  'token\\w{0,40}',
  'social[_ -]?\\w{0,40}[_ -]?\\w{0,40}',
  '\\b(?:sin|ssn|uid|dob|lat|lng)\\b',
  '(?:cc|card)[_ -]?(?:number|no)?\\b',
  'e-?mail\\w{0,40}',
  'phone\\w{0,40}',
  '(?:first|last|full|user|middle)[_ -]?name\\w{0,40}',
  'avatar',
  '(?:date[_ -]?of[_ -]?)?birth\\w{0,40}',
  'street\\w{0,40}',
  'zip\\w{0,40}',
  '(?:work_|home_)?address\\w{0,40}',
].join('|');

const QUOTES = '["\'\\\\]*';
/** Quoted inside quotes (`\"…\"`), quoted, a list or an object (then all that follows), or as far as there is no space. */
const VALUE = [
  '(?<quote>\\\\+["\'])[^]*?(?:(?<!\\\\)\\k<quote>|$)',
  '"(?:[^"\\\\]|\\\\[^])*(?:"|\\\\?$)',
  "'(?:[^'\\\\]|\\\\[^])*(?:'|\\\\?$)",
  '[[{][^]*$',
  '\\S+',
].join('|');
const MEMBER = new RegExp(`(?<name>${NAMES})${QUOTES}\\s*[:=]\\s*(?:${VALUE})`, 'giu');
const ELEMENT = new RegExp(`<(?<name>${NAMES})[^<>]*>[^<]*`, 'giu');
const EMAIL = /[^\s@"'<>,;:=()]{1,200}(?:@|%40)[^\s@"'<>,;()]+/giu;
/** Seven digits or more, with up to three signs between any two of them, and an extension. */
const NUMBER = /\+?\p{Nd}(?:[\s().+\-/_\u00a0\u2010-\u2015]{0,3}\p{Nd}){6,}(?:\s?(?:x|ext\.?)\s?\p{Nd}+)?/giu;
/** Letters, digits and some signs, written as JSON may write any character. Not quotes: they would end a text too early. */
const ESCAPED = /\\+u00(40|2[bde]|3[0-9]|4[1-9a-f]|5[0-9af]|6[1-9a-f]|7[0-9a])/gi;

/**
 * What others wrote (bodies of errors), without what may be about a person: e-mail addresses, numbers of seven digits and more, and the
 * values of members, parameters and elements that are named like a secret or a person's data. Rather too much is taken out than too little.
 */
export const withoutPii = (text: string): string =>
  text
    .replace(ESCAPED, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)))
    .replace(MEMBER, '$<name>: (removed)')
    .replace(ELEMENT, '<$<name>>(removed)')
    .replace(EMAIL, '(e-mail removed)')
    .replace(NUMBER, '(number removed)');

/** The beginning of such a text. What a cut would leave of a number or an address goes with it. */
export const beginningWithoutPii = (text: string, length: number): string => {
  const ahead = text.slice(0, 2 * length);
  const safe = withoutPii(ahead);
  const whole = ahead.length < text.length ? safe.replace(/(?:\p{Nd}[\s().+\-/_\p{Nd}]*|\S+)$/u, '') : safe;
  return whole.slice(0, length);
};
