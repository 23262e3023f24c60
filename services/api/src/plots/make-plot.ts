import type { Dataset, PublishedVersion } from '@granary/domain/dataset';
import type { OpenTable } from '@granary/tabular/query/open-table';
import { chooseColumns } from './choose-columns.ts';
import { leadOf } from './describe-plot.ts';
import { plainText } from './plain-text.ts';
import { type Asked, asInvalid, type PlotParameters, readAsked } from './plot-query.ts';
import { plotSpec, type Spec } from './plot-spec.ts';
import { readPoints } from './read-points.ts';
import { recordsPath } from './records-path.ts';
import { reducePoints } from './reduce-points.ts';
import { COLOURS } from './themes.ts';

/** The plot that is asked for of a version: the same bytes every time. Throws InvalidRequest for columns and filters that do not fit. */
export const makePlot = async (
  query: PlotParameters,
  { title }: Pick<Dataset, 'title'>,
  version: PublishedVersion,
  open: () => Promise<OpenTable>,
): Promise<string | Uint8Array> => {
  const { theme, width, height, format, scale } = query;
  const asked = readAsked(query, version.fields);
  const columns = chooseColumns(asked, query, version);
  const points = await readPoints(await open(), columns, asked.filters, version.fields).catch((error: unknown) => {
    throw asInvalid(error);
  });
  const drawing = reducePoints(points, columns, query);
  const text = { title: plainText(title), lead: leadOf(columns, asked.filters, version.version), notes: drawing.notes };
  const { drawPng, drawSvg, measureText } = await import('./drawing.ts');
  const spec = plotSpec(columns, drawing, text, { width, height, theme, measure: measureText() });
  if (format === 'vega') return `${JSON.stringify(spec)}\n`;
  const svg = await drawSvg(spec, frameOf(query, asked, spec, version, text.title));
  if (format === 'svg') return svg;
  return drawPng(svg, scale);
};

const frameOf = (
  { theme, width, height }: PlotParameters,
  { filters }: Asked,
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
