import { isMissing, WIDE_MISSING_MARKERS } from '@granary/tabular/numbers';

/** Spaces trimmed, inner ones collapsed to one. */
export const normalised = (name: string): string => name.trim().replace(/\s+/g, ' ');

const isUpperCase = (text: string): boolean => text === text.toUpperCase() && (text.match(/\p{L}/gu)?.length ?? 0) >= 3;

/** Codes of cultivars (`IAC 138-22`) are upper case too, but have figures; sections are words. */
export const isSectionTitle = (product: string): boolean =>
  isUpperCase(product) && !/\d/.test(product) && product.length >= 4;

/** The `control` of a line; empty when it has none, in whichever way that is written (`0`, `nan`, `-`). */
export const codeOf = (control: string | null): string => {
  const code = normalised(control ?? '');
  return code === '0' || isMissing(code, WIDE_MISSING_MARKERS) ? '' : code;
};

/** `vm_Tinto` is a product of the section whose products begin with `vm_`. */
export const prefixOf = (code: string): string | null => /^(\p{L}{1,4})_/u.exec(code)?.[1].toLowerCase() ?? null;

/** Lower case, without accents. */
export const folded = (text: string): string => normalised(text).normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase();

const FOOTNOTE = /\s*\(\d+\)$/;
const withoutSpaces = (text: string): string => text.replaceAll(' ', '');

/**
 * `title`: the line opens a section and holds its total. `child`: it is a product. `unsure`: it could be either.
 */
export type LineSort = 'title' | 'child' | 'unsure';

/**
 * Tells the sort of a line: it is a section's title if its `control` is upper case and the product is too, or is the
 * same (`VINHO DE MESA`), or if it has none and the product is (`OUTROS PRODUTOS COMERCIALIZADOS`).
 * @param control null when the file has no such column.
 * @param known folded titles that the file is known for: a line that is named so in another case may be one too.
 */
export const sortOfLine = (control: string | null, product: string, known: ReadonlySet<string>): LineSort => {
  const code = codeOf(control);
  const name = normalised(product);
  if (code === '') return isSectionTitle(name) ? 'title' : known.has(folded(name)) ? 'unsure' : 'child';
  if (prefixOf(code) !== null) return isUpperCase(code) && isSectionTitle(name) ? 'unsure' : 'child';
  // `SUCO` beside `Suco de uva integral`: whoever filled up the column made one title of them all.
  const isOwn =
    isSectionTitle(name.replace(FOOTNOTE, '')) || withoutSpaces(folded(code)) === withoutSpaces(folded(name));
  return isUpperCase(code) && isOwn ? 'title' : 'unsure';
};
