/** Makes of figures what fits a plot: few series, few bars, at most 5,000 points; and says what it did. */

import { isCategory, isStacked, isTemporal, type PlotColumns } from './choose-columns.ts';
import { evenSteps, extentOf, stepOfNumbers } from './even-steps.ts';
import { grouped } from './humanise.ts';
import { type Figure, unite } from './plotted-figures.ts';
import type { Point } from './point.ts';
import { MOST_POINTS, type Points } from './read-points.ts';
import { stackedAreas } from './stacked-areas.ts';
import { type Step, TIME_STEPS } from './steps.ts';

const MOST_SERIES = 10;
/** Rows of a heatmap, and names along x. */
const MOST_NAMES = 25;
/** As many as have room for their names, each in a line of its own. */
const mostNames = (height: number): number => Math.max(4, Math.min(MOST_NAMES, Math.floor((height - 170) / 14)));
/** Bars, or columns of a heatmap, along an ordered x. */
const MOST_BARS = 100;

export type Drawing = {
  points: readonly Point[];
  /** Names in their order; empty without series. `other` is the last of them when it stands for the rest. */
  series: readonly string[];
  /** Names along x in their order; empty when x is a scale. */
  names: readonly string[];
  /** The one name among `series` or `names` that stands for many. */
  other: { series: string | null; names: string | null };
  /** Places along x where a figure is missing. */
  missing: readonly (string | number)[];
  /** Sentences for the subtitle. */
  notes: readonly string[];
};

export const reducePoints = (
  { figures, placeless, stride, found, totals, step }: Points,
  columns: PlotColumns,
  { height }: { height: number },
): Drawing => {
  const { x, series, mark, aggregate } = columns;
  const notes: string[] = [];
  if (totals === 'totals') notes.push('Sections count by their totals, as the source states them.');
  if (totals === 'parts') notes.push('Totals of sections are left out.');
  if (stride > 1) notes.push(`One row in ${grouped(stride)} is drawn, of ${grouped(found)}.`);
  if (placeless > 0) notes.push(`What has no ${x.name} is not drawn.`);

  // Groups come in no order, and sums of doubles depend on it.
  const sorted = aggregate === 'none' ? figures : [...figures].sort(byPlace);
  const some = top(
    sorted,
    (figure) => figure.s,
    mark === 'heatmap' ? mostNames(height) : MOST_SERIES,
    sizeOf(aggregate),
  );
  if (some.others > 0 && series) notes.push(othersNote(series.name, some));
  let rest = sorted.map((figure) => ({ ...figure, s: figure.s === null ? null : some.rename(figure.s) }));

  let names: Top | null = null;
  if (isCategory(x)) {
    if (aggregate !== 'none') rest = unite(rest, aggregate);
    const found = top(
      rest,
      (figure) => figure.x as string,
      mark === 'bar' ? mostNames(height) : MOST_NAMES,
      signedSizeOf(aggregate),
    );
    names = found;
    if (found.others > 0) notes.push(othersNote(x.name, found));
    rest = rest.map((figure) => ({ ...figure, x: found.rename(figure.x as string) }));
  }
  if (aggregate !== 'none') {
    rest = unite(rest, aggregate);
    if (!isCategory(x)) {
      const most =
        mark === 'bar' || mark === 'heatmap' ? MOST_BARS : Math.floor(MOST_POINTS / Math.max(1, some.names.length));
      const even = columns.most === undefined ? null : evenSteps(rest, columns, columns.most);
      if (even) {
        rest = even.figures;
        if (!even.isPlain) notes.push(`Counted in steps of ${even.name}.`);
      }
      const binned = even ? null : bin(rest, columns, most);
      if (binned) rest = unite(binned.figures, aggregate);
      const taken = binned?.step ?? (even ? null : step);
      const many = step === null ? grouped(binned?.values ?? 0) : 'The';
      if (taken !== null) notes.push(`${many} values of ${x.name} are too many: drawn in steps of ${taken}.`);
    }
  }
  const points = ordered(rest, some.names, names?.names ?? []).map(({ x: place, s, v, n }): Point => {
    const y = v === null || n === 0 ? null : aggregate === 'avg' ? v / n : v;
    return { x: place, y, s };
  });
  const seriesNames = series ? some.names : [];
  const missing = [...new Set(points.filter(({ y }) => y === null).map(({ x: place }) => place))];
  if (missing.length > 0 && isStacked(columns)) {
    const places = new Set(points.map(({ x: place }) => place)).size;
    const how = mark === 'area' ? 'the sum is not known there, and not drawn' : 'bars there are of what is known';
    notes.push(`In ${grouped(missing.length)} of ${grouped(places)} values of ${x.name} a figure is missing: ${how}.`);
  }
  return {
    points: drawn(points, columns, seriesNames),
    series: seriesNames,
    names: names?.names ?? [],
    other: { series: some.other, names: names?.other ?? null },
    missing,
    notes,
  };
};

