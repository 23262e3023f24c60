import { createKeySketch } from '@granary/tabular/key-sketch';
import type { Field } from '@granary/tabular/table';
import { createTableBuilder } from '@granary/tabular/table-builder';
import { describe, expect, it } from '@jest/globals';
import {
  type Before,
  implausibilities,
  type JudgedVersion,
  type PlausibilityLimits,
  plausibilityFaults,
} from './plausibility.ts';

const FIELDS: readonly Field[] = [
  { name: 'product', type: 'string', nullable: false },
  { name: 'litres', type: 'double', nullable: true },
];

type Facts = {
  names?: readonly string[];
  rows?: number;
  refused?: number;
  litres?: number;
  total?: number;
  years?: [number, number];
  fields?: readonly Field[];
};
const names = (count: number, first = 0): string[] => Array.from({ length: count }, (_, at) => `Vinho ${first + at}`);

const sketchOf = (keys: readonly string[]) => {
  const sketch = createKeySketch(FIELDS, ['product']);
  const builder = createTableBuilder({ fields: FIELDS, key: [] }, { emit: sketch.add });
  for (const name of keys) builder.append([name, 1]);
  builder.end();
  return sketch;
};

const judged = ({
  names: keys = names(50),
  rows = 2500,
  refused = 0,
  litres = rows,
  total = 1000 * litres,
  years = [1970, 2023],
  fields = FIELDS,
}: Facts) => {
  const sketch = sketchOf(keys);
  const version: JudgedVersion = {
    counts: { rows_read: rows + refused, rows_published: rows, rows_quarantined: refused, rows_deduplicated: 0 },
    fields,
    parser_version: 1,
    profile: {
      figures: { litres },
      totals: { litres: total },
      keys: sketch.sample(),
      years: { first: years[0], last: years[1] },
    },
  };
  return { version, sketch };
};

/** What is said of a version after one with 2,500 rows of 50 products. */
const said = (
  facts: Facts,
  {
    was = {},
    limits = {},
    before = {},
  }: { was?: Facts; limits?: Partial<PlausibilityLimits>; before?: Partial<Before> } = {},
): string[] => {
  const { version, sketch } = judged(facts);
  return implausibilities(
    version,
    { ...judged(was).version, version: 7, ...before },
    { keys: sketch, limits, year: 2026 },
  );
};

