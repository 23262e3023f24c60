import type { Point } from './point.ts';

/**
 * Areas that lie on one another, from points in the order of x. A series without a row at a place adds nothing there,
 * and has no height. Where a figure is missing the sum is not known: all have a gap (null), for one filled with nothing
 * would show a fall that nobody measured.
 */
export const stackedAreas = (points: readonly Point[], series: readonly string[]): Point[] =>
  [...Map.groupBy(points, ({ x }) => x)].flatMap(([x, here]): Point[] => {
    if (here.some(({ y }) => y === null)) return series.map((s) => ({ x, s, y: null }));
    const known = new Map(here.map(({ s, y }) => [s, y]));
    return series.map((s) => ({ x, s, y: known.get(s) ?? 0 }));
  });
