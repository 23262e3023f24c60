/**
 * Writes the .xlsx of bench/workbook.ts to the path given, in a process of its own: what a parent has had of memory
 * counts as its children's peak, too. `bench/peers/write_xls.py` writes the same cells as .xls, for which SheetJS takes
 * 21 GB.
 */
import { writeFileSync } from 'node:fs';
import { utils, write } from '@e965/xlsx';

/** Texts with repeats, whole and decimal numbers, days: a quarter of the columns each. */
const cellOf = (row: number, column: number): unknown => {
  const n = (row * 7919 + column * 104_729) % 1_000_003;
  if (column % 4 === 0) return `Station ${n % 5000}`;
  if (column % 4 === 1) return n;
  if (column % 4 === 2) return n / 100;
  return new Date(Date.UTC(2000, 0, 1 + (n % 9000)));
};

const [path, rows, columns] = process.argv.slice(2);
const header = Array.from({ length: Number(columns) }, (_, column) => `column ${column + 1}`);
const cells = Array.from({ length: Number(rows) }, (_, row) => header.map((_, column) => cellOf(row, column)));
const book = utils.book_new();
utils.book_append_sheet(book, utils.aoa_to_sheet([header, ...cells], { dense: true, UTC: true }), 'Rows');
writeFileSync(path!, write(book, { type: 'buffer', bookType: 'xlsx', compression: true }));
