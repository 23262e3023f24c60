/**
 * Lower case character by character, as PostgreSQL has it: İ is one i, and Σ is σ at the end of a word too. JavaScript
 * makes two characters of the one (Unicode's SpecialCasing) and looks at what stands around the other.
 */
export const foldCase = (text: string): string => text.replaceAll('İ', 'i').replaceAll('Σ', 'σ').toLowerCase();
