import type { Cell, Field, Schema } from '@granary/tabular/table';
import { describe, expect, it } from '@jest/globals';
import { drawTable } from './testing/draw-table.ts';

const field = (name: string, type: Field['type'], unit?: string): Field => ({
  name,
  type,
  nullable: true,
  ...(unit && { unit }),
});
const FIELDS = [
  field('code', 'string'),
  field('place', 'string'),
  field('kind', 'string'),
  field('altitude', 'double', 'm'),
  field('lat', 'double'),
  field('lon', 'double'),
  field('date', 'date'),
  field('line', 'int32'),
];
/** 300 stations from 33 to 3 degrees south and 70 to 40 west; one a month from 1990, of 280 places and three kinds. */
const STATIONS: Cell[][] = Array.from({ length: 300 }, (_, i) => [
  `S${String(i).padStart(4, '0')}`,
  `Place ${i % 280}`,
  ['coast', 'hills', 'inland'][i % 3],
  ((i * 37) % 300) * 5,
  -33 + ((i * 7) % 300) / 10,
  -70 + ((i * 11) % 300) / 10,
  `${1990 + Math.floor(i / 12)}-${String(1 + (i % 12)).padStart(2, '0')}-15`,
  i + 2,
]);

/** The stations with some of their columns. */
const stations = (names: readonly string[], key: readonly string[] = ['code']) => {
  const fields = FIELDS.filter(({ name }) => names.includes(name));
  const rows = STATIONS.map((row) => row.filter((_, i) => names.includes(FIELDS[i].name)));
  return drawTable({ fields, key } as Schema, rows, 'Stations');
};
// biome-ignore lint/suspicious/noExplicitAny: the tests assert what the specification holds.
const spec = async (from: ReturnType<typeof drawTable>, query: object = {}): Promise<any> =>
  JSON.parse((await from({ ...query, format: 'vega' })) as string);
type Datum = { x: number | string; y: number; s?: string };

const ALL = ['code', 'place', 'altitude', 'lat', 'lon', 'date', 'line'];

