import { utils, write } from '@e965/xlsx';
import type { Cell } from '@granary/tabular/table';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { beside, type Page, stacked } from '../../testing/arbitrary-layout.ts';
import { readFileTables } from '../../testing/read-file.ts';

const workbook = ({ lines, merged }: Page, bookType: 'xlsx' | 'biff8'): Buffer => {
  const sheet = utils.aoa_to_sheet(lines.map((cells) => [...cells]));
  sheet['!merges'] = merged.map(([line, down, column, across]) => ({
    s: { r: line, c: column },
    e: { r: line + down - 1, c: column + across - 1 },
  }));
  const book = utils.book_new();
  utils.book_append_sheet(book, sheet, 'Sheet');
  return write(book, { type: 'buffer', bookType });
};

const quoted = (cell: string, delimiter: string): string => (cell.includes(delimiter) ? `"${cell}"` : cell);

/** As a spreadsheet writes it: each line of the full width; or with lines of one cell without delimiters. */
const csv = ({ lines }: Page, delimiter: string, padded: boolean): Buffer => {
  const width = Math.max(...lines.map((cells) => cells.length));
  const text = lines.map((cells) => {
    const all = padded ? [...cells, ...Array.from({ length: width - cells.length }, () => null)] : cells;
    return `${all.map((cell) => quoted(String(cell ?? ''), delimiter)).join(delimiter)}\n`;
  });
  return Buffer.from(text.join(''));
};

const told = async (bytes: Uint8Array) =>
  (await readFileTables(bytes)).map(({ header, rows, quarantine }) => ({ header, rows, quarantine }));
const wanted = ({ tables }: Page) =>
  tables.map(({ header, rows }) => ({ header, rows: rows as Cell[][], quarantine: [] }));

describe('Tables laid out at random', () => {
  it('one below the other come back from a workbook', async () => {
    await fc.assert(
      fc.asyncProperty(stacked(), fc.constantFrom('xlsx', 'biff8'), async (page, type) => {
        expect(await told(workbook(page, type as 'xlsx'))).toEqual(wanted(page));
      }),
      { numRuns: 40 },
    );
  });

  it('side by side come back from a workbook, and from CSV', async () => {
    await fc.assert(
      fc.asyncProperty(beside(), async (page) => {
        expect(await told(workbook(page, 'xlsx'))).toEqual(wanted(page));
        expect(await told(csv(page, ';', true))).toEqual(wanted(page));
      }),
      { numRuns: 40 },
    );
  });

  it('one below the other come back from CSV', async () => {
    await fc.assert(
      fc.asyncProperty(stacked(), fc.constantFrom(',', ';', '\t'), fc.boolean(), async (page, delimiter, padded) => {
        expect(await told(csv(page, delimiter, padded))).toEqual(wanted(page));
      }),
      { numRuns: 60 },
    );
  });
});
