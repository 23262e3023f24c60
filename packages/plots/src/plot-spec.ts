/**
 * The Vega-Lite specification of a plot. The data's columns are called x, y and s whatever the dataset calls them, and
 * text of the dataset or the caller stands in values and titles only: the expressions in here are constants.
 */
import type { Field } from '@granary/tabular/table';
import { isCategory, isTemporal, isYear, type PlotColumns } from './choose-columns.ts';
import { describePlot, yLabel } from './describe-plot.ts';
import type { MeasureText } from './font-widths.ts';
import { labelOf } from './humanise.ts';
import { DEGREES, extentOf, isMap } from './places-on-earth.ts';
import { plainText } from './plain-text.ts';
import type { Theme } from './plot-query.ts';
import type { Point } from './point.ts';
import type { Drawing } from './reduce-points.ts';
import { COLOURS, type Colours, configOf } from './themes.ts';
import { wrapText } from './wrap-text.ts';

export type PlotText = { title: string; lead: string; notes: readonly string[] };
export type PlotSize = { width: number; height: number };
export type Spec = Record<string, unknown> & { description: string };

/** Room on the left and right, and below for the line that says where the data is from. */
export const MARGIN = { side: 18, top: 16, bottom: 36 };
const MOST_LINES = 4;
const FEW_POINTS = 40;
/** Whole numbers as they are, large ones short: 1.2M; d3 would write 1.2 G for a billion. */
const NUMBER =
  "abs(datum.value) >= 10000 ? replace(format(datum.value, '.3~s'), 'G', 'B') : format(datum.value, ',.6~g')";

export const plotSpec = (
  columns: PlotColumns,
  drawing: Drawing,
  text: PlotText,
  { width, height, theme, measure }: PlotSize & { theme: Theme; measure: MeasureText },
): Spec => {
  const colours = COLOURS[theme];
  const room = width - 2 * MARGIN.side;
  const lines = [text.lead, ...text.notes].flatMap((line) => wrapText(line, room / 11.5, measure));
  const cut = lines.length > MOST_LINES ? [...lines.slice(0, MOST_LINES - 1), `${lines[MOST_LINES - 1]} …`] : lines;
  const values = drawing.points.map((point) => datumOf(point, columns, drawing));
  const base = {
    $schema: 'https://vega.github.io/schema/vega-lite/v6.json',
    description: describePlot(columns, drawing, text),
    width,
    height,
    autosize: { type: 'fit', contains: 'padding' },
    padding: { left: MARGIN.side, right: MARGIN.side, top: MARGIN.top, bottom: MARGIN.bottom },
    background: colours.background,
    title: { text: titleLines(text.title, room, measure), subtitle: cut, limit: room },
    config: configOf(colours),
  };
  if (values.every(({ y }) => y === null)) {
    const words = drawing.missing.length > 0 ? 'The figures are missing' : 'No rows match';
    const mark = { type: 'text', text: words, fontSize: 18, color: colours.faint, baseline: 'middle' };
    return { ...base, data: { values: [{}] }, mark };
  }
  return { ...base, data: { values }, ...layer(columns, drawing, colours, { width, height, values, measure }) };
};

const titleLines = (title: string, room: number, measure: MeasureText): string | string[] => {
  const lines = wrapText(plainText(title), room / 17, measure);
  // What does not fit the second line is cut there.
  return lines.length > 1 ? [lines[0], lines.slice(1).join(' ')] : lines[0];
};

type Datum = { x: string | number; y: number | null; s?: string; o?: number; rest?: true };
type Room = PlotSize & { values: readonly Datum[]; measure: MeasureText };

/** Bars and heatmaps put an ordered x under names, in its order: then times are written as text. */
const isBanded = ({ x, mark }: PlotColumns): boolean => isCategory(x) || mark === 'bar' || mark === 'heatmap';

const writtenPlace = (x: Point['x'], columns: PlotColumns): string | number =>
  isTemporal(columns.x) && isBanded(columns) ? new Date(x).toISOString() : x;

const datumOf = ({ x, y, s }: Point, columns: PlotColumns, { series, other }: Drawing): Datum => {
  const place = { x: writtenPlace(x, columns), y };
  // `o` stacks series in their order.
  if (s === null) return x === other.names ? { ...place, rest: true } : place;
  return { ...place, s, o: series.indexOf(s) };
};

