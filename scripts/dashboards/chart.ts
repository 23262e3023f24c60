/** A chart of a dashboard as SVG, drawn by Vega with the font of the plots. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { readFontWidths } from '@granary/plots/font-widths';
import * as vega from 'vega';
import { compile, type TopLevelSpec } from 'vega-lite';
import { type Line, periodOf, type Times, type Widget } from './ask.ts';

export const FONT = 'DejaVu Sans';
export const fontFile = createRequire(import.meta.url).resolve('dejavu-fonts-ttf/ttf/DejaVuSans.ttf');
const widths = readFontWidths(readFileSync(fontFile));
export const widthOf = (text: string, size: number): number => widths(text) * size;

/** Its types leave this out; it would guess, and labels would overlap. */
const { textMetrics } = vega as unknown as {
  textMetrics: { width(item: { fontSize?: number; limit?: number }, text: unknown): number };
};
textMetrics.width = (item, text) => {
  const width = widthOf(String(text ?? ''), item.fontSize ?? 11);
  return item.limit && item.limit > 0 ? Math.min(width, item.limit) : width;
};

const INK = '#444';
const DAY_MS = 86_400_000;
/** Lines of so few points show each of them: where periods without a value lie between, one would not be seen. */
const FEW = 16;
const axis = (title: string | undefined, more: object = {}) => ({
  title: title ?? null,
  titleFontWeight: 'normal',
  tickCount: 4,
  labelFontSize: 9,
  titleFontSize: 9,
  labelColor: INK,
  titleColor: INK,
  domain: false,
  ticks: false,
  // Each with its own prefix: 0.5, 500, 1k.
  labelExpr: "format(datum.value, abs(datum.value) < 1 ? '~g' : '~s')",
  ...more,
});

const MINUTE_MS = 60_000;
const STEPS = [1, 2, 5, 10, 15, 30, 60, 120, 180, 360, 720, 1440, 2880, 10_080];
/** Five times at most, round ones. */
const ticksOf = (from: number, to: number): number[] => {
  const step = (STEPS.find((minutes) => (to - from) / (minutes * MINUTE_MS) <= 5) ?? 20_160) * MINUTE_MS;
  const first = Math.ceil(from / step) * step;
  return Array.from({ length: Math.floor((to - first) / step) + 1 }, (_, n) => first + n * step);
};

export type Size = { width: number; height: number };

export const drawChart = async (
  { properties }: Widget,
  lines: readonly Line[],
  { from, to }: Times,
  { width, height }: Size,
): Promise<string> => {
  const { stacked, yAxis, annotations } = properties;
  const period_ms = periodOf({ properties }, { from, to }) * 1000;
  const values = lines.flatMap(({ label, right, points }) => points.map((point) => ({ label, right, ...point })));
  const color = {
    field: 'label',
    type: 'nominal',
    legend: null,
    scale: { domain: lines.map(({ label }) => label), range: lines.map((one) => one.color) },
  };
  const x = {
    field: 'at',
    type: 'temporal',
    scale: { domain: [from, to], type: 'utc' },
    axis: axis(undefined, {
      ...{ labelExpr: undefined, format: to - from > 2 * DAY_MS ? '%d %b' : '%H:%M' },
      ...{ values: ticksOf(from, to), grid: false, domain: true, domainColor: '#bbb' },
    }),
  };
  const most = (right: boolean) => {
    const some = values.filter((one) => one.right === right);
    const limit = right ? 0 : Math.max(0, ...(annotations?.horizontal ?? []).map(({ value }) => value));
    const sums = Map.groupBy(some, ({ at }) => (stacked ? at : Math.random()));
    return Math.max(limit, ...[...sums.values()].map((ones) => ones.reduce((sum, { value }) => sum + value, 0)));
  };
  const fewPoints = Math.max(0, ...lines.map(({ points }) => points.length)) <= FEW;
  const layer = (right: boolean) => {
    const scale = { domain: [0, most(right) * 1.05 || 1], nice: false };
    const orient = right ? 'right' : 'left';
    const label = right ? yAxis?.right?.label : yAxis?.left?.label;
    const y = {
      field: 'value',
      type: 'quantitative',
      scale,
      stack: stacked ? 'zero' : null,
      axis: axis(label, { orient, grid: !right, gridColor: '#eee' }),
    };
    // Periods without a value have no line; a point that stands alone is seen all the same.
    const mark = stacked
      ? { type: 'bar', size: Math.max(2, Math.min(24, 0.7 * width * (period_ms / (to - from)))), clip: true }
      : { type: 'line', strokeWidth: 1.4, clip: true, ...(fewPoints && { point: { size: 10 } }) };
    return {
      transform: [{ filter: `datum.right === ${right}` }],
      mark,
      encoding: { x, y, color },
    };
  };
  const limits = (annotations?.horizontal ?? []).map(({ value, color: stroke }) => ({
    data: { values: [{ value }] },
    mark: { type: 'rule', color: stroke, strokeDash: [4, 3] },
    encoding: { y: { field: 'value', type: 'quantitative' } },
  }));
  const rights = lines.some(({ right }) => right) ? [layer(true)] : [];
  const spec = {
    $schema: 'https://vega.github.io/schema/vega-lite/v6.json',
    width,
    height,
    autosize: { type: 'fit', contains: 'padding' },
    padding: 0,
    background: 'transparent',
    config: { font: FONT, view: { stroke: null } },
    data: { values },
    layer: [{ layer: [layer(false), ...limits] }, ...rights],
    resolve: { scale: { y: 'independent' } },
  };
  const { spec: compiled } = compile(spec as unknown as TopLevelSpec);
  const view = new vega.View(vega.parse(compiled), { renderer: 'none' });
  try {
    const svg = await view.toSVG();
    return (
      svg
        // Nobody sees a hundredth of a pixel.
        .replace(/-?\d+\.\d{2,}/g, (figure) => String(Number(Number(figure).toFixed(1))))
        // The page says what it shows; what is left out here is for pages that are worked with.
        .replace(/ (?:aria-[a-z]+|role|class|aria-roledescription|pointer-events|opacity|font-family)="[^"]*"/g, '')
        .replace(/<path d="M0,0h0v0h0Z"\/>|<path d="" display="none"\/>|<g><\/g>|<g\/>/g, '')
    );
  } finally {
    view.finalize();
  }
};
