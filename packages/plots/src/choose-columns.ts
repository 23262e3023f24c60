import { InvalidRequest } from '@granary/domain/errors';
import type { Field } from '@granary/tabular/table';
import type { AskedPlot, Mark, PlotAggregate } from './plot-query.ts';

/**
 * What a plot shows. `y` is null when rows are counted; `most`: at most so many steps along x, where fewer than usual
 * tell more.
 */
export type PlotColumns = {
  x: Field;
  y: Field | null;
  series: Field | null;
  mark: Mark;
  aggregate: PlotAggregate;
  most?: number;
};

/** What every row carries besides its data; never chosen unless named. */
export const ABOUT_THE_ROW: ReadonlySet<string> = new Set(['line', 'is_total', 'processing_date', 'note']);
const NUMBERS = new Set(['int32', 'int64', 'double']);
const TIMES = new Set(['date', 'timestamp']);

export const isNumeric = ({ type }: Field): boolean => NUMBERS.has(type);
export const isTemporal = ({ type }: Field): boolean => TIMES.has(type);
/** Whole numbers that are years: written without a thousands separator, and never added up. */
export const isYear = ({ name, type }: Field): boolean =>
  (type === 'int32' || type === 'int64') && /^(year|ano|annee|anio)$|_(year|ano)$|^(year|ano)_/.test(name);
/** Drawn side by side under names, not along a scale. */
export const isCategory = (field: Field): boolean => !isNumeric(field) && !isTemporal(field);

/** Whether figures lie on one another, as parts of a whole: sums and counts of series do, in bars and areas. */
export const isStacked = ({ mark, series, aggregate }: PlotColumns): boolean =>
  (mark === 'bar' || mark === 'area') && series !== null && (aggregate === 'sum' || aggregate === 'count');

type Choice = { mark?: Mark; aggregate?: PlotAggregate };

/**
 * The columns that are asked for, and for the others a rule that docs/plots.md tells: x is the year, else the first
 * date, else the first text; y the first figure with a unit, else the first figure; series the first text of the key,
 * else the first text. `key`: names of the columns that identify a row. Throws InvalidRequest naming the columns there
 * are.
 */
export const chooseColumns = (
  asked: Pick<AskedPlot, 'x' | 'y' | 'series'>,
  { mark: askedMark, aggregate: askedAggregate }: Choice,
  { fields, key }: { fields: readonly Field[]; key: readonly string[] },
): PlotColumns => {
  const find = (parameter: 'x' | 'y' | 'series'): Field | undefined => {
    const name = asked[parameter];
    if (name === undefined || name === '') return undefined;
    const field = fields.find((one) => one.name === name);
    if (field) return field;
    throw refused(parameter, `there is no column '${name.slice(0, 100)}'; the columns are ${names(fields)}`);
  };
  const data = fields.filter(({ name }) => !ABOUT_THE_ROW.has(name));
  const texts = [...data].filter(isText).sort((a, b) => inKey(key, b) - inKey(key, a));

  const x = find('x') ?? defaultX(data, texts, asked.series) ?? fields[0];
  if (!x) throw refused('x', 'the dataset has no columns');
  const mark = askedMark ?? (isCategory(x) ? 'bar' : 'line');
  const y = askedAggregate === 'count' ? null : (find('y') ?? defaultY(data, key, x) ?? null);
  if (y && !isNumeric(y)) {
    const numeric = fields.filter(isNumeric);
    throw refused('y', `'${y.name}' holds no numbers (it is ${y.type}); columns that do are ${names(numeric)}`);
  }
  const aggregate = y === null ? 'count' : (askedAggregate ?? (mark === 'point' ? 'none' : 'sum'));
  if (aggregate === 'none' && mark !== 'point' && mark !== 'line')
    throw refused('aggregate', `'none' is for points and lines; a ${mark} has one figure in each place`);

  const named = find('series');
  // Said to be empty: no series at all.
  const none = asked.series === '';
  const first = texts.find(({ name }) => name !== x.name);
  const second = data.find((field) => field.name !== x.name && (isText(field) || isYear(field)));
  const series =
    named ?? (none ? null : ((mark === 'heatmap' ? (first ?? second) : isCategory(x) ? null : first) ?? null));
  if (mark === 'heatmap' && series === null)
    throw refused('series', `a heatmap needs two columns to cross, x and series; the columns are ${names(fields)}`);
  if (series?.name === x.name) throw refused('series', `'${x.name}' is x already; the columns are ${names(fields)}`);
  return { x, y, series, mark, aggregate };
};

const defaultX = (data: readonly Field[], texts: readonly Field[], series: string | undefined): Field | undefined => {
  const free = data.filter(({ name }) => name !== series);
  return free.find(isYear) ?? free.find(isTemporal) ?? texts.find(({ name }) => name !== series) ?? free[0];
};

export const defaultY = (data: readonly Field[], key: readonly string[], x: Field | null): Field | undefined => {
  const figures = data.filter(
    (field) => isNumeric(field) && field.name !== x?.name && !isYear(field) && !key.includes(field.name),
  );
  return figures.find(({ unit }) => unit !== undefined) ?? figures.find(({ type }) => type === 'double') ?? figures[0];
};

export const isText = ({ type }: Field): boolean => type === 'string';
const inKey = (key: readonly string[], { name }: Field): number => (key.includes(name) ? 1 : 0);
const names = (fields: readonly Field[]): string => fields.map(({ name }) => name).join(', ') || 'none';
const refused = (field: string, message: string): InvalidRequest =>
  InvalidRequest.of(field, message, `${field}: ${message}.`);
