import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import type { Cell, Schema } from '@granary/tabular/table';
import { describe, expect, it } from '@jest/globals';
import { drawTable } from './testing/draw-table.ts';

import { draw, expectSafe, field, PLOTS, refusal, SALES, sales, spec, svg } from './testing/sales.ts';

describe('the five kinds of plots', () => {
  it.each(Object.keys(PLOTS))('a %s is well-formed, safe, and says in words what it shows', async (kind) => {
    const text = await svg(PLOTS[kind]);
    expectSafe(text);
    expect(text).toContain('role="img" aria-label="Sales &#38; &#60;others&#62;"');
    expect(text).toContain('<title>Sales &#38; &#60;others&#62;</title><desc>');
    expect(text).toContain('<a href="../../v1/records/some_table?version=1">');
    expect(/<desc>(.*?)<\/desc>/.exec(text)?.[1]).toMatch(/^(Line|Bar|Area|Scatter) plot: |^Heatmap: /);
    expect(text).toContain('Price (US$)');
  });

  it('have a mark for each figure', async () => {
    const paths = async (query: object, role: string) =>
      (await svg(query)).split(new RegExp(`class="mark-${role} role-mark`)).slice(1);
    expect(await paths(PLOTS.line, 'line')).toHaveLength(3);
    expect(await paths(PLOTS.area ?? {}, 'area')).toHaveLength(3);
    const [bars] = await paths(PLOTS.bar ?? {}, 'rect');
    expect(bars?.split('</g>')[0]?.match(/<path/g)).toHaveLength(3);
    const [points] = await paths(PLOTS.point ?? {}, 'symbol');
    expect(points?.split('</g>')[0]?.match(/<path/g)).toHaveLength(18);
    const [cells] = await paths(PLOTS.heatmap ?? {}, 'rect');
    expect(cells?.split('</g>')[0]?.match(/<path/g)).toHaveLength(18);
  });

  it.each(Object.keys(PLOTS))('a %s has the same bytes every time, as SVG and as PNG', async (kind) => {
    for (const format of ['svg', 'png', 'vega']) {
      const [first] = await Promise.all([draw({ ...PLOTS[kind], format }), svg({ mark: 'heatmap', theme: 'dark' })]);
      expect(await draw({ ...PLOTS[kind], format })).toEqual(first);
    }
  });

  it('has the same bytes in another process, time zone and language', async () => {
    const script = `
      import { drawTable } from ${JSON.stringify(join(import.meta.dirname, './testing/draw-table.ts'))};
      import { createHash } from 'node:crypto';
      const draw = drawTable(${JSON.stringify(SALES)}, ${JSON.stringify(sales)}, 'Sales & <others>');
      for (const query of ${JSON.stringify(Object.values(PLOTS))}) for (const format of ['svg', 'png'])
        console.log(createHash('sha256').update(await draw({ ...query, format })).digest('hex'));`;
    const env = { PATH: process.env.PATH, TZ: 'Pacific/Kiritimati', LANG: 'pt_BR.UTF-8', LC_ALL: 'pt_BR.UTF-8' };
    const node = ['--disable-warning=ExperimentalWarning', '--input-type=module', '--eval', script];
    const there = execFileSync(process.execPath, node, { cwd: import.meta.dirname, env, encoding: 'utf8' }).trim();
    const here: string[] = [];
    for (const query of Object.values(PLOTS))
      for (const format of ['svg', 'png'] as const)
        here.push(
          createHash('sha256')
            .update(await draw({ ...query, format }))
            .digest('hex'),
        );
    expect(there.split('\n')).toEqual(here);
  });

  it('are PNGs of the size that is asked for, or twice that', async () => {
    for (const [scale, width, height] of [
      [1, 640, 300],
      [2, 300, 200],
    ] as const) {
      const png = Buffer.from((await draw({ format: 'png', width, height, scale })) as Uint8Array);
      expect(png.subarray(1, 4).toString()).toBe('PNG');
      expect([png.readUInt32BE(16), png.readUInt32BE(20)]).toEqual([width * scale, height * scale]);
    }
  });

  it('are dark when asked', async () => {
    expect(await svg({ theme: 'dark' })).toContain('fill="#15181d"');
    expect(await svg()).toContain('fill="#ffffff"');
  });

  it('say that no rows match', async () => {
    const text = await svg({ year: 'gt.3000' });
    expectSafe(text);
    expect(text).toContain('>No rows match<');
    expect(text).toContain('where year=gt.3000');
    expect(text).toContain('href="../../v1/records/some_table?year=gt.3000&#38;version=1"');
  });
});

