/** Says of which columns nobody knows whether `1.234` is a thousand or one and a bit. */
import type { Uncertainty } from '../table.ts';
import type { ColumnMarks } from './decimal-marks.ts';

export const undecidedFigures = (columns: readonly ColumnMarks[], header: readonly string[]): Uncertainty[] =>
  columns.flatMap(({ unsure }, index): Uncertainty[] => {
    if (unsure === null) return [];
    const name = header[index]?.trim() || `column ${index + 1}`;
    const figure = `1${unsure}234`;
    return [
      {
        about: 'figures',
        line: null,
        column: index + 1,
        readings: [`${figure} in ${name} is 1234 (thousands)`, `${figure} in ${name} is 1.234 (decimals)`],
        decide: 'The column is left as text; declare the decimal and thousands marks of the file.',
      },
    ];
  });
