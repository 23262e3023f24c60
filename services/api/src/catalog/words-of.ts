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

/** Combining marks, and the stroke that only lengthens Arabic letters. */
const MARKS = /[\p{M}ـ]/gu;
const WORD = /[\p{L}\p{N}]+/gu;
const ARABIC = /\p{Script=Arabic}|[٠-٩۰-۹]/u;

const plainArabic = (word: string): string => {
  const letters = word
    .replace(/[٠-٩]/g, (digit) => String(digit.charCodeAt(0) - 0x660))
    .replace(/[۰-۹]/g, (digit) => String(digit.charCodeAt(0) - 0x6f0))
    .replaceAll('ى', 'ي')
    .replaceAll('ة', 'ه');
  return letters.length > 4 && letters.startsWith('ال') ? letters.slice(2) : letters;
};
