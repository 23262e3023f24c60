import type { CsvRow } from '@granary/tabular/csv/tokenizer';
import type { Layout } from './layout.ts';
import { isKnownTitle, readTitle } from './year-cells.ts';

/** Lines with a name: those of units, notes and totals tell nothing about the rest. */
const blankShare = (lines: readonly CsvRow[], index: number): number =>
  lines.filter(({ fields }) => fields[index].trim() === '').length / lines.length;

/**
 * Why the figures of a file may stand beside their columns, in view of all its lines of the usual width; null when
 * nothing speaks for it. What moves by a column leaves a blank one behind at an edge, and one fault of the header or of
 * the lines is enough: two may hide each other.
 */
export const movedFigures = (
  lines: readonly CsvRow[],
  {
    header,
    titled,
    width,
    years,
    first_figure,
  }: Pick<Layout, 'header' | 'titled' | 'width' | 'years' | 'first_figure'>,
  delimiter: string,
): string | null => {
  const beyond = lines.filter(({ fields }) => fields.slice(titled).some((cell) => cell.trim() !== ''));
  if (beyond.length > lines.length / 2)
    return 'Most lines have values beyond the last title of the header, so titles or values have moved.';
  const last = header.findLastIndex((title) => readTitle(title).kind !== 'word');
  if (width > titled) {
    const unsure = years.find(({ trouble }) => trouble !== null);
    if (unsure) return `In the header ${unsure.trouble}, and the lines are longer than it is: figures may have moved.`;
    if (delimiter === ',') return 'The lines are longer than the header, and their commas may be those of decimals.';
    if (last !== titled - 1)
      return 'The lines are longer than the header, whose last column is no year: figures may have moved.';
  }
  // A column before the first year that is none of the names may be the first year itself, its title lost.
  const unnamed = first_figure > 0 && !isKnownTitle(header[first_figure - 1]) ? [first_figure - 1] : [];
  const edges = [...unnamed, first_figure, last];
  const blank = lines.length === 0 ? undefined : edges.find((index) => blankShare(lines, index) > 0.5);
  if (blank === undefined) return null;
  return `The column "${(header[blank] ?? '').trim()}" is blank in most lines: nothing tells whether figures have moved by a column.`;
};
