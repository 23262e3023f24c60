/** Which characters a file uses for decimals and for thousands, by the figures in it. */
import type { Dialect } from '../table.ts';

export type DecimalMarks = Pick<Dialect, 'decimal' | 'thousands'>;

/**
 * Votes over cells. `1,5` says decimal comma, `1.234.567` says thousands point, `1.234,5` says both; `1.234` alone says
 * nothing by itself: it is taken for thousands when the same file writes no integer of four digits and more plainly.
 */
export const sniffDecimalMarks = (cells: Iterable<string>): DecimalMarks => {
  const decimal = { '.': 0, ',': 0 };
  const thousands = { '.': 0, ',': 0, ' ': 0 };
  const single = { '.': 0, ',': 0 };
  let plain = 0;
  for (const cell of cells) {
    const text = cell.trim().replace(/^[+-]/, '');
    if (text === '' || !/^\d[\d.,\s]*$/.test(text)) continue;
    if (/^[1-9]\d{3,}$/.test(text) && !/^(1[89]|20)\d\d$/.test(text)) plain++;
    else if (/^\d{1,3}(\s\d{3})+([.,]\d+)?$/.test(text)) {
      thousands[' ']++;
      const mark = /[.,]/.exec(text)?.[0];
      if (mark) decimal[mark as '.' | ',']++;
    } else if (/^[1-9]\d{0,2}(\.\d{3})+,\d+$/.test(text)) {
      thousands['.']++;
      decimal[',']++;
    } else if (/^[1-9]\d{0,2}(,\d{3})+\.\d+$/.test(text)) {
      thousands[',']++;
      decimal['.']++;
    } else if (/^[1-9]\d{0,2}(\.\d{3}){2,}$/.test(text)) thousands['.']++;
    else if (/^[1-9]\d{0,2}(,\d{3}){2,}$/.test(text)) thousands[',']++;
    else if (/^[1-9]\d{0,2}[.,]\d{3}$/.test(text)) single[text.at(-4) as '.' | ',']++;
    else if (/^\d+[.,]\d+$/.test(text)) decimal[/[.,]/.exec(text)![0] as '.' | ',']++;
  }
  for (const mark of ['.', ','] as const) {
    if (single[mark] === 0) continue;
    const saysDecimal = decimal[mark] > thousands[mark] || (thousands[mark] === 0 && plain > 0);
    if (saysDecimal) decimal[mark] += single[mark];
    else thousands[mark] += single[mark];
  }
  const comma = decimal[','] + thousands['.'];
  const point = decimal['.'] + thousands[','];
  const chosen = comma > point ? ',' : '.';
  const grouping = chosen === ',' ? '.' : ',';
  if (thousands[grouping] > decimal[grouping]) return { decimal: chosen, thousands: grouping };
  return { decimal: chosen, thousands: thousands[' '] > 0 ? ' ' : null };
};
