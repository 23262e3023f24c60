import type { CsvRow } from '@granary/tabular/csv/tokenizer';
import { isMissing, WIDE_MISSING_MARKERS } from '@granary/tabular/numbers';
import type { EmbrapaFile } from './files.ts';
import type { Judged } from './judged.ts';
import type { Layout } from './layout.ts';
import { whatIsWrong } from './line-check.ts';
import { refuseSorted } from './line-order.ts';
import { isTotal } from './names.ts';
import { refuseRepeats } from './repeats.ts';
import { trackSections } from './section-tracker.ts';
import { folded, normalised } from './sections.ts';
import { isYearHeader, looksLikeHeader } from './year-cells.ts';

type First = { row: CsvRow; wrong: string | null; verdict: 'line' | 'empty' | 'header' | 'note'; total?: true };

const filledCells = ({ fields }: CsvRow): readonly string[] => fields.map((cell) => cell.trim()).filter(Boolean);

const REPEATED = 'the header is repeated among the rows';

/** A stray quote can swallow lines, and with them the one that opens a section. */
const linesOf = ({ raw, fields }: CsvRow): readonly (readonly string[])[] => {
  const lines = raw.split(/\r\n|\n|\r/);
  return lines.length > 1 ? lines.map((line) => line.split(/[;\t,|]/)) : [fields];
};

/** Years in a row that a line of data has by chance at most. */
const HEADER_RUN = 6;

/** Whether the last figure of a line is blank, or the line is too short for it. */
const endsBlank = (row: CsvRow, layout: Layout): boolean => (row.fields[layout.titled - 1] ?? '').trim() === '';

/**
 * Whether a line is nothing but figures: a line that was wrapped goes on so, and blank cells may fill up both halves.
 */
const isRest = (row: CsvRow | undefined): boolean => {
  const filled = row === undefined ? [] : filledCells(row);
  return (
    filled.length > 0 && filled.every((cell) => /^\d|^\P{L}*$/u.test(cell) || isMissing(cell, WIDE_MISSING_MARKERS))
  );
};

/** The id of a line, whose figures may have moved; null where the rest of another line may stand in its place. */
const idOf = ({ fields }: CsvRow, { id, name }: Layout): number | null => {
  const text = id === null ? '' : (fields[id] ?? '').trim();
  return /^\d{1,6}$/.test(text) && /\p{L}/u.test(fields[name] ?? '') ? Number(text) : null;
};

/** The first look at each line, by itself: whether its cells stand where the header says. */
const lookAt = (rows: readonly CsvRow[], layout: Layout): First[] => {
  const begins = layout.header_line ?? 0;
  const titles = layout.header_line === null ? null : filledCells({ fields: [...layout.header] } as CsvRow).join('\n');
  let foreign: string | null = null;
  return rows.map((row, i): First => {
    const filled = filledCells(row);
    if (filled.length === 0) return { row, wrong: null, verdict: 'empty' };
    if (row.line === layout.header_line) return { row, wrong: null, verdict: 'header' };
    if (row.line < begins && filled.length === 1) return { row, wrong: null, verdict: 'note' };
    if (row.line < begins) return { row, wrong: 'the line stands before the header', verdict: 'line' };
    if (isYearHeader(row.fields) || looksLikeHeader(row.fields, HEADER_RUN)) {
      const same = filled.join('\n') === titles;
      foreign = same ? null : `line ${row.line} looks like another header, so the columns below it may be others`;
      return { row, wrong: REPEATED, verdict: 'line' };
    }
    // Without an id the name comes first, or the code: the line above may have the beginning of it.
    const above = layout.id === 0 || i === 0 ? null : rows[i - 1];
    const broken =
      above && above.line !== layout.header_line && above.line > begins && above.fields.length < layout.width
        ? 'the line above is too short, and may be the beginning of this one'
        : null;
    // A rest of one cell may be that of the last figure alone; with more of them, figures may have moved as well.
    const goesOn =
      isRest(rows[i + 1]) && (endsBlank(row, layout) || rows[i + 1]!.fields.length > 1)
        ? 'the line below has nothing but figures, and may be the rest of this one'
        : null;
    return { row, wrong: foreign ?? broken ?? whatIsWrong(row, layout) ?? goesOn, verdict: 'line' };
  });
};

/**
 * Judges each line of a file, in order, in view of all of them: nothing is published of a line whose cells may have
 * moved, that may stand in another section, or that shares its name with another one.
 */
export const judgeLines = (rows: readonly CsvRow[], file: EmbrapaFile, layout: Layout): readonly Judged[] => {
  const looks = lookAt(rows, layout);
  const productOf = ({ fields }: CsvRow) => ({
    control: layout.control === null ? null : fields[layout.control],
    product: fields[layout.name],
  });
  const isSum = ({ row }: First): boolean => isTotal(row.fields[layout.name]);
  const sound = looks.filter((look) => look.verdict === 'line' && look.wrong === null);
  if (file.sections.length > 0)
    refuseSorted(
      looks
        .filter((look) => look.verdict === 'line' && !isSum(look))
        .map(({ row }) => ({ row, id: idOf(row, layout) })),
    );
  const spoilt = looks.filter(({ verdict, wrong }) => verdict === 'line' && wrong !== null && wrong !== REPEATED);
  const sections = trackSections({
    lines: sound.filter((look) => !isSum(look)).map(({ row }) => productOf(row)),
    spoilt: spoilt.flatMap(({ row }) => linesOf(row)),
    known: new Set(file.sections.map(folded)),
    headless: layout.header_line === null,
  });
  // A total of all stands below all, or is one of something else.
  const lastSound = sound.at(-1);

  const judged = looks.map((look): Judged => {
    const { row, wrong, verdict } = look;
    if (verdict !== 'line') return { row, verdict };
    if (wrong !== null) {
      if (wrong !== REPEATED) for (const cells of linesOf(row)) sections.spoilt(cells, layout);
      return { row, verdict: 'refused', reason: wrong };
    }
    const name = normalised(row.fields[layout.name]);
    if (isSum(look)) {
      sections.close();
      if (file.kind === 'production' && look === lastSound)
        return { row, verdict: 'read', section: null, name, is_total: true };
      const what = file.kind === 'trade' ? 'a country' : 'a product';
      return { row, verdict: 'refused', reason: `"${name}" is a total of other lines, not ${what}` };
    }
    if (file.kind === 'trade') return { row, verdict: 'read', section: null, name, is_total: false };
    const placed = sections.place(productOf(row));
    return 'trouble' in placed
      ? { row, verdict: 'refused', reason: placed.trouble }
      : { row, verdict: 'read', name, ...placed };
  });
  return refuseRepeats(judged, layout);
};
