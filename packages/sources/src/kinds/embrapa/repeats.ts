import type { CsvRow } from '@granary/tabular/csv/tokenizer';
import type { Judged } from './judged.ts';
import type { Layout } from './layout.ts';

type Read = Extract<Judged, { verdict: 'read' }>;

const byName = ({ section, name }: Read): string => JSON.stringify([section, name]);

/** The cells of a line but for its id, which a copy may have anew. */
const contentOf = ({ fields }: CsvRow, { id, titled }: Layout): string =>
  fields
    .slice(0, titled)
    .filter((_, index) => index !== id)
    .map((cell) => cell.trim())
    .join('\n');

/** Figures of a line that are no nought and no marker. */
const hasFigures = ({ fields }: CsvRow, { first_figure }: Layout): boolean =>
  fields.slice(first_figure).some((cell) => /[1-9]/.test(cell));

/**
 * Lines that are equal in all their cells, figures too, and stand in different sections, or once where no section is
 * known: one is a copy of the other, and nothing tells which is where it belongs.
 */
const copiesElsewhere = (judged: readonly Judged[], layout: Layout): ReadonlySet<CsvRow> => {
  const lines = judged.filter(
    ({ verdict, row }) =>
      /^(read|refused)$/.test(verdict) && row.fields.length === layout.width && hasFigures(row, layout),
  );
  const copies = [...Map.groupBy(lines, ({ row }) => contentOf(row, layout)).values()].filter(
    (equal) => new Set(equal.map((line) => (line.verdict === 'read' ? byName(line) : ''))).size > 1,
  );
  return new Set(copies.flat().map(({ row }) => row));
};

/**
 * Refuses lines that share section and name with another. Of lines that are equal the first one stays: a file that was
 * pasted twice gives each row once. Of lines that are not equal none stays, since nothing tells which figures are
 * whose.
 */
export const refuseRepeats = (judged: readonly Judged[], layout: Layout): readonly Judged[] => {
  const reads = judged.filter((line): line is Read => line.verdict === 'read');
  const named = Map.groupBy(reads, byName);
  const copies = copiesElsewhere(judged, layout);
  if (named.size === reads.length && copies.size === 0) return judged;
  return judged.map((line): Judged => {
    if (line.verdict !== 'read') return line;
    const { row, name } = line;
    if (copies.has(row))
      return {
        row,
        verdict: 'refused',
        reason: 'the same line stands elsewhere in the file, in another section or none',
      };
    const namesakes = named.get(byName(line))!;
    if (namesakes.length === 1) return line;
    const first = namesakes[0];
    const equal = namesakes.every((other) => contentOf(other.row, layout) === contentOf(first.row, layout));
    if (equal && line === first) return line;
    const lines = namesakes.map((other) => other.row.line).join(', ');
    const reason = equal
      ? `the line repeats line ${first.row.line}`
      : `the lines ${lines} are all called "${name}", and their figures differ`;
    return { row, verdict: 'refused', reason };
  });
};
