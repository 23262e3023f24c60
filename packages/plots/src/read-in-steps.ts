import { InvalidRequest } from '@granary/domain/errors';
import type { OpenTable } from '@granary/tabular/query/open-table';
import type { Condition } from '@granary/tabular/query/query';
import type { Field } from '@granary/tabular/table';
import { isCategory, isTemporal, type PlotColumns } from './choose-columns.ts';
import { eachRow } from './each-row.ts';
import { grouped } from './humanise.ts';
import { queryOf } from './plot-query.ts';
import { type Figure, figureOf, makePlaces, placeOf } from './plotted-figures.ts';
import { niceSize, numberStep, type Step, TIME_STEPS } from './steps.ts';

/** Along x, at most; still many times what is drawn. */
const MOST_STEPS = 20_000;
const MOST_PLACES = 200_000;

export type InSteps = { figures: Figure[]; placeless: number; step: string };

/**
 * Aggregates a table of which there are more groups than the query engine makes: row by row, x in small steps. Throws
 * InvalidRequest where x has no order, or there are too many places all the same.
 */
export const readInSteps = async (
  table: OpenTable,
  where: Condition | null,
  columns: PlotColumns,
  fields: readonly Field[],
): Promise<InSteps> => {
  const { x, y, series, aggregate } = columns;
  const tooMany = InvalidRequest.of(
    series ? 'series' : 'x',
    'has too many values to draw',
    `There are more than ${grouped(MOST_PLACES)} places by ${x.name}${series ? ` and ${series.name}` : ''}: name columns with fewer values, or filter.`,
  );
  if (isCategory(x)) throw tooMany;
  const extent = queryOf(`lo:${x.name}.min(),hi:${x.name}.max()`, [], fields);
  let ends: (string | number | null)[] = [];
  await eachRow(table, { ...extent, where }, (row) => {
    ends = row.map((cell) => placeOf(x, cell));
  });
  const [low, high] = ends as number[];
  const step = stepOf(x, (high ?? 0) - (low ?? 0));

  const places = makePlaces(aggregate);
  let placeless = 0;
  const rows = queryOf(
    [x, ...(series ? [series] : []), ...(y ? [y] : [])].map(({ name }) => name).join(','),
    [],
    fields,
  );
  await eachRow(table, { ...rows, where }, (row) => {
    // A counted row is a one; a missing figure counts for no average.
    const figure = figureOf([...row, 1], columns);
    if (!figure) placeless++;
    else places.add({ ...figure, x: step.floor(figure.x as number), n: figure.v === null ? 0 : 1 });
    if (places.size > MOST_PLACES) throw tooMany;
  });
  return { figures: places.figures(), placeless, step: step.name };
};

/** Powers of ten: every step that is drawn afterwards is a whole number of them. */
const stepOf = (x: Field, extent: number): Step => {
  const least = extent / MOST_STEPS;
  if (isTemporal(x)) return TIME_STEPS.find(({ size }) => size >= least) ?? (TIME_STEPS.at(-1) as Step);
  const size = niceSize(least > 0 ? least : 1, [1, 10]);
  return numberStep(x.type === 'double' ? size : Math.max(1, size));
};
