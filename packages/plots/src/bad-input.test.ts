import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { drawTable } from './testing/draw-table.ts';

import { expectSafe, field, refusal, SALES, spec } from './testing/sales.ts';

describe('bad input', () => {
  it.each<[string, Record<string, unknown>, string]>([
    ['an unknown x', { x: 'nope' }, "x: there is no column 'nope'; the columns are shop, year, price, day."],
    ['__proto__', { x: '__proto__' }, "x: there is no column '__proto__'; the columns are shop, year, price, day."],
    ['an expression', { x: "year');alert(1)//" }, 'x: there is no column'],
    ['a text as y', { y: 'shop' }, "y: 'shop' holds no numbers (it is string); columns that do are year, price."],
    ['one column twice', { x: 'year', series: 'year' }, "series: 'year' is x already"],
    ['bars of single rows', { mark: 'bar', aggregate: 'none' }, "aggregate: 'none' is for points and lines"],
    ['a filter on no column', { nope: 'eq.1' }, 'column nope does not exist'],
    ['a filter without operator', { year: '2020' }, '2020'],
    ['a filter of another type', { year: 'eq.abc' }, 'abc'],
    ['select', { select: 'year' }, "There is no 'select' here"],
    ['limit', { limit: '5' }, "There is no 'limit' here"],
  ])('%s is refused, saying what there is', async (_what, query, words) => {
    expect((await refusal(query)).message).toContain(words);
  });

  it('takes x, y and series for filters where columns are called so', async () => {
    const fields = [field('x', 'int32'), field('y', 'double')];
    const from = drawTable({ fields, key: ['x'] }, [
      [1, 10],
      [2, 20],
      [3, 30],
    ]);
    expect((await spec({ x: 'gte.2' }, from)).data.values).toEqual([
      { x: 2, y: 20 },
      { x: 3, y: 30 },
    ]);
    expect((await spec({ x: 'y', aggregate: 'count' }, from)).data.values).toHaveLength(3);
  });

  it('draws whatever text there is in titles and names: nothing of it is markup, expression or link', async () => {
    const nasty = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 40 }),
      fc.constantFrom(
        '__proto__',
        'constructor',
        '</svg><script>alert(1)</script>',
        '{"signal":"x"}',
        "datum['x']",
        '\u0000\ud800',
        ']]>',
        '&amp;',
        'https://evil.example/',
        ' ',
        'toString',
      ),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(nasty, { minLength: 1, maxLength: 6 }), nasty, nasty, async (names, title, filter) => {
        // Strings of a table are UTF-8.
        const rows = [...new Set(names.map((name) => name.toWellFormed()))].map((name, i) => [
          name,
          2020 + i,
          i + 1,
          null,
        ]);
        const from = drawTable(SALES, rows, title);
        for (const query of [{}, { x: 'shop' }, { mark: 'heatmap' }, { mark: 'area', shop: `neq.${filter}` }]) {
          expectSafe((await from(query)) as string);
        }
        const { data } = await spec({ x: 'shop' }, from);
        expect(data.values.reduce((sum: number, { y }: { y: number }) => sum + y, 0)).toBe(
          (rows.length * (rows.length + 1)) / 2,
        );
      }),
      { numRuns: 40 },
    );
  });

  it('writes no expression but its own', async () => {
    const from = drawTable(SALES, [["'+alert(1)+'", 2020, 1, null]], "'+alert(1)+'");
    for (const query of [{}, { mark: 'bar', x: 'shop' }, { mark: 'heatmap' }, { mark: 'point', x: 'day' }]) {
      const text = JSON.stringify(await spec({ ...query, shop: "eq.'+alert(1)+'" }, from), (key, value) =>
        ['values', 'title', 'subtitle', 'text', 'description', 'domain', 'sort'].includes(key) ? undefined : value,
      );
      expect(text).not.toContain('alert');
    }
  });
});
