import { repairMojibake } from '@granary/tabular/csv/mojibake';

/** Why a name is not what the source meant; null when nothing speaks against it. */
export const spoiltName = (text: string): string | null => {
  if (/[\p{Cc}\p{Cf}\ufffd]/u.test(text.trim())) return 'has characters that no name has';
  if (repairMojibake(text) !== text) return 'was encoded twice';
  // Countries are written `Cook, Ilhas`.
  if (/[;|]|,(?![ _])/.test(text.trim())) return 'has a delimiter in it';
  // A name may hold a word in quotes: those come in pairs.
  if (text.split('"').length % 2 === 0) return 'has a quote that was opened or closed and not the other';
  return null;
};

/** Totals of the lines above, in the words of such files. */
export const isTotal = (name: string): boolean =>
  /^\s*((sub|grand)[\s-]*)?(tota(l|is)|soma(t[óo]ri[oa])?)(?![\p{L}\p{N}])/iu.test(name);
