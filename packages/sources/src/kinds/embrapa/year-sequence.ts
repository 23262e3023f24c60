import { readTitle } from './year-cells.ts';

/** Where the figures of one year stand. */
export type YearColumns = {
  year: number;
  /** Indices of its cells, in the file's order. */
  cells: readonly number[];
  /** Why its figures cannot be believed; null when they can. */
  trouble: string | null;
};

export const FIRST_YEAR = 1970;

type Slot = { index: number; year: number; nth: number | null };

/** The commonest of some numbers, and how often it is there. */
const commonest = (numbers: readonly number[]): { value: number; count: number } => {
  const counts = new Map<number, number>();
  for (const number of numbers) counts.set(number, (counts.get(number) ?? 0) + 1);
  const [value, count] = [...counts].reduce((a, b) => (b[1] > a[1] ? b : a));
  return { value, count };
};

const troubleOf = (year: number, slots: readonly Slot[], wanted: number, latest: number): string | null => {
  if (year > latest) return `the year ${year} is still to come`;
  if (year < FIRST_YEAR) return `the year ${year} is before ${FIRST_YEAR}, when the series begin`;
  if (slots.length !== wanted)
    return `the year ${year} appears ${slots.length} times instead of ${wanted === 1 ? 'once' : 'twice'}`;
  if (slots.some(({ nth }, i) => nth !== null && nth !== i + 1))
    return `the columns of ${year} are numbered in another order than they stand`;
  return null;
};

/**
 * The years of a header, from its first column of figures on, each with the reason why it cannot be believed if there
 * is one. Years follow each other: a year that stands where its neighbours say another belongs is not believed. Where
 * the count is off from some column on, a year is missing, or is mistyped, or the line lost a cell: nothing tells
 * which, and the text answer says so.
 * @param wanted columns a year.
 */
export const readYears = (
  cells: readonly string[],
  { wanted, latest }: { wanted: 1 | 2; latest: number },
): readonly YearColumns[] | string => {
  const slots = cells.flatMap((cell, index): Slot[] => {
    const title = readTitle(cell);
    return title.kind === 'year' ? [{ index, year: title.year, nth: title.nth }] : [];
  });
  if (slots.length === 0) return 'The header has no years.';
  const begin = cells.findIndex((cell) => readTitle(cell).kind !== 'word');
  const between = cells.findIndex(
    (cell, index) => index > begin && index < slots.at(-1)!.index && readTitle(cell).kind === 'word',
  );
  if (between >= 0)
    return `The title "${cells[between].trim()}" stands among the years of the header: nothing tells whether it was one of them.`;
  const troubles = new Map<number, string | null>();
  const byYear = Map.groupBy(slots, ({ year }) => year);
  for (const [year, found] of byYear) troubles.set(year, troubleOf(year, found, wanted, latest));

  const believed = slots.filter(({ year }) => troubles.get(year) === null);
  if (believed.length > 0) {
    const seen = new Map<number, number>();
    const offsets = believed.map(({ index, year }) => {
      const nth = seen.get(year) ?? 0;
      seen.set(year, nth + 1);
      return year * wanted + nth - (index - begin);
    });
    const usual = commonest(offsets);
    const off = believed.filter((_, i) => offsets[i] !== usual.value);
    if (offsets[0] !== usual.value || offsets.at(-1) !== usual.value || off.length > believed.length / 2) {
      const at = offsets.findIndex((offset, i) => i > 0 && offset !== offsets[i - 1]);
      const [before, after] = [believed[at - 1].year, believed[at].year];
      return `The years of the header do not follow each other: ${after} stands behind ${before}. Columns may be missing, or titles mistyped, and nothing tells which.`;
    }
    for (const { year } of off) troubles.set(year, `the year ${year} stands where its neighbours say another belongs`);
  }
  return [...byYear].map(([year, found]) => ({
    year,
    cells: found.map(({ index }) => index),
    trouble: troubles.get(year) ?? null,
  }));
};
