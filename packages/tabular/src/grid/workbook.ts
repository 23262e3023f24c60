/** Workbooks as grids: .xlsx and .xlsm by a reader of our own; .xlsb, .xls, .ods and what it leaves by SheetJS. */
import type { CellObject, Range, WorkBook, WorkSheet } from '@e965/xlsx';
import type { CellSpan, GridCell, GridRow } from './grid.ts';
import { createSheetNotes } from './sheet-notes.ts';
import type { Sheet, Workbook } from './sheets.ts';
import { UnreadableWorkbook } from './unreadable-workbook.ts';
import { createFigures, dateOf } from './workbook-dates.ts';
import { readXlsx } from './xlsx/read-xlsx.ts';
import type { FileInPieces } from './xlsx/zip-parts.ts';

type Xlsx = typeof import('@e965/xlsx');

/** Part of a sheet's data that is stored by rows; cells that were never filled are absent. */
type Dense = WorkSheet & { '!data'?: (CellObject[] | undefined)[] };

/** @throws UnreadableWorkbook for one that is encrypted, damaged or none at all. */
export const readWorkbook = async (file: FileInPieces): Promise<Workbook> => {
  const xlsx = await import('@e965/xlsx');
  return (await readXlsx(file, xlsx.SSF)) ?? readBySheetJs(xlsx, file.read(0, file.bytes));
};

/** Everything at once, as objects. */
export const readBySheetJs = (xlsx: Xlsx, bytes: Uint8Array): Workbook => {
  const book = parse(xlsx, bytes);
  const sheets: Sheet[] = [];
  const hidden: string[] = [];
  const figures = createFigures(xlsx.SSF, book.Workbook?.WBProps?.date1904 === true);
  for (const [index, name] of book.SheetNames.entries()) {
    const sheet = book.Sheets[name] as Dense;
    if (!sheet?.['!data']) continue;
    if (book.Workbook?.Sheets?.[index]?.Hidden) hidden.push(name);
    else sheets.push(sheetOf(name, sheet, figures));
  }
  return { sheets, hidden };
};

const parse = (xlsx: Xlsx, bytes: Uint8Array): WorkBook => {
  try {
    return xlsx.read(bytes, { type: 'buffer', dense: true, cellNF: true, cellText: false, cellHTML: false });
  } catch (error) {
    const said = (error as Error).message;
    if (/password|encrypt/i.test(said))
      throw new UnreadableWorkbook('the workbook is encrypted; publish it without a password');
    throw new UnreadableWorkbook(`the workbook is damaged, or is none (${said.slice(0, 200)})`);
  }
};

const sheetOf = (name: string, sheet: Dense, figures: ReturnType<typeof createFigures>): Sheet => {
  const notes = createSheetNotes();
  const cellOf = (cell: CellObject | undefined): GridCell => {
    if (!cell) return null;
    if (cell.v === undefined || cell.v === null) {
      if (cell.f !== undefined) notes.onUncomputed();
      return null;
    }
    if (cell.t === 'e') {
      const error = ERRORS[Number(cell.v)] ?? '#ERROR!';
      if (error !== '#N/A') notes.onError(error);
      return null;
    }
    if (cell.t === 'n') return figures(Number(cell.v), cell.z);
    if (cell.t === 'd') return dateOf(cell.v as Date);
    return cell.t === 'b' ? Boolean(cell.v) : String(cell.v).replaceAll('\r\n', '\n');
  };
  const rows: GridRow[] = [];
  for (const [index, cells] of (sheet['!data'] ?? []).entries()) {
    if (cells && cells.length > 0) rows.push({ row: index + 1, cells: Array.from(cells, cellOf) });
  }
  return { name, grid: { rows, spans: (sheet['!merges'] ?? []).map(spanOf) }, notes: notes.all() };
};

const spanOf = ({ s, e }: Range): CellSpan => ({
  row: s.r + 1,
  rows: e.r - s.r + 1,
  column: s.c,
  columns: e.c - s.c + 1,
});

/** Codes of errors in BIFF. */
const ERRORS: Readonly<Record<number, string>> = {
  0: '#NULL!',
  7: '#DIV/0!',
  15: '#VALUE!',
  23: '#REF!',
  29: '#NAME?',
  36: '#NUM!',
  42: '#N/A',
};
