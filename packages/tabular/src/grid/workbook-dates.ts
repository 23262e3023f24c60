/** Dates of workbooks: figures whose format shows a date. */
import type { GridCell } from './grid.ts';

/** SheetJS's own formats of figures. */
export type FormatRules = typeof import('@e965/xlsx')['SSF'];

const two = (number: number): string => String(number).padStart(2, '0');

/** Days since the workbook's own epoch where the format of the cell shows a date; times of day alone are text. */
const figureOrDate = (rules: FormatRules, value: number, format: string, date1904: boolean): GridCell => {
  const parts = rules.parse_date_code(value, { date1904 }) as
    | { y: number; m: number; d: number; H: number; M: number; S: number; u: number }
    | undefined
    | null;
  if (!parts || value < 0) return value;
  const time = `${two(parts.H)}:${two(parts.M)}:${two(Math.round(parts.S))}`;
  const shown = withoutText(format);
  if (!/[yd]/i.test(shown)) {
    if (/\[[hms]+\]/i.test(format)) return value;
    // `mmmm` is a month, `mm:ss` is none.
    if (/[hs]/i.test(shown)) return time;
  }
  const iso = `${String(parts.y).padStart(4, '0')}-${two(parts.m)}-${two(parts.d)}`;
  // The day that Excel has in 1900 and no calendar does.
  if (iso === '1900-02-29' || parts.y > 9999) return value;
  return time === '00:00:00' ? { iso, time: false } : { iso: `${iso}T${time}`, time: true };
};
const withoutText = (format: string): string => format.replace(/"[^"]*"|\\.|\[[^\]]*\]/g, '');

export const dateOf = (date: Date): GridCell => {
  const iso = date.toISOString();
  return iso.endsWith('T00:00:00.000Z')
    ? { iso: iso.slice(0, 10), time: false }
    : { iso: iso.slice(0, 19), time: true };
};

/** Dates of one format that are remembered. */
const MOST_DATES = 20_000;

/** Gives the cell of a figure by the format that it has, if any: those of equal dates are one. */
export const createFigures = (rules: FormatRules, date1904: boolean) => {
  /** Null for a format that shows no date. */
  const dates = new Map<string, Map<number, GridCell> | null>();
  return (value: number, format: unknown): GridCell => {
    if (typeof format !== 'string' || format === 'General') return value;
    let known = dates.get(format);
    if (known === undefined) {
      known = rules.is_date(format) ? new Map() : null;
      dates.set(format, known);
    }
    if (known === null) return value;
    let cell = known.get(value);
    if (cell === undefined) {
      if (known.size >= MOST_DATES) known.clear();
      cell = figureOrDate(rules, value, format, date1904);
      known.set(value, cell);
    }
    return cell;
  };
};
