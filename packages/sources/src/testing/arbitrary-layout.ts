/** For tests: tables with titles, headers of several rows, notes and totals, on one sheet or in one text. */
import type { Cell } from '@granary/tabular/table';
import fc from 'fast-check';

export type PlacedTable = { header: readonly string[]; rows: readonly (readonly Cell[])[]; title?: string };
/** Lines of a page with cells of text and figures; cells that are one: `[line, lines, column, columns]`, from 0. */
export type Page = {
  lines: readonly (readonly Cell[])[];
  merged: readonly (readonly [number, number, number, number])[];
  tables: readonly PlacedTable[];
};

const NAMES = ['Station', 'Ship', 'Harbour', 'Owner', 'Keeper', 'Region', 'Parish', 'Vessel', 'Captain', 'Office'];
const MEASURES = ['Level', 'Depth', 'Tons', 'Visitors', 'Litres', 'Length', 'Weight', 'Share', 'Crew', 'Height'];
const GROUPS = ['Summer', 'Winter', 'Spring', 'Autumn'];
const WORDS = ['faro', 'lagos', 'sines', 'porto', 'braga', 'tomar', 'elvas', 'viseu', 'leiria', 'sagres'];
const TITLES = ['Report of the port', 'Ships at sea', 'Rain by station', 'People and places'];
const NOTES = ['Source: the port', 'Note: figures of 2025', 'Fonte: INE, 2026', '* Not final yet'];

type Body = { header: string[]; over: string[] | null; rows: Cell[][] };

/** `label`: what keeps the names of one table apart from those of another. */
const body = (label: string, grouped: boolean, total: boolean): fc.Arbitrary<Body> =>
  fc
    .record({
      words: fc.shuffledSubarray(NAMES, { minLength: 1, maxLength: 2 }),
      measures: fc.shuffledSubarray(MEASURES, { minLength: 2, maxLength: 4 }),
      decimals: fc.boolean(),
      rows: fc.array(
        fc.tuple(fc.nat(9), fc.nat(9), fc.array(fc.integer({ min: 1, max: 99_999 }), { minLength: 8, maxLength: 8 })),
        {
          minLength: 4,
          maxLength: 12,
        },
      ),
    })
    .map(({ words, measures, decimals, rows }) => {
      const names = words.map((word) => `${word} ${label}`);
      const groups = grouped ? GROUPS.slice(0, 2) : [null];
      const figures = groups.flatMap((group) => measures.map((measure) => ({ group, measure: `${measure} ${label}` })));
      const cells = rows.map(([one, two, numbers]): Cell[] => [
        ...names.map((_, at) => WORDS[at === 0 ? one : two]!),
        ...figures.map((_, at) => (decimals ? (numbers[at]! + at * at * 13) / 100 : numbers[at]! + at * at * 13)),
      ]);
      const sums = figures.map((_, at) =>
        Math.round(cells.reduce((sum, row) => sum + Number(row[names.length + at]), 0)),
      );
      const all = total ? [...cells, [...names.map((_, at) => (at === 0 ? 'total' : 'all')), ...sums]] : cells;
      return {
        header: [...names, ...figures.map(({ measure }) => measure)],
        over: grouped ? [...names.map(() => ''), ...figures.map(({ group }) => group!)] : null,
        rows: all,
      };
    });

type Placed = Body & { titles: string[]; notes: string[]; gap: number };

const placed = (label: string): fc.Arbitrary<Placed> =>
  fc
    .record({
      grouped: fc.boolean(),
      total: fc.boolean(),
      titles: fc.shuffledSubarray(TITLES, { maxLength: 2 }),
      notes: fc.shuffledSubarray(NOTES, { maxLength: 2 }),
      gap: fc.integer({ min: 1, max: 2 }),
    })
    .chain(({ grouped, total, ...around }) => body(label, grouped, total).map((own) => ({ ...own, ...around })));

const joined = ({ header, over }: Body): string[] =>
  header.map((name, column) => (over?.[column] ? `${over[column]} / ${name}` : name));

/** The rows of the header: a group stands in the first of its columns, a name without one in the upper row. */
const headerLines = ({ header, over }: Body): Cell[][] => {
  if (over === null) return [header];
  const upper = over.map((group, column) =>
    group === '' ? header[column]! : group === over[column - 1] ? null : group,
  );
  return [upper, header.map((name, column) => (over[column] === '' ? null : name))];
};

const mergesOf = ({ over, header }: Body, line: number, from: number): [number, number, number, number][] => {
  if (over === null) return [];
  const merges: [number, number, number, number][] = [];
  for (const column of header.keys()) {
    const group = over[column]!;
    if (group === '') merges.push([line, 2, from + column, 1]);
    else if (group !== over[column - 1])
      merges.push([line, 1, from + column, over.filter((one) => one === group).length]);
  }
  return merges;
};

/** Tables one below the other, each under its titles and above its notes. */
export const stacked = (most = 3): fc.Arbitrary<Page> =>
  fc
    .integer({ min: 1, max: most })
    .chain((count) => fc.tuple(...Array.from({ length: count }, (_, index) => placed('abc'[index]!))))
    .map((parts) => {
      const lines: Cell[][] = [];
      const merged: [number, number, number, number][] = [];
      for (const part of parts) {
        for (const title of part.titles) lines.push([title]);
        if (part.titles.length > 0) lines.push([]);
        merged.push(...mergesOf(part, lines.length, 0));
        lines.push(...headerLines(part), ...part.rows);
        if (part.notes.length > 0) lines.push([]);
        for (const note of part.notes) lines.push([note]);
        for (let gap = 0; gap < part.gap; gap++) lines.push([]);
      }
      const tables = parts.map((part) => ({ header: joined(part), rows: part.rows }));
      return { lines, merged, tables };
    });

/** Two tables side by side, that begin on the same line. */
export const beside = (): fc.Arbitrary<Page> =>
  fc.tuple(placed('a'), placed('b'), fc.nat(2)).map(([left, right, before]) => {
    const [one, other] = [left, right].map((part) => [...headerLines({ ...part, over: null }), ...part.rows]);
    const width = left.header.length;
    const height = Math.max(one!.length, other!.length);
    const empty = Array.from({ length: before }, () => null);
    const lines = Array.from({ length: height }, (_, index) => [
      ...empty,
      ...(one![index] ?? Array.from({ length: width }, () => null)),
      null,
      ...(other![index] ?? Array.from({ length: right.header.length }, () => null)),
    ]);
    return { lines, merged: [], tables: [left, right].map(({ header, rows }) => ({ header, rows })) };
  });
