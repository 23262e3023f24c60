import type { Cell, Schema } from '@granary/tabular/table';
import { describe, expect, it } from '@jest/globals';
import { drawTable } from './testing/draw-table.ts';

const PROFITS: Schema = {
  fields: [
    { name: 'shop', type: 'string', nullable: true },
    { name: 'year', type: 'int32', nullable: true },
    { name: 'profit', type: 'double', nullable: true, unit: 'US$' },
  ],
  key: ['shop', 'year'],
};
const draw = (rows: Cell[][]) => drawTable(PROFITS, rows);
// biome-ignore lint/suspicious/noExplicitAny: the tests assert what the specification holds.
const spec = async (rows: Cell[][], query: object): Promise<any> =>
  JSON.parse((await draw(rows)({ ...query, format: 'vega' })) as string);

const UP_AND_DOWN: Cell[][] = [
  ['a', 2020, 5],
  ['a', 2021, -3],
  ['b', 2020, 2],
  ['b', 2021, 4],
];
const SENTENCE = 'Figures are below zero: drawn as lines, since areas would hide one another.';

describe('Areas', () => {
  it.each([{}, { series: '' }, { aggregate: 'min' }])(
    'R19: of figures below zero are drawn as lines, and it is said: %j',
    async (query) => {
      const rows = 'series' in query ? [['a', 2020, 5] as Cell[], ['b', 2021, -3] as Cell[]] : UP_AND_DOWN;
      const { mark, encoding, title, description } = await spec(rows, { mark: 'area', ...query });
      expect([mark.type, encoding.y.stack]).toEqual(['line', undefined]);
      expect(title.subtitle.join(' ')).toContain(SENTENCE);
      expect(description).toMatch(/^Line plot: .*drawn as lines/);
      expect(await draw(rows)({ mark: 'area', ...query })).not.toContain('mark-area');
    },
  );

  it('R19: stay areas where only what they are of is below zero, not what is drawn', async () => {
    const { mark, title } = await spec(UP_AND_DOWN, { mark: 'area', series: '' });
    expect([mark.type, title.subtitle.join(' ').includes(SENTENCE)]).toEqual(['area', false]);
  });

  it('R19: have the figures of the lines, and the gaps that lines have', async () => {
    const rows: Cell[][] = [...UP_AND_DOWN, ['b', 2022, null], ['b', 2023, 7]];
    const [asked, line] = [await spec(rows, { mark: 'area' }), await spec(rows, { mark: 'line' })];
    expect(asked.data.values).toEqual(line.data.values);
  });
});

describe('Bars of names', () => {
  const namesOf = async (rows: Cell[][], query: object): Promise<string[]> =>
    (await spec(rows, { mark: 'bar', x: 'shop', ...query })).data.values.map(
      ({ x, y }: { x: string; y: number }) => `${x} ${y}`,
    );
  // By their sums it would be 'often' first.
  const UNEVEN: Cell[][] = [
    ...[764, 764, 764].map((profit, i): Cell[] => ['often', 2020 + i, profit]),
    ['once', 2020, 768],
    ['now and then', 2020, 700],
    ['now and then', 2021, 740],
  ];

  it('R20: stand in the order of what is drawn, of averages too', async () => {
    expect(await namesOf(UNEVEN, { aggregate: 'avg' })).toEqual(['once 768', 'often 764', 'now and then 720']);
    expect(await namesOf(UNEVEN, {})).toEqual(['often 2292', 'now and then 1440', 'once 768']);
    expect(await namesOf(UNEVEN, { aggregate: 'max' })).toEqual(['once 768', 'often 764', 'now and then 740']);
    expect(await namesOf(UNEVEN, { aggregate: 'min' })).toEqual(['once 768', 'often 764', 'now and then 700']);
    expect(await namesOf(UNEVEN, { aggregate: 'count' })).toEqual(['often 3', 'now and then 2', 'once 1']);
  });

  it('R20: that are the largest are so by what is drawn; the rest is one bar', async () => {
    const many = Array.from({ length: 40 }, (_, i): Cell[][] =>
      Array.from({ length: i < 30 ? 5 : 1 }, (_, k) => [`shop ${String(i).padStart(2, '0')}`, 2000 + k, i]),
    ).flat();
    const names = await namesOf(many, { aggregate: 'avg', height: 450 });
    expect(names.slice(0, 3)).toEqual(['shop 39 39', 'shop 38 38', 'shop 37 37']);
    expect(names.at(-1)).toMatch(/^Other \(\d+\) /);
  });

  it('R20: run from far above to far below zero', async () => {
    const rows: Cell[][] = [
      ['loss', 2020, -900],
      ['gain', 2020, 500],
      ['even', 2020, 0],
      ['small loss', 2020, -5],
      ['small gain', 2020, 5],
    ];
    const order = ['gain 500', 'small gain 5', 'even 0', 'small loss -5', 'loss -900'];
    expect(await namesOf(rows, {})).toEqual(order);
    expect(await namesOf(rows, { aggregate: 'avg' })).toEqual(order);
  });
});
