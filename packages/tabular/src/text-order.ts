/**
 * The order of texts by code point, which is that of their UTF-8 bytes: Parquet's bounds and SQL's collation "C" have
 * it.
 */

/**
 * By code unit a surrogate comes before U+E000 to U+FFFF, by code point the character that it is half of comes after.
 */
const inPlace = (unit: number): number => (unit >= 0xe000 ? unit - 0x800 : unit >= 0xd800 ? unit + 0x2000 : unit);

export const compareTexts = (a: string, b: string): number => {
  const size = Math.min(a.length, b.length);
  for (let i = 0; i < size; i++) {
    const [left, right] = [a.charCodeAt(i), b.charCodeAt(i)];
    if (left !== right) return inPlace(left) - inPlace(right);
  }
  return a.length - b.length;
};

/** Compares those texts by code point, the engine's own way where that is the same. */
export const textOrder = (texts: readonly string[]): ((a: string, b: string) => number) =>
  texts.some((text) => /[\ud800-\uffff]/.test(text)) ? compareTexts : (a, b) => (a < b ? -1 : a > b ? 1 : 0);
