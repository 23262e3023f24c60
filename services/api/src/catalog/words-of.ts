/**
 * The words of a text, as they are compared: lower case, without accents, Arabic without its marks, its forms of alef,
 * its article and its own digits. `Produção` is found by `producao`, `الإنتاج` by `انتاج`. Words of a single sign that
 * is neither letter nor digit are none.
 */
export const wordsOf = (text: string): string[] => {
  const plain = text.normalize('NFKD').replace(MARKS, '').toLowerCase();
  const found = plain.match(WORD);
  if (found === null) return [];
  return ARABIC.test(plain) ? found.map(plainArabic) : found;
};

/**
 * Combining marks, and the stroke that only lengthens Arabic letters. Escaped, as regular expressions are bundled as
 * they stand: with one such character V8 keeps a bundle at two bytes each.
 */
const MARKS = /[\p{M}\u0640]/gu;
const WORD = /[\p{L}\p{N}]+/gu;
const ARABIC = /\p{Script=Arabic}|[\u0660-\u0669\u06f0-\u06f9]/u;

const plainArabic = (word: string): string => {
  const letters = word
    .replace(/[\u0660-\u0669]/g, (digit) => String(digit.charCodeAt(0) - 0x660))
    .replace(/[\u06f0-\u06f9]/g, (digit) => String(digit.charCodeAt(0) - 0x6f0))
    .replaceAll('ى', 'ي')
    .replaceAll('ة', 'ه');
  return letters.length > 4 && letters.startsWith('ال') ? letters.slice(2) : letters;
};
