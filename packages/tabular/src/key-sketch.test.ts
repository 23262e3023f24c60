import { describe, expect, it } from '@jest/globals';
import { createKeySketch } from './key-sketch.ts';
import type { Cell, Field } from './table.ts';
import { createTableBuilder } from './table-builder.ts';

const FIELDS: readonly Field[] = [
  { name: 'section', type: 'string', nullable: true },
  { name: 'product', type: 'string', nullable: false },
  { name: 'code', type: 'int64', nullable: true },
];

const sketchOf = (rows: readonly (readonly Cell[])[], names = ['section', 'product'], batchRows = 7) => {
  const sketch = createKeySketch(FIELDS, names);
  const builder = createTableBuilder({ fields: FIELDS, key: [] }, { batchRows, emit: sketch.add });
  for (const row of rows) builder.append(row);
  builder.end();
  return sketch;
};
const rowsOf = (count: number, first = 0): Cell[][] =>
  Array.from({ length: count }, (_, at) => [
    (first + at) % 3 === 0 ? null : 'Vinho',
    `Tinto ${first + at}`,
    BigInt(at),
  ]);

describe('The keys of a table', () => {
  it('are counted once each, whatever the order and the batches', () => {
    const rows = [...rowsOf(100), ...rowsOf(50, 20)];
    const { sample, count } = sketchOf(rows).sample()!;
    expect(count).toBe(100);
    expect(sketchOf(rows.toReversed(), undefined, 1000).sample()!.sample).toEqual(sample);
  });

  it('are compared with those of another table: exactly while they are few, nearly when they are many', () => {
    const few = sketchOf(rowsOf(100)).sample()!;
    expect(sketchOf(rowsOf(100)).shareOf(few)).toBe(1);
    expect(sketchOf(rowsOf(100, 25)).shareOf(few)).toBe(0.75);
    expect(sketchOf(rowsOf(100, 100)).shareOf(few)).toBe(0);
    const many = sketchOf(rowsOf(20_000)).sample()!;
    expect(many.sample).toHaveLength(256);
    expect(sketchOf(rowsOf(20_000, 6000)).shareOf(many)).toBeCloseTo(0.7, 1);
  });

  it('are made of all the columns that are named, nulls among them', () => {
    const rows: Cell[][] = [
      ['Vinho', 'Tinto', 1n],
      [null, 'Tinto', 1n],
      ['Suco', 'Tinto', null],
      ['Suco', 'Tinto', 1n],
    ];
    expect(sketchOf(rows).sample()!.count).toBe(3);
    expect(sketchOf(rows, ['section', 'product', 'code']).sample()!.count).toBe(4);
  });

  it('are hashed as they were when samples were stored', () => {
    // Whoever changes these numbers raises `form`: else every version would be held that follows one of before.
    expect(sketchOf(rowsOf(3)).sample()).toEqual({ form: 1, count: 3, sample: PINNED });
  });

  it('are none where no column is named, and none too where there are more than can be kept count of', () => {
    expect(sketchOf(rowsOf(3), []).sample()).toBeNull();
    expect(sketchOf(rowsOf(3), ['other']).shareOf({ form: 1, count: 1, sample: [1] })).toBeNull();
    expect(sketchOf(rowsOf(201_000), undefined, 10_000).sample()).toBeNull();
  });
});

const PINNED = [3_299_920_287, 3_474_789_839, 3_845_498_335];
