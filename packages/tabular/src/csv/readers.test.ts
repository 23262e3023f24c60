import { describe, expect, it } from '@jest/globals';
import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import type { Dialect } from '../table.ts';
import { cellText } from './record-block.ts';
import { createRecordScanner } from './record-scanner.ts';
import { createTextTokenizer } from './tokenizer.ts';

type Layout = Pick<Dialect, 'delimiter' | 'quote' | 'newline' | 'skip_initial_space'>;
type Record = { line: number; cells: string[] | number };

const pieces = (bytes: Buffer, cuts: readonly number[]): Buffer[] => {
  const places = [0, ...cuts.map((at) => at % (bytes.length + 1)).sort((a, b) => a - b), bytes.length];
  return places.slice(1).map((to, i) => bytes.subarray(places[i], to));
};

const scanned = (text: string, layout: Layout, width: number, cuts: readonly number[]): Record[] => {
  const found: Record[] = [];
  const scanner = createRecordScanner({
    layout,
    width,
    skipLines: 0,
    room: () => 5,
    onBlock(block) {
      for (let row = 0; row < block.rows; row++)
        found.push({
          line: block.lines[row],
          cells: Array.from({ length: width }, (_, column) => cellText(block, row * width + column)),
        });
    },
    onOdd: ({ line, cells }) => found.push({ line, cells }),
  });
  for (const piece of pieces(Buffer.from(text), cuts)) scanner.push(piece);
  scanner.end();
  return found;
};

const tokenized = (text: string, layout: Layout, width: number): Record[] => {
  const found: Record[] = [];
  const tokenizer = createTextTokenizer(layout, ({ line, fields }) =>
    found.push({ line, cells: fields.length === width ? fields : fields.length }),
  );
  tokenizer.push(text);
  tokenizer.end();
  return found;
};

const layouts: fc.Arbitrary<Layout> = fc.record({
  delimiter: fc.constantFrom(';' as const, ',' as const, '|' as const),
  quote: fc.constantFrom('"' as const, "'" as const),
  newline: fc.constant('\n' as const),
  skip_initial_space: fc.constantFrom(true as const, undefined),
});

describe('the two readers of CSV', () => {
  it('C1, C3: find the same records in any text, with stray quotes of both kinds and blanks, wherever it is cut', () => {
    const text = fc.string({
      unit: fc.constantFrom('a', '1', '"', "'", ';', ',', '\n', '\r\n', ' ', '";', '\n"'),
      maxLength: 60,
    });
    fc.assert(
      fc.property(
        text,
        layouts,
        fc.integer({ min: 1, max: 4 }),
        fc.array(fc.nat(80), { maxLength: 4 }),
        (body, layout, width, cuts) => {
          expect(scanned(body, layout, width, cuts)).toEqual(tokenized(body, layout, width));
        },
      ),
      { numRuns: 3000 },
    );
  });

  it('C1: find the same records where a quote swallows lines', () => {
    const cell = fc.constantFrom('1', '22', 'a', '"b', 'c"', '"d"');
    const row = fc.array(cell, { minLength: 3, maxLength: 3 }).map((cells) => cells.join(';'));
    fc.assert(
      fc.property(fc.array(row, { maxLength: 12 }), fc.array(fc.nat(150), { maxLength: 4 }), (rows, cuts) => {
        const layout = { delimiter: ';', quote: '"', newline: '\n' } as const;
        const text = rows.join('\n');
        expect(scanned(text, layout, 3, cuts)).toEqual(tokenized(text, layout, 3));
      }),
      { numRuns: 2000 },
    );
  });

  it('C3: read well-formed text as csv-parse does, blanks behind delimiters and single quotes too', () => {
    const cell = fc.string({ unit: fc.constantFrom('a', 'é', '1', ' ', '"', "'", ';', ',', '\n'), maxLength: 4 });
    const table = fc.integer({ min: 2, max: 4 }).chain((width) =>
      fc.array(fc.array(fc.tuple(cell, fc.boolean()), { minLength: width, maxLength: width }), {
        minLength: 1,
        maxLength: 8,
      }),
    );
    fc.assert(
      fc.property(table, layouts, fc.array(fc.nat(200), { maxLength: 4 }), (rows, layout, cuts) => {
        const { delimiter, quote, skip_initial_space: skip = false } = layout;
        const mark = quote!;
        const written = ([text, quoted]: [string, boolean]): string => {
          const needs =
            quoted || [mark, delimiter, '\n'].some((sign) => text.includes(sign)) || (skip && text.startsWith(' '));
          return needs ? `${mark}${text.replaceAll(mark, mark + mark)}${mark}` : text;
        };
        const text = rows.map((cells) => cells.map(written).join(skip ? `${delimiter} ` : delimiter)).join('\n');
        const expected = parse(text, {
          delimiter,
          quote: mark,
          escape: mark,
          ltrim: skip,
          relax_column_count: true,
        }) as string[][];
        const ours = scanned(text, layout, rows[0].length, cuts).map(({ cells }) => cells);
        expect(ours).toEqual(expected);
      }),
      { numRuns: 1000 },
    );
  });
});