describe('The plot of rows that are a thing each, when nothing is said', () => {
  it.each([
    ['that is declared', ['code']],
    ['that nobody declared', []],
  ])('R21: is a map where they have longitude and latitude, by a key %s', async (_, key) => {
    const { mark, encoding, data, title, description } = await spec(stations(ALL, key));
    expect([mark.type, encoding.x.title, encoding.y.title, encoding.color]).toEqual([
      'circle',
      'Longitude',
      'Latitude',
      undefined,
    ]);
    expect(data.values).toHaveLength(300);
    const [first] = data.values as Datum[];
    expect(Object.keys(first)).toEqual(['x', 'y']);
    expect(title.subtitle).toEqual(['The rows as places · version 1']);
    expect(description).toBe(
      'Map: The rows as places · version 1. 300 places from 70°W to 40.1°W and from 33°S to 3.1°S.',
    );
  });

  it('R21: is a map whose degrees are as long north as they are east there', async () => {
    const { encoding, width, height } = await spec(stations(ALL));
    const length = ([low, high]: [number, number]) => high - low;
    const [east, north] = [length(encoding.x.scale.domain), length(encoding.y.scale.domain)];
    const perPixel = [(east * Math.cos((18 * Math.PI) / 180)) / (width - 100), north / (height - 150)];
    expect(perPixel[0] / perPixel[1]).toBeCloseTo(1, 2);
    expect(encoding.y.scale.domain[0]).toBeLessThan(-33);
    expect(encoding.x.scale.domain[1]).toBeGreaterThan(-40.1);
  });

  it('R21: tells the few kinds of places apart by colour', async () => {
    const { encoding, title } = await spec(stations([...ALL, 'kind']));
    expect(encoding.color.title).toBe('Kind');
    expect([...encoding.color.scale.domain].sort()).toEqual(['coast', 'hills', 'inland']);
    expect(title.subtitle).toEqual(['The rows as places by kind · version 1']);
  });

  it('R21: is the distribution of a figure where they have no place, empty steps and all', async () => {
    const fields = [field('code', 'string'), field('altitude', 'double', 'm')];
    const rows = STATIONS.map(([code], i): Cell[] => [code, i < 290 ? i : 1000 + i]);
    const { mark, encoding, data, title } = await spec(drawTable({ fields, key: ['code'] }, rows));
    expect([mark.type, encoding.x.title, encoding.y.title]).toEqual(['bar', 'Altitude (m)', 'Rows']);
    const values = data.values as Datum[];
    expect(values.map(({ x }) => x)).toEqual(Array.from({ length: 13 }, (_, i) => i * 100));
    expect(values.map(({ y }) => y)).toEqual([100, 100, 90, 0, 0, 0, 0, 0, 0, 0, 0, 0, 10]);
    expect(title.subtitle).toEqual(['Rows by altitude · version 1', 'Counted in steps of 100.']);
  });

  it('R21: is how many there are of each year where they have a date only', async () => {
    const { mark, data, title } = await spec(stations(['code', 'place', 'date', 'line']));
    const values = data.values as Datum[];
    expect([mark.type, title.subtitle[1]]).toEqual(['bar', 'Counted in steps of years.']);
    expect(values.map(({ y }) => y)).toEqual(Array(25).fill(12));
    expect(values[0].x).toBe('1990-01-01T00:00:00.000Z');
  });

  it('R21: is how many there are of each kind where there is nothing else', async () => {
    const { data } = await spec(stations(['code', 'place', 'kind']));
    expect((data.values as Datum[]).map(({ x, y }) => `${x} ${y}`)).toEqual(['coast 100', 'hills 100', 'inland 100']);
  });

  it('R21: has no series of single rows when some of it is said, and all that is said', async () => {
    const line = await spec(stations(ALL), { x: 'date' });
    expect([line.mark.type, line.encoding.color, line.encoding.y.title]).toEqual(['line', undefined, 'Altitude (m)']);
    const said = await spec(stations(ALL), { x: 'date', series: 'code' });
    expect(said.encoding.color.title).toBe('Code');
    const bars = await spec(stations(ALL), { x: 'place', y: 'altitude' });
    expect([bars.mark.type, bars.encoding.y.title]).toEqual(['bar', 'Place']);
  });

  it('R21: takes columns that are called so for places only where they can be', async () => {
    const fields = [field('code', 'string'), field('lat', 'double'), field('lon', 'double')];
    const rows = STATIONS.map(([code], i): Cell[] => [code, 7_000_000 + i, 300_000 + i]);
    const { encoding, description } = await spec(drawTable({ fields, key: ['code'] }, rows));
    expect([encoding.x.scale.domain, description.startsWith('Scatter plot')]).toEqual([undefined, true]);
  });

  it('R21: is drawn without them where there are none of those, and the same bytes every time', async () => {
    const draw = stations(ALL);
    expect((await spec(draw, { code: 'eq.nobody' })).mark.text).toBe('No rows match');
    expect(await draw({ format: 'png' })).toEqual(await draw({ format: 'png' }));
  });

  it('R21: leaves things that come again and again, and few things, as they were', async () => {
    const fields = [field('shop', 'string'), field('year', 'int32'), field('price', 'double')];
    const many = Array.from({ length: 40 }, (_, i): Cell[] => [`shop ${i % 20}`, 2000 + Math.floor(i / 20), i]);
    for (const key of [['shop', 'year'], []])
      expect((await spec(drawTable({ fields, key }, many))).encoding.color.title).toBe('Shop');
    const few = Array.from({ length: 10 }, (_, i): Cell[] => [`shop ${i}`, 2000 + i, i]);
    expect((await spec(drawTable({ fields, key: ['shop'] }, few))).encoding.color.title).toBe('Shop');
  });
});
