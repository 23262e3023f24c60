/**
 * Whether bytes that are no UTF-8 are windows-1252 at all, or a code page of another script that this package does not
 * read.
 */
import { windows1252OfLatin1 } from './windows-1252.ts';

/** Code pages by the names of WHATWG; several may fit the same bytes. */
const OTHERS = ['shift_jis', 'euc-jp', 'gb18030', 'big5', 'euc-kr'];

const TYPOGRAPHY = '–—‘’“”„…•«»º°ª·´§²³µ€£¥©®™¿¡±¼½¾\u00a0\u00ad×';
const isSign = (character: string): boolean => TYPOGRAPHY.includes(character);
const lower = /^[ß-öø-ÿ\u0161\u017e\u0153]{1,3}$/;
const upper = /^[À-ÖØ-Þ\u0160\u017d\u0152\u0178]{1,3}$/;

/** Whether a run of characters beyond ASCII is one that Western texts have. */
const isWesternRun = (run: string, before: string, after: string): boolean => {
  const letters = run.replace(/[^\p{L}]|[ºª\u0192\u02c6]/gu, '');
  const signs = [...run].filter((character) => !letters.includes(character));
  if (signs.some((character) => !isSign(character)) || signs.length > 2) return false;
  // A sign within a word is a letter of another code page (`Bia³ystok`), but for apostrophes and the like.
  if (letters === '')
    return /^[\u2019\u2018´·ªº\u00ad\u2013]/.test(run) || !(/[a-z]$/i.test(before) && /^[a-z]/i.test(after));
  if (signs.length > 0 && !run.startsWith(letters) && !run.endsWith(letters)) return false;
  if (lower.test(letters)) return true;
  if (!upper.test(letters)) return /^[À-Þ][ß-ÿ]$/.test(letters);
  return !(/[a-z]$/.test(before) && /^[a-z]/.test(after));
};

const decodes = (bytes: Uint8Array, label: string): boolean => {
  try {
    return !/[\u0080-\u009f\ue000-\uf8ff]/.test(new TextDecoder(label, { fatal: true }).decode(bytes));
  } catch {
    return false;
  }
};

/**
 * The code pages that the bytes may be in when they do not look like windows-1252; null when they do. Looks at whole
 * lines.
 */
export const otherCodePages = (sample: Buffer): string[] | null => {
  const end = sample.lastIndexOf(10);
  const bytes = end === -1 ? sample : sample.subarray(0, end);
  const text = windows1252OfLatin1(bytes.toString('latin1'));
  let high = 0;
  let odd = 0;
  for (const { 0: run, index } of text.matchAll(/[\u0080-\uffff]+/g)) {
    high += run.length;
    if (!isWesternRun(run, text[index - 1] ?? '', text[index + run.length] ?? '')) odd += run.length;
  }
  if (odd < 4 || odd < high * 0.3) return null;
  return [...OTHERS.filter((label) => decodes(bytes, label)), 'another code page (windows-1250, windows-1251 …)'];
};
