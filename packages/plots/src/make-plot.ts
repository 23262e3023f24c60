import type { Dataset, PublishedVersion } from '@granary/domain/dataset';
import type { OpenTable } from '@granary/tabular/query/open-table';
import { chooseByRows } from './choose-by-rows.ts';
import { chooseColumns, type PlotColumns } from './choose-columns.ts';
import { leadOf } from './describe-plot.ts';
import { plainText } from './plain-text.ts';
import { type AskedPlot, asInvalid, type PlotParameters, readAsked } from './plot-query.ts';
import { plotSpec, type Spec } from './plot-spec.ts';
import { readPoints } from './read-points.ts';
import { recordsPath } from './records-path.ts';
import { type Drawing, reducePoints } from './reduce-points.ts';
import { COLOURS } from './themes.ts';

/**
 * The plot that is asked for of a version: the same bytes every time. Throws InvalidRequest for columns and filters
 * that do not fit.
 */
export const makePlot = async (
  query: PlotParameters,
  { title }: Pick<Dataset, 'title'>,
  version: PublishedVersion,
  open: () => Promise<OpenTable>,
): Promise<string | Uint8Array> => {
  const { theme, width, height, format, scale } = query;
  const asked = readAsked(query, version.fields);
  const chosen = chooseColumns(asked, query, version);
  const table = await open();
  const { columns, points } = await (async () => {
    const columns = await chooseByRows(table, chosen, asked, query, version);
    return { columns, points: await readPoints(table, columns, asked.filters, version.fields) };
  })().catch((error: unknown) => {
    throw asInvalid(error);
  });
  const { drawn, drawing } = withoutNegativeAreas(columns, (columns) => reducePoints(points, columns, query));
  const text = { title: plainText(title), lead: leadOf(drawn, asked.filters, version.version), notes: drawing.notes };
  const { drawPng, drawSvg, measureText } = await import('./drawing.ts');
  const spec = plotSpec(drawn, drawing, text, { width, height, theme, measure: measureText() });
  if (format === 'vega') return `${JSON.stringify(spec)}\n`;
  const svg = await drawSvg(spec, frameOf(query, asked, spec, version, text.title));
  if (format === 'svg') return svg;
  return drawPng(svg, scale);
};

/**
 * Areas are filled down to zero and lie on one another: what is below zero would be drawn over others, so that no
 * height could be read.
 */
const withoutNegativeAreas = (
  columns: PlotColumns,
  reduce: (columns: PlotColumns) => Drawing,
): { drawn: PlotColumns; drawing: Drawing } => {
  const drawing = reduce(columns);
  if (columns.mark !== 'area' || !drawing.points.some(({ y }) => y !== null && y < 0))
    return { drawn: columns, drawing };
  const drawn = { ...columns, mark: 'line' } as const;
  const asLines = reduce(drawn);
  const note = 'Figures are below zero: drawn as lines, since areas would hide one another.';
  return { drawn, drawing: { ...asLines, notes: [note, ...asLines.notes] } };
};

const frameOf = (
  { theme, width, height }: PlotParameters,
  { filters }: AskedPlot,
  { description }: Spec,
  { dataset, version, published_at }: PublishedVersion,
  title: string,
) => ({
  title,
  description,
  // From /v1/plots/<id>, wherever API Gateway puts its stage.
  href: `../..${recordsPath(dataset, version, filters)}`,
  source: `Granary · ${dataset}, version ${version} of ${published_at.slice(0, 10)}`,
  width,
  height,
  colours: COLOURS[theme],
});