describe('W3: a version after another one', () => {
  it.each([
    ['the same', {}],
    ['a year more', { rows: 2550, years: [1970, 2024] as [number, number] }],
    ['two products more and one less', { names: names(51, 1) }],
    ['a seventh that is spoilt', { rows: 2143, refused: 357, names: names(43) }],
    ['many years at once', { rows: 4400 }],
  ])('is published without a word: %s', (_, facts) => {
    expect(said(facts)).toEqual([]);
  });

  it.each([
    [
      'half of its rows',
      { rows: 1265 },
      { was: { rows: 2530 } },
      [/^It has 1,265 rows, and version 7 has 2,530; at least 70 % are wanted\.$/, /^It has 1,265 figures in litres/],
    ],
    [
      'most of it quarantined',
      { rows: 350, refused: 2150 },
      {},
      [/^86 % of its rows are quarantined, and at most 50 % may be\.$/, /rows/, /figures/],
    ],
    [
      'more of it quarantined than before',
      { rows: 2000, refused: 700 },
      { was: { rows: 2000 } },
      [/^26 % of its rows are quarantined, and 0 % of version 7 were; at most 20 % more may be\.$/],
    ],
    [
      'other products',
      { names: names(50, 40) },
      {},
      [
        /^Of the 50 names of version 7, 20 % are in it; at least 80 % are wanted\. Is it another file\?$/,
        /^Of its 50 names, 80 % are not in version 7; at most 20 % may be new\.$/,
      ],
    ],
    [
      'all its products among many others',
      { names: names(80), rows: 4000 },
      {},
      [/^Of its 80 names, 38 % are not in version 7/],
    ],
    [
      'as many rows, and figures in half of them',
      { litres: 1200 },
      {},
      [/^It has 1,200 figures in litres, and version 7 has 2,500; at least 70 % are wanted\.$/],
    ],
    [
      'four times the rows',
      { rows: 10_000 },
      {},
      [/^It has 10,000 rows, and version 7 has 2,500; at most 300 % are wanted\.$/],
    ],
    [
      'figures of a thousandth',
      { total: 2500 },
      {},
      [
        /^Its figures in litres add up to 2,500, and those of version 7 to 2,500,000; at most 10 times as much, or as little/,
      ],
    ],
    ['figures of a thousand times', { total: 2.5e9 }, {}, [/^Its figures in litres add up to 2,500,000,000/]],
    ['its last year gone', { years: [1970, 2022] }, {}, [/^Its last year is 2022, and that of version 7 is 2023\.$/]],
    ['its first year gone', { years: [1971, 2024] }, {}, [/^Its first year is 1971, and that of version 7 is 1970\.$/]],
    ['a column less', { fields: [FIELDS[0]!] }, {}, [/^It has no column litres, which version 7 has\.$/]],
    [
      'a column of another type',
      { fields: [FIELDS[0]!, { ...FIELDS[1]!, type: 'string' as const }] },
      {},
      [/^Its column litres is of type string, and of type double in version 7\.$/],
    ],
  ] as const)('is held, with the reason: %s', (_, facts, around, reasons) => {
    const found = said(facts as Facts, around as Parameters<typeof said>[1]);
    expect(found.length).toBe(reasons.length);
    for (const [at, reason] of reasons.entries()) expect(found[at]).toMatch(reason);
  });

  it('is told of the first reasons where there is one for each of very many columns', () => {
    const gone = Array.from({ length: 2000 }, (_, at): Field => ({ ...FIELDS[1]!, name: `litres_${at}` }));
    const found = said({}, { was: { fields: [...FIELDS, ...gone] } });
    expect(found).toHaveLength(31);
    expect(found[30]).toBe('There are 1,970 other reasons.');
  });

  it('is judged by the limits of its dataset', () => {
    expect(said({ rows: 1265, litres: 1265 }, { limits: { rows_least: 0.4, figures_least: 0.4 } })).toEqual([]);
    expect(said({ rows: 2400, litres: 2500 }, { limits: { rows_least: 0.99 } })).toHaveLength(1);
    expect(said({ years: [1970, 2022] }, { limits: { years_withdrawn: 1 } })).toEqual([]);
  });

  it('may lose or win a few rows and names, however small it is', () => {
    expect(said({ rows: 3, names: names(1) }, { was: { rows: 9, names: names(3) } })).toEqual([]);
    expect(said({ rows: 11, names: names(3) }, { was: { rows: 2, names: names(1) } })).toEqual([]);
  });

  it('may have figures of another size where they are few, or were not added up before', () => {
    expect(said({ rows: 9, names: names(1), total: 9e9 }, { was: { rows: 9, names: names(1) } })).toEqual([]);
    const { version } = judged({});
    expect(said({ total: 1 }, { before: { profile: { ...version.profile, totals: undefined } } })).toEqual([]);
  });

  it('may have other columns when its parser is another one', () => {
    expect(said({ fields: [FIELDS[0]!] }, { before: { parser_version: 2 } })).toEqual([]);
  });

  it('is compared in its rows alone with a version of before there were profiles', () => {
    expect(said({ names: names(9, 400), litres: 3 }, { before: { profile: undefined } })).toEqual([]);
    expect(said({ rows: 3 }, { before: { profile: undefined } })).toHaveLength(1);
  });
});

describe('W3: what a source declares', () => {
  it('is of columns and limits that there are', () => {
    const fields: Field[] = [...FIELDS, { name: 'year', type: 'int32', nullable: false }];
    expect(plausibilityFaults(fields, {})).toEqual([]);
    expect(plausibilityFaults(fields, { keys: ['product'], year: 'year', limits: { rows_most: 9 } })).toEqual([]);
    const wrong = { keys: ['produto'], year: 'litres', limits: { keys_stay: 80, rows_leats: 0.5 } };
    expect(plausibilityFaults(fields, wrong)).toEqual([
      'keys: there is no column produto',
      'year: litres is no column of type int32',
      'limits: keys_stay cannot be 80',
      'limits: there is no limit rows_leats',
    ]);
  });
});

describe('W3: a first version', () => {
  const first = (facts: Facts): string[] => {
    const { version, sketch } = judged(facts);
    return implausibilities(version, undefined, { keys: sketch, year: 2026 });
  };

  it('is published when its last year is near and most of it could be read', () => {
    expect(first({})).toEqual([]);
    expect(first({ years: [1970, 2027] })).toEqual([]);
    expect(first({ rows: 1300, refused: 1200 })).toEqual([]);
  });

  it.each([
    [
      'a last year that is far ahead',
      { years: [1970, 2091] as [number, number] },
      /^Its last year is 2091: of a first version it must lie between 2016 and 2027/,
    ],
    ['a last year that is long ago', { years: [1070, 1123] as [number, number] }, /^Its last year is 1123/],
    ['more than half of it quarantined', { rows: 1000, refused: 1001 }, /^50 % of its rows are quarantined/],
  ])('is held, with the reason: %s', (_, facts, reason) => {
    expect(first(facts)).toEqual([expect.stringMatching(reason)]);
  });
});
