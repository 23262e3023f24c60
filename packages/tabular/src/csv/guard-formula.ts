/**
 * What a spreadsheet would take for a formula begins so; those of full width are taken for the others where Asian text
 * is typed.
 */
const BEGINNING = /^[=+\-@\t\r\uff1d\uff0b\uff0d\uff20]/;
/** A sign alone, or what is a number and nothing else: a spreadsheet runs neither. */
const HARMLESS = /^[+-](?:(?:\d[\d.,]*|[.,]\d+)(?:e[+-]?\d+)?%?)?$/i;

/** A text that a spreadsheet may open: one that it would run has an apostrophe in front (OWASP, CSV injection). */
export const guardFormula = (text: string): string =>
  BEGINNING.test(text) && !HARMLESS.test(text) ? `'${text}` : text;
