import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { cellText, isQuotedEmpty, recordText } from './record-block.ts';
import { createRecordScanner } from './record-scanner.ts';
import { type CsvRow, createTextTokenizer } from './tokenizer.ts';

const layout = { delimiter: ';', quote: '"', newline: '\n' } as const;

type Scanned = { line: number; raw: string; fields: string[] | number };

const scan = (
  text: string,
  width: number,
  cuts: readonly number[],
  quote: '"' | null,
  delimiter: ';' | '\t',
): Scanned[] => {
  const found: Scanned[] = [];
  const scanner = createRecordScanner({
    layout: { delimiter, quote },
    width,
    skipLines: 1,
    room: () => 3,
    onBlock(block) {
      for (let row = 0; row < block.rows; row++) {
        const fields = Array.from({ length: width }, (_, column) => cellText(block, row * width + column));
        found.push({ line: block.lines[row], raw: recordText(block, row), fields });
      }
    },
    onOdd: ({ line, raw, cells }) => found.push({ line, raw, fields: cells }),
  });
  const bytes = Buffer.from(text);
  let from = 0;
  for (const cut of cuts.map((at) => at % (bytes.length + 1)).sort((a, b) => a - b)) {
    scanner.push(bytes.subarray(from, cut));
    from = cut;
  }
  scanner.push(bytes.subarray(from));
  scanner.end();
  return found;
};

describe('createRecordScanner', () => {
  it('finds the records that the tokenizer finds, in any text, odd quotes included, wherever it is cut', () => {
    const text = fc.string({
      unit: fc.constantFrom('a', 'é', '"', '"', ';', '\t', '\n', '\r\n', '\r', ' ', '""', '\n"'),
      maxLength: 40,
    });
    fc.assert(
      fc.property(
        text,
        fc.integer({ min: 1, max: 4 }),
        fc.array(fc.nat(60), { maxLength: 5 }),
        fc.constantFrom('"' as const, null),
        fc.constantFrom(';' as const, '\t' as const),
        (body, width, cuts, quote, delimiter) => {
          const rows: CsvRow[] = [];
          const tokenizer = createTextTokenizer({ ...layout, quote, delimiter }, (row) => rows.push(row));
          tokenizer.push(body);
          tokenizer.end();
          const expected = rows
            .filter((row) => row.line > 1)
            .map(({ line, raw, fields }) => ({ line, raw, fields: fields.length === width ? fields : fields.length }));
          expect(scan(body, width, cuts, quote, delimiter)).toEqual(expected);
        },
      ),
      { numRuns: 3000 },
    );
  });

  it('tells an empty string from nothing', () => {
    const seen: boolean[] = [];
    const scanner = createRecordScanner({
      layout,
      width: 3,
      skipLines: 0,
      room: () => 10,
      onBlock: (block) => {
        for (let index = 0; index < block.rows * 3; index++) seen.push(isQuotedEmpty(block, index));
      },
      onOdd() {},
    });
    scanner.push(Buffer.from('"";;"a"\r\n;"";""\n'));
    scanner.end();
    expect(seen).toEqual([true, false, false, false, true, true]);
  });

  it('does not let a quote that never closes take the memory', () => {
    const lines = 'x;y\n'.repeat(400_000);
    expect(scan(`a;b\n1;"${lines}`, 2, [], '"', ';').length).toBe(400_000);
  });
});
