/** Counts in steps of one width, empty ones too: a distribution has gaps where nothing is. */
import { isTemporal, type PlotColumns } from './choose-columns.ts';
import { type Figure, unite } from './plotted-figures.ts';
import { niceSize, numberStep, type Step, TIME_STEPS } from './steps.ts';

type Extent = readonly [low: number, high: number];

export const extentOf = (values: readonly number[]): Extent => {
  let [low, high] = [values[0] as number, values[0] as number];
  for (const value of values) {
    if (value < low) low = value;
    if (value > high) high = value;
  }
  return [low, high];
};

export const stepOfNumbers = ([low, high]: Extent, most: number): Step =>
  numberStep(niceSize(high / (most - 1) - low / (most - 1)));

/** `isPlain`: a step is one whole number, which need not be said. */
export type Even = { figures: Figure[]; name: string; isPlain: boolean };

/**
 * Figures that are counts, in at most `most` steps from the first to the last; null where there are none, or all are at
 * one place.
 */
export const evenSteps = (figures: readonly Figure[], { x, aggregate }: PlotColumns, most: number): Even | null => {
  const places = figures.map((figure) => figure.x as number);
  const [low, high] = extentOf(places);
  if (places.length === 0 || low === high) return null;
  const step = stepOf(x.type, [low, high], most);
  const counted = unite(
    figures.map((figure) => ({ ...figure, x: step.floor(figure.x as number) })),
    aggregate,
  );
  const known = new Set(counted.map((figure) => figure.x));
  const empty: Figure[] = [];
  // The middle of the next step is in it, however long a month is.
  for (let at = step.floor(low); at <= high && empty.length < most; at = step.floor(at + 1.5 * step.size))
    if (!known.has(at)) empty.push({ x: at, s: null, v: 0, n: 1 });
  return { figures: [...counted, ...empty], name: step.name, isPlain: !isTemporal(x) && step.size === 1 };
};

const stepOf = (type: PlotColumns['x']['type'], [low, high]: Extent, most: number): Step => {
  if (type === 'date' || type === 'timestamp')
    return TIME_STEPS.find(({ size }) => (high - low) / size < most) ?? (TIME_STEPS.at(-1) as Step);
  const step = stepOfNumbers([low, high], most);
  return type === 'double' || step.size >= 1 ? step : numberStep(1);
};
