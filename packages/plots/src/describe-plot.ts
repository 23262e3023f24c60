/** What a plot shows in words: for its subtitle, and for those who do not see it. */
import { isTemporal, isYear, type PlotColumns } from './choose-columns.ts';
import { grouped, labelOf, nameOf } from './humanise.ts';
import { boundsOf, isMap } from './places-on-earth.ts';
import { plainText } from './plain-text.ts';
import type { PlotFilter } from './plot-query.ts';
import type { Point } from './point.ts';
import type { Drawing } from './reduce-points.ts';

const KINDS = {
  line: 'Line plot',
  bar: 'Bar plot',
  area: 'Area plot',
  point: 'Scatter plot',
  heatmap: 'Heatmap',
} as const;
const AVERAGES: Readonly<Record<string, string>> = { avg: 'Average', min: 'Smallest', max: 'Largest' };

/** `Quantity (L)`, `Average quantity (L)`, `Rows`. */
export const yLabel = ({ y, aggregate }: PlotColumns): string => {
  if (y === null) return 'Rows';
  const label = labelOf(y);
  const word = AVERAGES[aggregate];
  return word ? `${word} ${label[0].toLowerCase()}${label.slice(1)}` : label;
};

/** The first line of the subtitle: what by what, of which version, filtered how. */
export const leadOf = (columns: PlotColumns, filters: readonly PlotFilter[], version: number): string => {
  const { x, series } = columns;
  const map = columns.mark === 'point' && isMap(columns);
  const by = map
    ? `places${series ? ` by ${nameOf(series).toLowerCase()}` : ''}`
    : [x, ...(series ? [series] : [])].map((field) => nameOf(field).toLowerCase()).join(' and ');
  const where = filters.length > 0 ? ` · where ${filters.map((filter) => filter.join('=')).join(' & ')}` : '';
  return plainText(`${map ? 'The rows as ' : `${yLabel(columns)} by `}${by}${where} · version ${version}`, 300);
};

/** Alternative text: kind, axes, series, extent, the largest figure, and whatever was left out. */
export const describePlot = (
  columns: PlotColumns,
  { points, series, missing, notes }: Drawing,
  { lead }: { lead: string },
): string => {
  const kind = `${KINDS[columns.mark]}: ${lead}.`;
  const known = points.filter(({ y }) => y !== null);
  if (known.length === 0)
    return [kind, missing.length > 0 ? 'The figures are missing.' : 'No rows match.', ...notes].join(' ');
  const names = series.length > 0 && columns.series ? `${nameOf(columns.series)}: ${series.join(', ')}.` : '';
  const bounds = columns.mark === 'point' && isMap(columns) ? boundsOf(known) : undefined;
  if (bounds)
    return [`Map: ${lead}.`, names, `${grouped(known.length)} places ${bounds}.`, ...notes].filter(Boolean).join(' ');
  const place = placeWriter(columns);
  const extent = typeof known[0].x === 'number' ? `from ${place(known[0])} to ${place(known[known.length - 1])}` : '';
  const largest = known.reduce((most, point) => ((point.y ?? 0) > (most.y ?? 0) ? point : most));
  const where = [place(largest), ...(largest.s === null ? [] : [largest.s])].join(', ');
  const figures = `${grouped(known.length)} ${known.length === 1 ? 'figure' : 'figures'} ${extent}`.trim();
  return [kind, names, `${figures}; the largest is ${written(largest.y ?? 0)} (${where}).`, ...notes]
    .filter(Boolean)
    .join(' ');
};

const placeWriter =
  ({ x }: PlotColumns) =>
  ({ x: place }: Point): string => {
    if (typeof place === 'string') return place;
    if (isTemporal(x)) return new Date(place).toISOString().replace(/T00:00:00\.000Z$/, '');
    return isYear(x) ? String(place) : written(place);
  };

const written = (figure: number): string => {
  if (Math.abs(figure) >= 1e15 || (figure !== 0 && Math.abs(figure) < 1e-4)) return figure.toPrecision(6);
  const [whole, decimals] = String(Number(figure.toFixed(4))).split('.');
  return whole.replace(/\B(?=(\d{3})+$)/g, ',') + (decimals ? `.${decimals}` : '');
};