const drawn = (points: readonly Point[], columns: PlotColumns, series: readonly string[]): readonly Point[] => {
  // Lines and areas break where y is null.
  if (columns.mark === 'area') return isStacked(columns) ? stackedAreas(points, series) : points;
  return columns.mark === 'line' ? points : points.filter(({ y }) => y !== null);
};

type Top = { names: string[]; others: number; other: string | null; rename: (name: string) => string };

type Size = (figures: readonly Figure[]) => number;

/**
 * How large what is drawn of a name is: sums and counts as they add up, of averages and extremes the mean of those that
 * are drawn.
 */
const signedSizeOf = (
  aggregate: PlotColumns['aggregate'],
  part: (drawn: number) => number = (drawn) => drawn,
): Size => {
  const isOne = aggregate === 'avg' || aggregate === 'min' || aggregate === 'max';
  return (figures) => {
    let [sum, known] = [0, 0];
    for (const { v, n } of figures) {
      if (v === null || n === 0) continue;
      sum += part(aggregate === 'avg' ? v / n : v);
      known++;
    }
    return isOne ? sum / Math.max(1, known) : sum;
  };
};
/** Of a series that goes up and down around zero, too. */
const sizeOf = (aggregate: PlotColumns['aggregate']): Size => signedSizeOf(aggregate, Math.abs);

/**
 * The names with the largest figures, in the order of numbers where they are numbers, else of size: what is far below
 * zero is large, and comes last.
 */
const top = (
  figures: readonly Figure[],
  nameOf: (figure: Figure) => string | null,
  most: number,
  sizeOf: Size,
): Top => {
  const named = Map.groupBy(figures, nameOf);
  const sizes = [...named].flatMap(([name, of]): [string, number][] => (name === null ? [] : [[name, sizeOf(of)]]));
  const byName = ([a]: [string, number], [b]: [string, number]): number => (a < b ? -1 : 1);
  const largest = sizes.sort((a, b) => Math.abs(b[1]) - Math.abs(a[1]) || byName(a, b)).slice(0, most);
  const bySize = sizes.map(([name]) => name);
  const kept = largest.sort((a, b) => b[1] - a[1] || byName(a, b)).map(([name]) => name);
  if (kept.every((name) => name !== '' && Number.isFinite(Number(name)))) kept.sort((a, b) => Number(a) - Number(b));
  const others = bySize.length - kept.length;
  if (others === 0) return { names: kept, others, other: null, rename: (name) => name };
  let other = `Other (${grouped(others)})`;
  while (kept.includes(other)) other = `All ${other}`;
  const known = new Set(kept);
  return { names: [...kept, other], others, other, rename: (name) => (known.has(name) ? name : other) };
};

const othersNote = (column: string, { names, others, other }: Top): string =>
  `The ${names.length - 1} largest of ${grouped(names.length - 1 + others)} in ${column}; the rest are '${other}'.`;

/** Puts an ordered x into steps when it has more than so many values; null when it has not. */
const bin = (
  figures: readonly Figure[],
  { x }: PlotColumns,
  most: number,
): { figures: Figure[]; step: string; values: number } | null => {
  const values = [...new Set(figures.map((figure) => figure.x as number))];
  if (values.length <= most) return null;
  const step = isTemporal(x) ? timeStep(values, most) : stepOfNumbers(extentOf(values), most);
  const placed = figures.map((figure) => ({ ...figure, x: step.floor(figure.x as number) }));
  return { figures: placed, step: step.name, values: values.length };
};

const timeStep = (values: readonly number[], most: number): Step =>
  TIME_STEPS.find(({ floor }) => new Set(values.map(floor)).size <= most) ?? (TIME_STEPS.at(-1) as Step);

/**
 * By x, then by series: the same whatever order groups come in. Rows that are drawn one by one stay as they are where
 * they tie.
 */
const ordered = (figures: Figure[], series: readonly string[], names: readonly string[]): Figure[] => {
  const rank = new Map(series.map((name, i) => [name, i]));
  const place = new Map(names.map((name, i) => [name, i]));
  const placeOf = ({ x }: Figure): number => (typeof x === 'number' ? x : (place.get(x) ?? 0));
  const rankOf = ({ s }: Figure): number => (s === null ? 0 : (rank.get(s) ?? 0));
  return figures.sort((a, b) => placeOf(a) - placeOf(b) || rankOf(a) - rankOf(b));
};

const byPlace = (a: Figure, b: Figure): number => compare(a.x, b.x) || compare(a.s ?? '', b.s ?? '');
const compare = <T extends string | number>(a: T, b: T): number => (a < b ? -1 : a > b ? 1 : 0);