const layer = (columns: PlotColumns, drawing: Drawing, colours: Colours, room: Room): object => {
  const { mark, aggregate } = columns;
  const isFlat = mark === 'bar' && isCategory(columns.x);
  const ticks = Math.max(3, Math.floor(isFlat ? (room.width - 300) / 80 : room.height / 70));
  const additive = aggregate === 'sum' || aggregate === 'count';
  const figure = {
    field: 'y',
    type: 'quantitative',
    title: yLabel(columns),
    scale: { zero: mark !== 'point' },
    axis: { labelExpr: NUMBER, tickCount: ticks },
  };
  const place = placeOf(columns, drawing, room);
  const colour = colourOf(columns, drawing, colours, room);
  const order = { order: { field: 'o', type: 'quantitative' } };
  const stacked = drawing.series.length > 0;
  switch (mark) {
    case 'heatmap':
      return {
        mark: { type: 'rect', stroke: colours.background, strokeWidth: 1 },
        encoding: {
          x: { ...place, axis: { ...place.axis, grid: false } },
          y: {
            field: 's',
            type: 'nominal',
            sort: drawing.series,
            title: columns.series ? labelOf(columns.series) : null,
            axis: { labelLimit: labelRoom(room), grid: false, ticks: false, domain: false },
          },
          color: {
            field: 'y',
            type: 'quantitative',
            title: wrapText(yLabel(columns), 11, room.measure),
            scale: { range: colours.ramp, interpolate: 'lab', ...(isSkewed(room.values) ? { type: 'sqrt' } : {}) },
            legend: { labelExpr: NUMBER, gradientLength: Math.min(200, room.height / 2), tickCount: 5 },
          },
        },
      };
    case 'bar': {
      const length = { ...figure, ...(stacked ? { stack: additive ? 'zero' : null } : {}) };
      const beside =
        stacked && !additive ? { [isFlat ? 'yOffset' : 'xOffset']: { field: 's', sort: drawing.series } } : {};
      return {
        mark: { type: 'bar' },
        encoding: {
          ...(stacked
            ? {}
            : {
                color: { condition: { test: 'datum.rest === true', value: colours.other }, value: colours.series[0] },
              }),
          ...(isFlat ? { y: place, x: length } : { x: place, y: length }),
          ...beside,
          ...colour,
          ...(stacked ? order : {}),
        },
      };
    }
    case 'area': {
      // What stands alone between two gaps has no width but that of its outline.
      const outlined = drawing.missing.length > 0;
      const edge = stacked ? {} : { stroke: colours.series[0] };
      return {
        mark: {
          type: 'area',
          fillOpacity: additive ? 0.85 : 0.4,
          ...plain(drawing, colours),
          ...(outlined ? { strokeWidth: 1, ...edge } : { line: { strokeWidth: 1, ...plain(drawing, colours) } }),
        },
        encoding: {
          x: place,
          y: { ...figure, stack: additive ? 'zero' : null },
          ...colour,
          ...(colour.color && outlined ? { stroke: colour.color } : {}),
          ...(stacked ? order : {}),
        },
      };
    }
    case 'line': {
      const few = drawing.points.length <= FEW_POINTS * Math.max(1, drawing.series.length) && room.width >= 400;
      const dots = few ? { point: { size: 16, filled: true, ...plain(drawing, colours) } } : {};
      return {
        mark: {
          type: 'line',
          strokeWidth: 1.8,
          strokeJoin: 'round',
          invalid: 'break-paths-show-domains',
          ...dots,
          ...plain(drawing, colours),
        },
        encoding: { x: place, y: figure, ...colour },
      };
    }
    default: {
      const many = drawing.points.length > 500;
      const { x, y } = mapAxes(columns, room) ?? { x: place, y: figure };
      return {
        mark: { type: 'circle', size: many ? 14 : 40, opacity: many ? 0.5 : 0.75, ...plain(drawing, colours) },
        encoding: { x, y, ...colour },
      };
    }
  }
};

/** Axes in degrees of the same length, when places on the earth are drawn. */
const mapAxes = (columns: PlotColumns, { width, height, values }: Room): { x: object; y: object } | null => {
  const { x, y, series } = columns;
  if (!y || !isMap(columns)) return null;
  // What titles, labels and a legend leave, roughly.
  const inner = { width: width - 100 - (series ? 150 : 0), height: height - 150 };
  const extent = extentOf(values, inner);
  if (!extent) return null;
  const axis = (field: 'x' | 'y', column: Field, pixels: number) => ({
    field,
    type: 'quantitative',
    title: /^l(at|on|ng|ong)$/.test(column.name) ? { x: 'Longitude', y: 'Latitude' }[field] : labelOf(column),
    scale: { domain: extent[field], zero: false, nice: false },
    axis: { labelExpr: DEGREES[field], tickCount: Math.max(3, Math.floor(pixels / 70)), grid: true, labelFlush: false },
  });
  return { x: axis('x', x, inner.width), y: axis('y', y, inner.height) };
};

