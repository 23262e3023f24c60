/**
 * Members, parameters and elements whose values are about a person, whatever their spelling: `phone_number`,
 * `phoneNumber`. Where a name may be the end of a longer one, so it is meant: `old_password`.
 */
const NAMES = [
  'pass[_ -]?w(?:or)?d\\w{0,40}',
  'pass[_ -]?(?:phrase|code|key)\\w{0,40}',
  'pwd',
  'secret\\w{0,40}',
  'token\\w{0,40}',
  'credential\\w{0,40}',
  '\\bauth\\w{0,40}',
  'cookie\\w{0,40}',
  'session\\w{0,40}',
  '(?:api|access|app|private)[_ -]?key\\w{0,40}',
  '[?&;]key',
  'social[\\w -]{0,60}',
  '\\b(?:sin|ssn|uid|dob|lat|lng|pin|pass)\\b',
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

/** As they are, and as a page of HTML or an address writes them. */
const QUOTES = '(?:["\'\\\\]|&(?:quot|apos|#0{0,4}3[49]|#x0{0,4}2[27]);|%2[27])*';
const IS = '(?::|=(?:>|&gt;|%3e)?|%3[ad](?:>|&gt;|%3e)?|&(?:colon|equals|#0{0,4}(?:58|61)|#x0{0,4}3[ad]);)';
/**
 * Quoted inside quotes (`\"…\"`), quoted, a list or an object (then all that follows), a plain value of JSON, or the
 * rest of the line: what has no quotes may have spaces.
 */
const VALUE = [
  '(?<quote>\\\\+["\'])[^]*?(?:(?<!\\\\)\\k<quote>|$)',
  '"(?:[^"\\\\]|\\\\[^])*(?:"|\\\\?$)',
  "'(?:[^'\\\\]|\\\\[^])*(?:'|\\\\?$)",
  '[[{][^]*$',
  '(?:null|true|false|-?\\d[\\d.e+-]{0,30})(?=\\s{0,40}[,}\\]]\\s{0,40}["}\\]])',
  '[^\\r\\n]+',
].join('|');
const MEMBER = new RegExp(`(?<name>${NAMES})${QUOTES}\\s*${IS}\\s*(?:${VALUE})`, 'giu');
const ELEMENT = new RegExp(`<(?<name>${NAMES})[^<>]*>[^<]*`, 'giu');
const EMAIL = /[^\s@"'<>,;:=()]{1,200}(?:@|%40)[^\s@"'<>,;()]+/giu;
/** Seven digits or more, with up to three signs between any two of them, and an extension. */
const NUMBER =
  /\+?\p{Nd}(?:(?:[\s().,+\-/_\u00a0\u2010-\u2015]|%(?:2[0bcdf]|5f)|&(?:nbsp|[nm]dash|#\d{2,4}|#x\w{2,4});){0,3}\p{Nd}){6,}(?:\s?(?:x|ext\.?)\s?\p{Nd}+)?/giu;

/** Ids of files and datasets in addresses; nobody has a number of this form. */
const UUID = '(?<![\\w-])[0-9a-f]{8}-[0-9a-f]{4}-[1-8][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}(?![\\w-])';
const UUID_OR_NUMBER = new RegExp(`(?<uuid>${UUID})|${NUMBER.source}`, 'giu');

/**
 * What stands between letters and is not seen: with it, no name is what it looks like. NUL is what UTF-16 has between
 * letters; by others a terminal is given orders. Only ends of lines and tabs stay.
 */
const UNSEEN = /(?![\t\n\r])[\p{Cc}\p{Cf}]/gu;
/** The sign of an escape, escaped itself. */
const TWICE = /&(?:amp;)+|%(?:25)+/gi;
/**
 * Letters, digits and some signs, as JSON, addresses and HTML may write any character. Not quotes: they would end a
 * text too early.
 */
const ESCAPED =
  /(?:(?<!\\)\\+u00|%|&#x0{0,4})(40|2[bde]|3[0-9]|4[1-9a-f]|5[0-9af]|6[1-9a-f]|7[0-9a])(?:(?<=&#x\w{2,6});)?/gi;
const DECIMAL = /&#0{0,4}(4[356]|4[89]|5[0-7]|6[4-9]|[78][0-9]|9[05789]|1[01][0-9]|12[0-2]);/g;

const unescaped = (text: string): string =>
  text
    .replace(UNSEEN, '')
    .replace(TWICE, (sign) => sign[0]!)
    .replace(/&commat;/gi, '@')
    .replace(ESCAPED, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)))
    .replace(DECIMAL, (_, code: string) => String.fromCharCode(Number(code)));

/**
 * What others wrote (bodies of errors), without what may be about a person: e-mail addresses, numbers of seven digits
 * and more (not those of UUIDs), and the values of members, parameters and elements that are named like a secret or a
 * person's data. Rather too much is taken out than too little.
 */
export const withoutPii = (text: string): string =>
  unescaped(text)
    .replace(MEMBER, '$<name>: (removed)')
    .replace(ELEMENT, '<$<name>>(removed)')
    .replace(EMAIL, '(e-mail removed)')
    .replace(UUID_OR_NUMBER, (found, uuid) => (uuid === undefined ? '(number removed)' : found));

/** Shorter ones are words of other things as well, `size=100` for one. */
const SHORTEST_KEY = 4;

/**
 * A text of somebody who was asked at `url`, without what its query holds: an operator's key may be in it, and errors
 * like to repeat what they were asked.
 */
export const withoutQueryOf = (url: string, text: string): string => {
  const values = [...new URL(url).searchParams.values()].filter(({ length }) => length >= SHORTEST_KEY);
  return values
    .flatMap((value) => [value, encodeURIComponent(value)])
    .reduce((clean, value) => clean.replaceAll(value, '(removed)'), text);
};

/** The beginning of such a text. What a cut would leave of a number or an address goes with it. */
export const beginningWithoutPii = (text: string, length: number): string => {
  const ahead = text.slice(0, 2 * length);
  const safe = withoutPii(ahead);
  const whole = ahead.length < text.length ? safe.replace(/(?:\p{Nd}[\s().+\-/_\p{Nd}]*|\S+)$/u, '') : safe;
  return whole.slice(0, length);
};
