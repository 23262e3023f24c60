import { isMissing, parseNumber } from '@granary/tabular/numbers';
import type { Dialect } from '@granary/tabular/table';

/** What one cell says. `marker`: the text that stands for a missing figure, `blank` for none. */
export type Reading =
  | { kind: 'figure'; value: number }
  | { kind: 'missing'; marker: string }
  | { kind: 'trouble'; reason: string };

type Mark = '.' | ',' | ' ';
type Shape =
  | { form: 'plain' }
  /** The text itself shows what its marks mean. */
  | { form: 'evident'; decimal: '.' | ',' | null; thousands: Mark | null }
  /** One mark with three digits behind it, as in `1.234`: 1234 or 1.234. */
  | { form: 'ambiguous'; mark: Mark }
  | { form: 'none' };

const SPACE = /[\u00a0\u202f]/g;
const PLAIN = /^(?:0|[1-9]\d*)$/;
const ONE_GROUP = /^[1-9]\d{0,2}([., ])\d{3}$/;
const GROUPS = /^[1-9]\d{0,2}([., ])\d{3}(?:\1\d{3})+$/;
const GROUPS_AND_DECIMALS = /^[1-9]\d{0,2}([., ])\d{3}(?:\1\d{3})*(?!\1)([.,])\d+$/;
const DECIMALS = /^(?:0|[1-9]\d*)([.,])\d+$/;

const shapeOf = (text: string): Shape => {
  if (PLAIN.test(text)) return { form: 'plain' };
  const one = ONE_GROUP.exec(text);
  if (one) return { form: 'ambiguous', mark: one[1] as Mark };
  const groups = GROUPS.exec(text);
  if (groups) return { form: 'evident', decimal: null, thousands: groups[1] as Mark };
  const both = GROUPS_AND_DECIMALS.exec(text);
  if (both) return { form: 'evident', decimal: both[2] as '.' | ',', thousands: both[1] as Mark };
  const decimals = DECIMALS.exec(text);
  if (decimals) return { form: 'evident', decimal: decimals[1] as '.' | ',', thousands: null };
  return { form: 'none' };
};

/** Beyond these many digits a double no longer holds what was written. */
const EXACT_DIGITS = 15;
/** So many lone groups, and no figure of four digits written plainly, are a habit. */
const HABIT = 10;

const MARKS: readonly Mark[] = ['.', ',', ' '];

export type FigureReader = {
  /** Takes note of how the file writes its figures, before any is read. */
  observe(cell: string): void;
  read(cell: string): Reading;
  /** The marks that the file was seen to use. */
  marks(): Partial<Pick<Dialect, 'decimal' | 'thousands'>>;
};

/**
 * Reads the figures of one file, strictly. A figure that shows its own marks (`35881118,23`, `1.234.567`) is read by
 * them. `1.234` is read as 1234 only where the same file groups thousands with that mark and never uses it for
 * decimals; it is never taken for 1.234, since nothing can prove that the file is not mixed. Whatever is left is
 * trouble: no wrong number.
 */
export const createFigureReader = (): FigureReader => {
  const decimal: Record<Mark, number> = { '.': 0, ',': 0, ' ': 0 };
  const thousands: Record<Mark, number> = { '.': 0, ',': 0, ' ': 0 };
  const lone: Record<Mark, number> = { '.': 0, ',': 0, ' ': 0 };
  const round: Record<Mark, number> = { '.': 0, ',': 0, ' ': 0 };
  let plainLong = 0;
  let plainShort = 0;

  const cleaned = (cell: string): string => cell.replace(SPACE, ' ').trim();

  const note = (shape: Shape): void => {
    if (shape.form !== 'evident') return;
    if (shape.decimal) decimal[shape.decimal]++;
    if (shape.thousands) thousands[shape.thousands]++;
  };

  /**
   * Every figure above 999 has its group, smaller ones have no mark: a file saved with thousands marks whose figures
   * stay below a million. Were the marks decimal, the small figures would have them too, or other numbers of decimals;
   * or noughts were left out at their end, and then none of them would end in one.
   */
  const groupsByHabit = (mark: Mark): boolean =>
    lone[mark] >= HABIT && round[mark] > 0 && plainLong === 0 && plainShort > 0;

  const isThousands = (mark: Mark): boolean => decimal[mark] === 0 && (thousands[mark] > 0 || groupsByHabit(mark));

  return {
    observe(cell) {
      const text = cleaned(cell);
      const shape = shapeOf(text);
      note(shape);
      if (shape.form === 'ambiguous') {
        lone[shape.mark]++;
        if (text.endsWith('0')) round[shape.mark]++;
      }
      if (shape.form === 'plain' && text !== '0') {
        if (text.length > 3) plainLong++;
        else plainShort++;
      }
    },
    read(cell) {
      const text = cleaned(cell);
      if (isMissing(text)) return { kind: 'missing', marker: text === '' ? 'blank' : text };
      const shape = shapeOf(text);
      note(shape);
      if (shape.form === 'none') {
        const reason = /^-\s*\d/.test(text) ? 'is negative, which a quantity cannot be' : 'is not a figure';
        return { kind: 'trouble', reason: `"${cell}" ${reason}` };
      }
      if (shape.form === 'ambiguous' && !isThousands(shape.mark))
        return { kind: 'trouble', reason: `"${cell}" can be read as thousands or as decimals` };
      if (text.replace(/\D/g, '').length > EXACT_DIGITS)
        return { kind: 'trouble', reason: `"${cell}" has more than ${EXACT_DIGITS} digits` };
      const group = shape.form === 'ambiguous' ? shape.mark : shape.form === 'evident' ? shape.thousands : null;
      const point = (shape.form === 'evident' && shape.decimal) || (group === ',' ? '.' : ',');
      const value = parseNumber(text, { decimal: point, thousands: group });
      if (value === undefined) return { kind: 'trouble', reason: `"${cell}" is not a figure` };
      return { kind: 'figure', value };
    },
    marks() {
      const group = MARKS.find(isThousands);
      const point = decimal[','] > decimal['.'] ? ',' : decimal['.'] > 0 ? '.' : group === '.' ? ',' : undefined;
      return { ...(point && { decimal: point }), ...(group && { thousands: group }) };
    },
  };
};
