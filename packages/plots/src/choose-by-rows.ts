/**
 * What a look at the rows tells of a plot that was not fully asked for: whether they follow things over time, or are a
 * thing each.
 */
import type { OpenTable } from '@granary/tabular/query/open-table';
import { QueryError } from '@granary/tabular/query/query-error';
import type { Field } from '@granary/tabular/table';
import {
  ABOUT_THE_ROW,
  defaultY,
  isCategory,
  isNumeric,
  isTemporal,
  isText,
  isYear,
  type PlotColumns,
} from './choose-columns.ts';
import { eachRow } from './each-row.ts';
import { isLatitude, isLongitude } from './places-on-earth.ts';
import { type AskedPlot, type PlotFilter, type PlotParameters, queryOf } from './plot-query.ts';

/** Names that a plot can tell apart, as colours and as bars. */
const MOST_COLOURS = 10;
const MOST_BARS = 25;
/** Of a figure's distribution, and of times: the years of a lifetime. */
const MOST_STEPS = 40;
const MOST_TIMES = 90;

type Version = { fields: readonly Field[]; key: readonly string[] };

/**
 * The columns as they were chosen, unless a name that nobody asked for is another one in nearly every row: then nothing
 * is told apart by it, and where nothing was asked for at all the rows are drawn as places on a map, else as the
 * distribution of a figure, else as counts over time.
 */
export const chooseByRows = async (
  table: OpenTable,
  columns: PlotColumns,
  asked: AskedPlot,
  { mark, aggregate }: Pick<PlotParameters, 'mark' | 'aggregate'>,
  version: Version,
): Promise<PlotColumns> => {
  const { x, series } = columns;
  const name = asked.series === undefined && series ? series : asked.x === undefined && isText(x) ? x : null;
  // Where the key has what is along x besides the names, every name comes again and again.
  const repeats = name !== x && version.key.includes(x.name);
  if (name === null || mark === 'heatmap' || repeats) return columns;
  const count = (field: Field) => countOf(table, field, asked.filters, version.fields);
  if (!tellsRows(await count(name), name === x ? MOST_BARS : MOST_COLOURS)) return columns;

  const nothing = [asked.x, asked.y, asked.series, mark, aggregate].every((one) => one === undefined);
  const things = nothing ? await ofThings(columns, version, count) : null;
  return things ?? (name === x ? columns : { ...columns, series: null });
};

type Count = { names: number; rows: number };

/** Whether there are many names, and most have one row. */
const tellsRows = ({ names, rows }: Count, most: number): boolean => names > most && rows < 2 * names;

/**
 * How many names there are, and how many rows. Of more than can be counted each row has one of its own, as far as that
 * matters here.
 */
const countOf = async (
  table: OpenTable,
  { name }: Field,
  filters: readonly PlotFilter[],
  fields: readonly Field[],
): Promise<Count> => {
  const found = { names: 0, rows: 0 };
  try {
    await eachRow(table, queryOf(`${name},n:count()`, filters, fields), (row) => {
      found.names++;
      found.rows += Number(row[1]);
    });
    return found;
  } catch (error) {
    if (!(error instanceof QueryError)) throw error;
    return { names: table.rows, rows: table.rows };
  }
};

const ofThings = async (
  columns: PlotColumns,
  { fields, key }: Version,
  count: (field: Field) => Promise<Count>,
): Promise<PlotColumns | null> => {
  const data = fields.filter(({ name }) => !ABOUT_THE_ROW.has(name));
  const [longitude, latitude] = [data.find(isLongitude), data.find(isLatitude)];
  if (longitude && latitude) {
    const series = await kindOf(data, key, count);
    return { ...columns, x: longitude, y: latitude, series, mark: 'point', aggregate: 'none' };
  }
  const counted = { ...columns, y: null, series: null, mark: 'bar', aggregate: 'count' } as const;
  const figure = defaultY(
    data.filter((field) => !isNumber(field)),
    key,
    null,
  );
  if (figure) {
    const { rows } = await count(figure);
    return { ...counted, x: figure, most: Math.min(MOST_STEPS, Math.max(10, Math.ceil(Math.sqrt(rows)) + 2)) };
  }
  const time = data.find(isYear) ?? data.find(isTemporal);
  if (time) return { ...counted, x: time, most: MOST_TIMES };
  const kind = await kindOf(data, key, count);
  return kind && isCategory(kind) ? { ...counted, x: kind } : null;
};

/** A text that says of what kind each thing is: few of them, of many things. */
const kindOf = async (
  data: readonly Field[],
  key: readonly string[],
  count: (field: Field) => Promise<Count>,
): Promise<Field | null> => {
  for (const field of data.filter((one) => isText(one) && !key.includes(one.name)).slice(0, 5)) {
    const { names, rows } = await count(field);
    if (names >= 2 && names <= MOST_COLOURS && rows >= 4 * names) return field;
  }
  return null;
};

/** A number that is a name: nobody asks how such are distributed. */
const isNumber = (field: Field): boolean =>
  isNumeric(field) && /^(id|code|codigo|cod|number|numero|no|nr)$|_(id|code|codigo|number|numero)$/.test(field.name);
