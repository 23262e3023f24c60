/** The office's workbooks, written by SheetJS. */
import { createRequire } from 'node:module';
import type { BookType, CellObject, WorkSheet } from '@e965/xlsx';
import { DISTRICTS, HEADER, rowsOf } from './made-rows.ts';
import { fileOf, type TownFile } from './town-file.ts';

type Xlsx = typeof import('@e965/xlsx');
/** Loaded by whoever asks for a workbook: it takes longer than all the rest of the replica. */
const sheetjs = (): Xlsx => createRequire(import.meta.url)('@e965/xlsx');

/** SheetJS's containers of files, which its types leave out: Microsoft's compound files, and ZIP archives. */
export type CompoundFiles = {
  utils: { cfb_new(): unknown; cfb_add(file: unknown, name: string, content: Uint8Array): void };
  write(file: unknown, options: { type: 'buffer'; fileType?: 'zip'; compression?: boolean }): unknown;
};

export const compoundFiles = (): CompoundFiles => (sheetjs() as unknown as { CFB: CompoundFiles }).CFB;

type Cells = readonly (readonly (string | number | boolean | null)[])[];
type Sheets = Readonly<Record<string, Cells | WorkSheet>>;

/** A fixed day stands in the file: the same book has the same bytes. */
const PROPS = { CreatedDate: new Date(Date.UTC(2026, 0, 1)), ModifiedDate: new Date(Date.UTC(2026, 0, 1)) };

export const bookOf = (
  sheets: Sheets,
  bookType: BookType,
  change?: (sheet: WorkSheet, name: string) => void,
): Buffer => {
  const xlsx = sheetjs();
  const book = xlsx.utils.book_new();
  // SheetJS writes the names of the sheets into it, also into those of a book before.
  book.Props = { ...PROPS };
  for (const [name, cells] of Object.entries(sheets)) {
    const sheet = Array.isArray(cells) ? xlsx.utils.aoa_to_sheet(cells as unknown[][]) : (cells as WorkSheet);
    change?.(sheet, name);
    xlsx.utils.book_append_sheet(book, sheet, name);
  }
  return xlsx.write(book, { type: 'buffer', bookType, compression: true }) as Buffer;
};

const figures = (key: string, count = 48): Cells => [
  HEADER,
  ...rowsOf(key, count).map(({ district, postcode, year, households, spending, opened }) => [
    ...[district, postcode, year, households, spending, opened],
  ]),
];

const staff: Cells = [['name', 'posts', 'vacant'], ...DISTRICTS.map((district, n) => [district, 12 + n, n % 3])];

const titled: Cells = [
  ['Town of Porto Claro'],
  ['Spending by district'],
  [],
  ...figures('xlsx-titled'),
  [],
  ['Source: Office of Statistics'],
];

const threeTables: Sheets = { Spending: [...figures('xlsx-three', 24), [], [], ...staff], Roads: roads() };

function roads(): Cells {
  return [
    ['road', 'metres', 'paved'],
    ...Array.from({ length: 15 }, (_, n) => [`Road ${n + 1}`, 100 + n * 37, n % 2 === 0]),
  ];
}

/** Years as a first header row over two columns each, merged as offices like it. */
const merged = (): Buffer => {
  const years = [2021, 2022, 2023];
  const cells: Cells = [
    ['district', ...years.flatMap((year) => [String(year), null])],
    [null, ...years.flatMap(() => ['households', 'spending'])],
    ...DISTRICTS.map((district, n) => [
      district,
      ...years.flatMap((_, at) => {
        const { households, spending } = rowsOf('xlsx-merged')[(n + at * 12) % 48]!;
        return [households, spending];
      }),
    ]),
  ];
  return bookOf({ Years: cells }, 'xlsx', (sheet) => {
    sheet['!merges'] = years.map((_, n) => ({ s: { r: 0, c: 1 + n * 2 }, e: { r: 0, c: 2 + n * 2 } }));
    sheet['!merges'].push({ s: { r: 0, c: 0 }, e: { r: 1, c: 0 } });
  });
};

/** A division by zero, and a formula whose result was never stored. */
const formulas = (): Buffer =>
  bookOf({ Spending: figures('xlsx-formulas') }, 'xlsx', (sheet) => {
    sheet.E5 = { t: 'e', v: 7, f: 'D5/0' } satisfies CellObject;
    sheet.E6 = { t: 'z', f: 'D6*2' } as CellObject;
  });

/** What Office writes for a book with a password: a compound file with the encrypted book inside. */
const encrypted = (): Buffer => {
  const files = compoundFiles();
  const file = files.utils.cfb_new();
  files.utils.cfb_add(file, '/EncryptionInfo', Buffer.from('040002004000000000', 'hex'));
  files.utils.cfb_add(file, '/EncryptedPackage', Buffer.alloc(4096, 7));
  return Buffer.from(files.write(file, { type: 'buffer' }) as Uint8Array);
};

const workbook = fileOf('application/vnd.openxmlformats-officedocument.spreadsheetml.sheet');
const oldWorkbook = fileOf('application/vnd.ms-excel');
const openDocument = fileOf('application/vnd.oasis.opendocument.spreadsheet');

const ALL = { rows: [48] };

export const WORKBOOKS: readonly TownFile[] = [
  workbook('book.xlsx', 'nothing', () => bookOf({ Spending: figures('xlsx') }, 'xlsx'), ALL),
  workbook('book-titled.xlsx', 'a title above, a note below', () => bookOf({ Spending: titled }, 'xlsx'), ALL),
  workbook('book-three.xlsx', 'three tables on two sheets', () => bookOf(threeTables, 'xlsx'), { rows: [24, 12, 15] }),
  workbook('book-years.xlsx', 'a header of two rows with merged cells', merged, { rows: [12] }),
  workbook('book-formulas.xlsx', 'an error, and a formula without a result', formulas, ALL),
  oldWorkbook('book-97.xls', 'of Excel 97', () => bookOf({ Spending: figures('xls') }, 'biff8'), ALL),
  workbook('book-binary.xlsb', 'the binary form', () => bookOf({ Spending: figures('xlsb') }, 'xlsb'), ALL),
  openDocument('book-open.ods', 'OpenDocument', () => bookOf({ Spending: figures('ods') }, 'ods'), ALL),
  workbook('book-encrypted.xlsx', 'behind a password', encrypted, { refused: /encrypted/ }),
  workbook(
    'book-cut.xlsx',
    'cut off half-way',
    () => {
      const whole = bookOf({ Spending: figures('cut') }, 'xlsx');
      return whole.subarray(0, whole.length >> 1);
    },
    { refused: /^The file is a damaged ZIP archive/ },
  ),
];