describe('what is drawn', () => {
  it('is by default the first figure with a unit over the years, a series for each text of the key', async () => {
    const { mark, encoding, data } = await spec();
    expect(mark.type).toBe('line');
    expect([encoding.x.title, encoding.y.title, encoding.color.title]).toEqual(['Year', 'Price (US$)', 'Shop']);
    expect(data.values).toHaveLength(18);
    expect(encoding.color.scale.domain).toEqual(['Casa "C"', 'Bar <b>', 'Água & Vinho']);
  });

  it('adds up, averages, finds extremes and counts, of the rows that pass the filters', async () => {
    const y = async (query: object) =>
      (await spec({ x: 'shop', year: ['gte.2019', 'lte.2021'], ...query })).data.values.map(
        (datum: { x: string; y: number }) => `${datum.x[0]} ${datum.y}`,
      );
    expect(await y({})).toEqual(['C 27000', 'B 18000', 'Á 9000']);
    expect(await y({ aggregate: 'avg' })).toEqual(['C 9000', 'B 6000', 'Á 3000']);
    expect(await y({ aggregate: 'min' })).toEqual(['C 6000', 'B 4000', 'Á 2000']);
    expect(await y({ aggregate: 'max', or: '(year.eq.2020,year.eq.2021)' })).toEqual(['C 12000', 'B 8000', 'Á 4000']);
    expect(await y({ aggregate: 'count' })).toEqual(['B 3', 'C 3', 'Á 3']);
  });

  it('has at most ten series, and the rest as one of them', async () => {
    const many = Array.from({ length: 30 }, (_, i) => [`shop ${i}`, 2020, i + 1, null]);
    const { encoding, data, title, description } = await spec({ mark: 'bar', x: 'year' }, drawTable(SALES, many));
    expect(encoding.color.scale.domain).toHaveLength(11);
    expect(data.values.at(-1)).toMatchObject({ s: 'Other (20)', y: 210 });
    expect(title.subtitle.join(' ')).toContain("The 10 largest of 30 in shop; the rest are 'Other (20)'.");
    expect(description).toContain("the rest are 'Other (20)'");
  });

  it('does not take a name of the data for the rest', async () => {
    const many = Array.from({ length: 30 }, (_, i) => [i === 0 ? 'Other (20)' : `shop ${i}`, 2020, 100 - i, null]);
    const { data } = await spec({ mark: 'bar', x: 'year' }, drawTable(SALES, many));
    expect(data.values.map(({ s }: { s: string }) => s)).toEqual(
      expect.arrayContaining(['Other (20)', 'All Other (20)']),
    );
  });

  it('is aggregated in steps, and says so, when there are too many points', async () => {
    const fields = [field('metre', 'int32'), field('depth', 'double')];
    const rows = Array.from({ length: 12_000 }, (_, i) => [i, 1]);
    const from = drawTable({ fields, key: ['metre'] }, rows);
    const { data, title, description } = await spec({ x: 'metre', y: 'depth' }, from);
    expect(data.values.length).toBeLessThanOrEqual(5000);
    expect(data.values.slice(0, 2)).toEqual([
      { x: 0, y: 5 },
      { x: 5, y: 5 },
    ]);
    expect(data.values.reduce((sum: number, { y }: { y: number }) => sum + y, 0)).toBe(12_000);
    for (const text of [title.subtitle.join(' '), description])
      expect(text).toContain('12,000 values of metre are too many: drawn in steps of 5.');
    const scattered = await spec({ x: 'metre', y: 'depth', mark: 'point' }, from);
    expect(scattered.data.values).toHaveLength(3000);
    expect(scattered.title.subtitle.join(' ')).toContain('One row in 4 is drawn, of 12,000.');
  });

  it('is read in steps when there are more groups than a query makes, to the same figures', async () => {
    const fields = [field('metre', 'double'), field('depth', 'double'), field('name', 'string')];
    const rows = Array.from({ length: 210_000 }, (_, i) => [i / 4, i % 2 === 0 ? 1 : null, `name ${i}`]);
    const from = drawTable({ fields, key: ['metre'] }, rows);
    const drawn = async (aggregate: string) => {
      const { data, title } = await spec({ x: 'metre', y: 'depth', aggregate, series: '' }, from);
      expect(title.subtitle.join(' ')).toContain('The values of metre are too many: drawn in steps of');
      return data.values.map(({ y }: { y: number }) => y);
    };
    const sum = (figures: number[]) => figures.reduce((total, y) => total + y, 0);
    expect(sum(await drawn('sum'))).toBe(105_000);
    expect(sum(await drawn('count'))).toBe(210_000);
    expect(new Set(await drawn('avg'))).toEqual(new Set([1]));
    expect((await refusal({ x: 'name', y: 'depth' }, from)).message).toContain('more than 200,000 places');
    expect((await refusal({ x: 'metre', y: 'depth', series: 'name' }, from)).message).toContain(
      'more than 200,000 places',
    );
  });

  it('has steps along whole numbers of any size, and along the largest and the smallest there are', async () => {
    const fields = [field('metre', 'double'), field('depth', 'double')];
    const drawn = async (place: (i: number) => number) => {
      const rows = Array.from({ length: 6000 }, (_, i) => [place(i), 1]);
      return (await spec({ x: 'metre', y: 'depth' }, drawTable({ fields, key: [] }, rows))).data.values;
    };
    const large = await drawn((i) => 9e15 + i);
    expect(large.slice(0, 2)).toEqual([
      { x: 9e15, y: 2 },
      { x: 9e15 + 2, y: 2 },
    ]);
    for (const place of [(i: number) => (i - 3000) * 5e304, (i: number) => i * 5e-324]) {
      const values = await drawn(place);
      expect(values.length).toBeGreaterThan(1000);
      expect(values.every(({ x }: { x: unknown }) => Number.isFinite(x))).toBe(true);
    }
  });

  it('refuses filters that take too long of so many rows, in their own words', async () => {
    const fields = [field('name', 'string'), field('depth', 'double')];
    const from = drawTable(
      { fields, key: [] },
      Array.from({ length: 12_000 }, (_, i) => [`name ${i}`, i]),
    );
    const name = Array.from({ length: 999 }, () => `ilike.*${'_a'.repeat(20)}*`);
    for (const query of [{}, { x: 'depth', mark: 'point' }, { x: 'depth' }])
      expect((await refusal({ ...query, name }, from)).message).toContain('too many conditions for so many rows');
  });

  it('is binned by days, months or years along time', async () => {
    const fields = [field('at', 'timestamp'), field('n', 'double')];
    const rows = Array.from({ length: 400 }, (_, i) => [new Date(Date.UTC(2024, 0, 1 + i, 5)).toISOString(), 1]);
    const { data, title } = await spec({ mark: 'bar' }, drawTable({ fields, key: ['at'] }, rows));
    expect(data.values).toHaveLength(14);
    expect(data.values[1]).toEqual({ x: '2024-02-01T00:00:00.000Z', y: 29 });
    expect(title.subtitle.join(' ')).toContain('drawn in steps of months');
  });

  it('leaves a gap where a figure is missing; where a series has no row it adds nothing to a sum', async () => {
    const rows = [
      ['a', 2020, 1, null],
      ['a', 2021, null, null],
      ['a', 2022, 3, null],
      ['b', 2022, 1, null],
    ];
    const from = drawTable(SALES, rows);
    const ys = async (query: object) => (await spec(query, from)).data.values.map(({ y }: { y: number | null }) => y);
    expect(await ys({})).toEqual([1, null, 3, 1]);
    expect(await ys({ mark: 'area' })).toEqual([1, 0, null, null, 3, 1]);
    expect(await ys({ mark: 'area', aggregate: 'avg' })).toEqual([1, null, 3, 1]);
    expect(await ys({ mark: 'area', series: '' })).toEqual([1, null, 4]);
    expect(await ys({ mark: 'bar', x: 'year' })).toEqual([1, 3, 1]);
  });

  const GAPS = drawTable(SALES, [
    ...[10, 20, null, 40, 50, null, 70].map((price, i) => ['a', 2018 + i, price, null]),
    ...[1, 1, 1, 1, 1, 1, 1].map((price, i) => ['b', 2018 + i, price, null]),
    ['c', 2018, 5, null],
  ]);
  const areas = (text: string): string[][] =>
    Array.from(text.matchAll(/class="mark-area role-mark[^>]*><path d="([^"]+)"/g), ([, d]) => d.split(/(?=M)/));
  const extent = (piece: string): number[] => {
    const xs = Array.from(piece.matchAll(/[ML](-?[\d.]+),/g), ([, x]) => Number(x));
    return [Math.min(...xs), Math.max(...xs)];
  };

  it.each([
    [{}, [3, 3, 3]],
    [{ series: '', shop: 'eq.a' }, [3]],
    [{ aggregate: 'max' }, [3, 1, 1]],
  ])('breaks areas into pieces at missing figures: %j', async (query, pieces) => {
    const drawn = areas((await GAPS({ ...query, mark: 'area' })) as string);
    expect(drawn.map((paths) => paths.length)).toEqual(pieces);
    // 2018 and 2019, 2021 and 2022, 2024; the years are at even distances.
    const [first, second, third] = drawn[0].map(extent);
    const year = first[1] - first[0];
    expect([second[0], second[1], third[0], third[1]].map((x) => Math.round(x / year))).toEqual([3, 4, 6, 6]);
  });

  it('says where stacked figures are missing, and keeps the places of bars that are not there', async () => {
    const area = await spec({ mark: 'area' }, GAPS);
    const sentence = 'In 2 of 7 values of year a figure is missing: ';
    for (const text of [area.title.subtitle.join(' '), area.description])
      expect(text).toContain(`${sentence}the sum is not known there, and not drawn.`);
    const bar = await spec({ mark: 'bar', x: 'year' }, GAPS);
    expect(bar.title.subtitle.join(' ')).toContain(`${sentence}bars there are of what is known.`);
    const single = await spec({ mark: 'bar', x: 'year', shop: 'eq.a', series: '' }, GAPS);
    expect(single.data.values).toHaveLength(5);
    expect(single.encoding.x.scale.domain).toEqual([2018, 2019, 2020, 2021, 2022, 2023, 2024]);
    for (const mark of ['line', 'bar', 'area', 'heatmap']) {
      const none = await spec({ mark, x: 'year', shop: 'eq.a', year: 'in.(2020,2023)' }, GAPS);
      expect(none.mark.text).toBe('The figures are missing');
      expect(none.description).toContain('The figures are missing.');
    }
  });
});

describe('totals', () => {
  const schema: Schema = {
    fields: [
      field('section', 'string'),
      field('product', 'string'),
      field('year', 'int32'),
      field('quantity', 'double'),
      field('is_total', 'boolean'),
    ],
    key: ['section', 'product', 'year'],
  };
  const rows: Cell[][] = [
    ['WINE', 'WINE', 2020, 31, true],
    ['WINE', 'red', 2020, 10, false],
    ['WINE', 'white', 2020, 20, false],
    ['JUICE', 'JUICE', 2020, 5, true],
    [null, 'must', 2020, 7, false],
  ];
  const from = drawTable(schema, rows);
  const figures = async (query: object) =>
    Object.fromEntries(
      (await spec(query, from)).data.values.map(({ x, y, s }: { x: string; y: number; s?: string }) => [s ?? x, y]),
    );

  it('stand for their sections, and are not added to their parts', async () => {
    expect(await figures({})).toEqual({ WINE: 31, JUICE: 5, '(none)': 7 });
    expect(await figures({ series: '' })).toEqual({ 2020: 43 });
  });

  it('give way to their parts where those are drawn or filtered, unless there are none', async () => {
    expect(await figures({ x: 'product' })).toEqual({ red: 10, white: 20, must: 7, JUICE: 5 });
    expect(await figures({ product: 'in.(red,WINE)' })).toEqual({ WINE: 10 });
    expect(await figures({ product: 'eq.WINE' })).toEqual({ WINE: 31 });
  });

  it('count as any row when the caller filters them', async () => {
    expect(await figures({ is_total: 'not.is.null' })).toEqual({ WINE: 61, JUICE: 5, '(none)': 7 });
  });
});
