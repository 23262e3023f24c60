/** Figures that are written with their unit: percent and currencies. */
import { plainFigure } from './numbers.ts';

/** Marks, and the unit that each means; a dollar of which country is not known stays `$`. */
const UNITS: Readonly<Record<string, string>> = {
  ...{ '%': '%', '‰': '‰', '€': 'EUR', '£': 'GBP', '₹': 'INR', '₽': 'RUB', '₺': 'TRY', '₩': 'KRW', '₴': 'UAH' },
  ...{ US$: 'USD', R$: 'BRL', $: '$', '¥': '¥' },
};
const CODES = 'USD EUR GBP JPY CHF BRL MAD CAD AUD NZD CNY INR MXN ZAR SEK NOK DKK PLN CZK HUF TND DZD XOF XAF'.split(
  ' ',
);
const MARK = [...Object.keys(UNITS), ...CODES].map((mark) => mark.replace('$', '\\$')).join('|');
const FIGURE = "\\d[\\d.,' ]*";

const BEFORE = new RegExp(`^([+-]?) ?(${MARK}) ?([+-]?)(${FIGURE})$`);
const BEHIND = new RegExp(`^([+-]?)(${FIGURE}?) ?(${MARK})$`);
const IN_BRACKETS = /^\((.*)\)$|^(\D*)\((.*)\)(\D*)$/;

/** `unit`: `%`, or a currency's code. `figure`: what is left, its sign first. */
export type FigureWithUnit = { unit: string; mark: string; figure: string };

const split = (text: string): FigureWithUnit | undefined => {
  const before = BEFORE.exec(text);
  if (before) {
    const [, sign, mark = '', second, figure = ''] = before;
    return sign && second ? undefined : { unit: UNITS[mark] ?? mark, mark, figure: `${sign}${second}${figure.trim()}` };
  }
  const behind = BEHIND.exec(text);
  if (!behind) return undefined;
  const [, sign = '', figure = '', mark = ''] = behind;
  return { unit: UNITS[mark] ?? mark, mark, figure: `${sign}${figure.trim()}` };
};

/** Splits a figure from its unit; in brackets, an amount of money is negative. Undefined for anything else. */
export const splitUnit = (text: string): FigureWithUnit | undefined => {
  const plain = plainFigure(text.trim());
  const brackets = IN_BRACKETS.exec(plain);
  if (!brackets) return split(plain);
  const [, all, before = '', inner = '', behind = ''] = brackets;
  const found = split(all?.trim() ?? `${before.trim()}${inner.trim()}${behind.trim()}`);
  return found && /^\d/.test(found.figure) && !/[%\u2030]/.test(found.unit)
    ? { ...found, figure: `-${found.figure}` }
    : undefined;
};

/** A figure in brackets without a unit: a negative one, or one with a remark. */
export const isInBrackets = (text: string): boolean => /^\( ?\d[\d.,' ]*\)$/.test(plainFigure(text.trim()));
