/** Names of files and columns as identifiers that every engine takes. */

/** Letters that have no accent to strip. */
const SPELT_OUT: Readonly<Record<string, string>> = {
  œ: 'oe',
  æ: 'ae',
  ß: 'ss',
  ø: 'o',
  đ: 'd',
  ð: 'd',
  ł: 'l',
  þ: 'th',
  ı: 'i',
};

/**
 * Not a list of those letters: one regular expression that is not ASCII makes a whole bundle be kept, and read, at two
 * bytes a character.
 */
const BEYOND_ASCII = /[\u0080-\uffff]/g;

/**
 * Lower case, without accents and special characters, `_` between words: `Production végétale 2010-2022` becomes
 * `production_vegetale_2010_2022`. Text without any Latin letter or digit gives an empty string.
 */
export const toIdentifier = (name: string): string =>
  name
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(BEYOND_ASCII, (letter) => SPELT_OUT[letter] ?? letter)
    .replace(/[^a-z0-9]+/g, '_')
    .replace(/^_+|_+$/g, '');

/**
 * Identifiers of a list of names, all different. The first of equal ones keeps its name, later ones get `_2`, `_3` …,
 * whatever stands after them; a name that gives none is `column_` and its position from 1. Nothing gets a name that is
 * `reserved`: it is `_2` at first.
 */
export const uniqueIdentifiers = (names: readonly string[], reserved: readonly string[] = []): string[] => {
  const wanted = names.map((name, index) => toIdentifier(name) || `column_${index + 1}`);
  const taken = new Set(wanted);
  const seen = new Set<string>(reserved);
  return wanted.map((name) => {
    if (!seen.has(name)) {
      seen.add(name);
      return name;
    }
    let suffix = 2;
    while (taken.has(`${name}_${suffix}`)) suffix++;
    const unique = `${name}_${suffix}`;
    taken.add(unique);
    return unique;
  });
};
