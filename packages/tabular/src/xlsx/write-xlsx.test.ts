import { read, utils } from '@e965/xlsx';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { Batch, Cell, Field } from '../table.ts';
import { createTableBuilder } from '../table-builder.ts';
import { randomTables } from '../testing/arbitrary-table.ts';
import { xlsxOf } from './write-xlsx.ts';

const workbookOf = async (fields: readonly Field[], rows: readonly (readonly Cell[])[], sheet = 'data') => {
  const batches: Batch[] = [];
  const builder = createTableBuilder({ fields, key: [] }, { emit: (batch) => batches.push(batch) });
  for (const row of rows) builder.append(row);
  builder.end();
  const chunks: Uint8Array[] = [];
  const given = (async function* () {
    yield* batches;
  })();
  for await (const chunk of xlsxOf(fields, given, { sheet })) chunks.push(chunk);
  return Buffer.concat(chunks);
};

/** Cells as another program reads them: header first, nulls where there is nothing. */
const cellsOf = (bytes: Buffer): unknown[][] => {
  const { Sheets, SheetNames } = read(bytes, { UTC: true });
  return utils.sheet_to_json(Sheets[SheetNames[0]], { header: 1, raw: true, defval: null, blankrows: true });
};

const field = (name: string, type: Field['type']): Field => ({ name, type, nullable: true });

describe('a workbook', () => {
  it('has figures as figures, days and times as such, texts as texts', async () => {
    const types = ['string', 'int32', 'int64', 'double', 'boolean', 'date', 'timestamp'] as const;
    const fields = types.map((type) => field(type, type));
    const row = ['=1+1', 7, 12n, 0.1, true, '2026-01-31', '2026-01-31T12:30:00.000Z'];
    const bytes = await workbookOf(fields, [row, row.map(() => null)], "a/b's: sheet of a name that is too long");
    expect(read(bytes).SheetNames).toEqual(['a_b_s_ sheet of a name that is ']);
    const { Sheets } = read(bytes, { cellNF: true, cellFormula: true });
    const [sheet] = Object.values(Sheets);
    expect(sheet.A2).toMatchObject({ t: 's', v: '=1+1' });
    expect(sheet.A2.f).toBeUndefined();
    expect([sheet.B2, sheet.C2, sheet.D2].map(({ t, v }) => [t, v])).toEqual([
      ['n', 7],
      ['n', 12],
      ['n', 0.1],
    ]);
    expect(sheet.E2).toMatchObject({ t: 'b', v: true });
    expect([sheet.F2.w, sheet.G2.w]).toEqual(['2026-01-31', '2026-01-31 12:30:00']);
    expect(sheet.A3).toBeUndefined();
  });

  it('loses nothing of what Excel cannot hold as a figure', async () => {
    const cells = cellsOf(
      await workbookOf(
        [field('n', 'int64'), field('d', 'date')],
        [
          [9_007_199_254_740_993n, '1850-02-03'],
          [999_999_999_999_999n, null],
        ],
      ),
    );
    expect(cells).toEqual([
      ['n', 'd'],
      ['9007199254740993', '1850-02-03'],
      [999_999_999_999_999, null],
    ]);
  });

  it('holds any text and any figure of any table', async () => {
    await fc.assert(
      fc.asyncProperty(randomTables, async ({ schema, rows }) => {
        const read = cellsOf(await workbookOf(schema.fields, rows));
        expect(read).toHaveLength(rows.length + 1);
        for (const [index, row] of rows.entries())
          for (const [column, { type }] of schema.fields.entries()) {
            const [cell, found] = [row[column], read[index + 1][column] ?? null];
            if (type === 'string' && cell !== null && cell !== '')
              expect(plain(String(found))).toBe(plain(cell as string));
            if (type === 'double' || type === 'int32') expect(found).toEqual(cell);
            if (type === 'boolean') expect(found).toBe(cell);
            if (type === 'int64' && cell !== null) expect(String(found)).toBe(String(cell));
          }
      }),
      { numRuns: 60 },
    );
  });

  it('is the same bytes every time, and refuses a text longer than a cell', async () => {
    const fields = [field('a', 'string')];
    const [one, two] = [await workbookOf(fields, [['x']]), await workbookOf(fields, [['x']])];
    expect(one.equals(two)).toBe(true);
    await expect(workbookOf(fields, [['x'.repeat(40_000)]])).rejects.toThrow(RangeError);
  });
});

/** The reader of these tests takes every line end for the same. */
const plain = (text: string): string => text.replaceAll('\r\n', '\n');
