import type { DeclaredAlarm } from './alarms.ts';
import { alarmName } from './alarms.ts';
import type { ServiceFacts } from './facts.ts';
import { groupsOf, type SavedQuery } from './saved-queries.ts';
import type { Series } from './series.ts';

/** A widget of a CloudWatch dashboard, as its body has it. */
export type Widget = { type: string; x: number; y: number; width: number; height: number; properties: object };
/** One that has no place yet. `weight`: of the width of its row. */
export type Unplaced = { type: string; height: number; weight?: number; properties: object };

const REGION = '${AWS::Region}';

export const COLOURS = {
  blue: '#1f77b4',
  green: '#2ca02c',
  orange: '#ff7f0e',
  red: '#d62728',
  grey: '#7f7f7f',
  violet: '#9467bd',
  brown: '#8c564b',
  teal: '#17becf',
} as const;
export type Colour = keyof typeof COLOURS;

export type Line = {
  label: string;
  colour?: Colour;
  /** On the axis at the right. */
  right?: boolean;
} & (
  | { of: Series; stat: string; region?: string }
  /** Metric math; the series in it are not drawn themselves. */
  | { expression: string; over: Readonly<Record<string, { of: Series; stat: string }>> }
);

export const line = (label: string, of: Series, stat: string, colour?: Colour, right?: boolean): Line => ({
  label,
  of,
  stat,
  ...(colour && { colour }),
  ...(right && { right }),
});

const metric = ({ namespace, name, dimensions }: Series, options: object) => [
  namespace,
  name,
  ...Object.entries(dimensions).flat(),
  options,
];

const metricsOf = (lines: readonly Line[]): unknown[] =>
  lines.flatMap((one) => {
    const look = {
      label: one.label,
      ...(one.colour && { color: COLOURS[one.colour] }),
      ...(one.right && { yAxis: 'right' }),
    };
    if ('of' in one) return [metric(one.of, { stat: one.stat, ...look, ...(one.region && { region: one.region }) })];
    const hidden = Object.entries(one.over).map(([id, { of, stat }]) => metric(of, { id, stat, visible: false }));
    return [[{ expression: one.expression, ...look }], ...hidden];
  });

type ChartOptions = {
  period_s?: number;
  stacked?: boolean;
  /** What the axes are labelled with. */
  left?: string;
  right?: string;
  height?: number;
  weight?: number;
  /** A line across, with what it says. */
  limit?: { label: string; value: number };
};

export const chart = (title: string, lines: readonly Line[], options: ChartOptions = {}): Unplaced => {
  const { period_s = 300, stacked = false, left, right, height = 6, weight, limit } = options;
  const axis = (label?: string) => ({ min: 0, ...(label && { label, showUnits: false }) });
  return {
    type: 'metric',
    height,
    ...(weight && { weight }),
    properties: {
      title,
      region: REGION,
      view: 'timeSeries',
      stacked,
      period: period_s,
      yAxis: { left: axis(left), ...(lines.some((one) => one.right) && { right: axis(right) }) },
      ...(limit && { annotations: { horizontal: [{ ...limit, color: COLOURS.red }] } }),
      metrics: metricsOf(lines),
    },
  };
};

/** The newest value, or what the whole time shown adds up to. */
export const figures = (
  title: string,
  lines: readonly Line[],
  { whole = true, period_s = 300, height = 3, weight }: ChartOptions & { whole?: boolean } = {},
): Unplaced => ({
  type: 'metric',
  height,
  ...(weight && { weight }),
  properties: {
    title,
    region: REGION,
    view: 'singleValue',
    period: period_s,
    ...(whole && { setPeriodToTimeRange: true }),
    metrics: metricsOf(lines),
  },
});

export const table = (
  title: string,
  query: SavedQuery,
  facts: ServiceFacts,
  { height = 6, weight }: { height?: number; weight?: number } = {},
): Unplaced => ({
  type: 'log',
  height,
  ...(weight && { weight }),
  properties: {
    title,
    region: REGION,
    view: 'table',
    query: [...groupsOf(query, facts).map((group) => `SOURCE '${group}'`), ...query.steps].join(' | '),
  },
});

export const words = (markdown: string, height = 2): Unplaced => ({ type: 'text', height, properties: { markdown } });

export const alarmLights = (title: string, alarms: readonly Pick<DeclaredAlarm, 'name'>[], height = 4): Unplaced => ({
  type: 'alarm',
  height,
  properties: {
    title,
    alarms: alarms.map(
      ({ name }) => `arn:\${AWS::Partition}:cloudwatch:${REGION}:\${AWS::AccountId}:alarm:${alarmName(name)}`,
    ),
  },
});

const COLUMNS = 24;

/** Puts rows of widgets below each other, each row as wide as the dashboard. */
export const placed = (rows: readonly (readonly Unplaced[])[]): Widget[] => {
  let y = 0;
  return rows.flatMap((row) => {
    const height = Math.max(...row.map((one) => one.height));
    const weights = row.reduce((sum, { weight = 1 }) => sum + weight, 0);
    let x = 0;
    let before = 0;
    const widgets = row.map(({ type, weight = 1, properties }) => {
      before += weight;
      const end = Math.round((COLUMNS * before) / weights);
      const widget = { type, x, y, width: end - x, height, properties };
      x = end;
      return widget;
    });
    y += height;
    return widgets;
  });
};