/** Whether a few large figures would leave all others one colour. */
const isSkewed = (values: readonly Datum[]): boolean => {
  const figures = values.map(({ y }) => y ?? 0);
  const sum = figures.reduce((total, y) => total + y, 0);
  return figures.every((y) => y >= 0) && Math.max(...figures) * figures.length > 8 * sum;
};

const plain = ({ series }: Drawing, { series: [first] }: Colours) => (series.length === 0 ? { color: first } : {});

const labelRoom = ({ width }: PlotSize): number => Math.min(240, Math.max(80, width * 0.28));

const placeOf = (columns: PlotColumns, drawing: Drawing, room: Room) => {
  const { x, mark } = columns;
  const title = labelOf(x);
  if (isCategory(x)) {
    const flat = mark === 'bar';
    const axis = flat
      ? { labelLimit: labelRoom(room), ticks: false, grid: false }
      : { labelAngle: -40, labelLimit: Math.min(140, room.height / 3), grid: false };
    return { field: 'x', type: 'nominal', sort: null, scale: { domain: drawing.names }, title, axis };
  }
  if (isBanded(columns)) {
    const places = placesOf(columns, drawing, room.values);
    const written = (isTemporal(x) ? shortTimes(places as string[]) : places).map(String);
    const shown = thinned(places, written, room);
    const cut = isTemporal(x) ? { labelExpr: `slice(datum.label, 0, ${written[0].length})` } : {};
    const axis = { values: shown, labelAngle: 0, grid: false, labelFlush: false, ...cut };
    return { field: 'x', type: 'ordinal', sort: null, scale: { domain: places }, title, axis };
  }
  const ticks = Math.max(2, Math.floor((room.width - 150) / 80));
  if (isTemporal(x))
    return { field: 'x', type: 'temporal', scale: { type: 'utc' }, title, axis: { tickCount: ticks, grid: false } };
  const whole = x.type !== 'double' ? { tickMinStep: 1 } : {};
  const axis = {
    tickCount: ticks,
    grid: false,
    labelFlush: false,
    ...whole,
    ...(isYear(x) ? { format: 'd' } : { labelExpr: NUMBER }),
  };
  return { field: 'x', type: 'quantitative', scale: { zero: false, nice: mark === 'point' }, title, axis };
};

/** Those of missing figures too: they are empty, and not left out. */
const placesOf = (columns: PlotColumns, { missing }: Drawing, values: readonly Datum[]): (string | number)[] => {
  const places = new Set([...values.map(({ x }) => x), ...missing.map((x) => writtenPlace(x, columns))]);
  return [...places].sort((a, b) => (a < b ? -1 : 1));
};

/** As much of ISO 8601 times as tells them apart. */
const shortTimes = (times: readonly string[]): string[] => {
  const all = (rest: string) => times.every((time) => time.endsWith(rest));
  const length = all('-01-01T00:00:00.000Z') ? 4 : all('-01T00:00:00.000Z') ? 7 : all('T00:00:00.000Z') ? 10 : 16;
  return times.map((time) => time.slice(0, length));
};

/** As many labels as have room side by side, at even distances; years at round ones. */
const thinned = <T extends string | number>(places: readonly T[], written: readonly string[], room: Room): T[] => {
  const widest = written.reduce((most, text) => Math.max(most, room.measure(text) * 11), 0) + 12;
  const fit = Math.max(1, Math.floor((room.width - 200) / widest));
  const step = [1, 2, 5, 10, 20, 25, 50, 100].find((every) => places.length / every <= fit) ?? places.length;
  const round = places.filter((place) => typeof place === 'number' && Number.isInteger(place) && place % step === 0);
  return round.length >= places.length / step / 2 ? round : places.filter((_, i) => i % step === 0);
};

const SYMBOLS: Readonly<Record<string, string>> = { line: 'stroke', point: 'circle' };

const colourOf = (
  { series: field, mark }: PlotColumns,
  { series, other }: Drawing,
  colours: Colours,
  room: Room,
): { color?: object } => {
  if (series.length === 0 || !field) return {};
  const range = series.map((name, i) =>
    name === other.series ? colours.other : colours.series[i % colours.series.length],
  );
  const symbol = { symbolType: SYMBOLS[mark] ?? 'square', symbolOpacity: 1 };
  const narrow = room.width < 560;
  const widest = Math.min(180, Math.max(...series.map((name) => room.measure(name) * 11)));
  const legend = narrow
    ? {
        ...symbol,
        orient: 'bottom',
        columns: Math.max(1, Math.floor((room.width - 40) / (widest + 40))),
        labelLimit: 180,
      }
    : { ...symbol, orient: 'right', labelLimit: room.width * 0.28 };
  return { color: { field: 's', type: 'nominal', title: labelOf(field), scale: { domain: series, range }, legend } };
};
