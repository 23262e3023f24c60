/** Workbooks (.xlsx, .xlsm, .xlsb, .xls, .ods) as grids, by SheetJS. */
import type { CellObject, Range, WorkBook, WorkSheet } from '@e965/xlsx';
import type { CellSpan, Grid, GridCell, GridRow } from './grid.ts';

export type Sheet = {
  name: string;
  grid: Grid;
  /** What has no value: errors (`#DIV/0!`), and formulas that nobody has computed. */
  notes: readonly string[];
};

export type Workbook = { sheets: readonly Sheet[]; hidden: readonly string[] };

/** It cannot be read as a workbook; the message says why. */
export class UnreadableWorkbook extends Error {
  override name = 'UnreadableWorkbook';
}

type Xlsx = typeof import('@e965/xlsx');

/** Part of a sheet's data that is stored by rows; cells that were never filled are absent. */
type Dense = WorkSheet & { '!data'?: (CellObject[] | undefined)[] };

/** @throws UnreadableWorkbook for one that is encrypted, damaged or none at all. */
export const readWorkbook = async (bytes: Uint8Array): Promise<Workbook> => {
  const xlsx = await import('@e965/xlsx');
  const book = parse(xlsx, bytes);
  const sheets: Sheet[] = [];
  const hidden: string[] = [];
  const date1904 = book.Workbook?.WBProps?.date1904 === true;
  for (const [index, name] of book.SheetNames.entries()) {
    const sheet = book.Sheets[name] as Dense;
    if (!sheet?.['!data']) continue;
    if (book.Workbook?.Sheets?.[index]?.Hidden) hidden.push(name);
    else sheets.push(sheetOf(xlsx, name, sheet, date1904));
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

const sheetOf = (xlsx: Xlsx, name: string, sheet: Dense, date1904: boolean): Sheet => {
  const errors = new Map<string, number>();
  let uncomputed = 0;
  const cellOf = (cell: CellObject | undefined): GridCell => {
    if (!cell) return null;
    if (cell.v === undefined || cell.v === null) {
      if (cell.f !== undefined) uncomputed++;
      return null;
    }
    if (cell.t === 'e') {
      const error = ERRORS[Number(cell.v)] ?? '#ERROR!';
      if (error !== '#N/A') errors.set(error, (errors.get(error) ?? 0) + 1);
      return null;
    }
    if (cell.t === 'n') return figureOrDate(xlsx, Number(cell.v), cell.z, date1904);
    if (cell.t === 'd') return dateOf(cell.v as Date);
    return cell.t === 'b' ? Boolean(cell.v) : String(cell.v).replaceAll('\r\n', '\n');
  };
  const rows: GridRow[] = [];
  for (const [index, cells] of (sheet['!data'] ?? []).entries()) {
    if (cells && cells.length > 0) rows.push({ row: index + 1, cells: Array.from(cells, cellOf) });
  }
  const notes = [...errors].map(([error, count]) => `${count} ${count === 1 ? 'cell holds' : 'cells hold'} ${error}.`);
  if (uncomputed > 0)
    notes.push(`${uncomputed} ${uncomputed === 1 ? 'formula has' : 'formulas have'} no stored result.`);
  return { name, grid: { rows, spans: (sheet['!merges'] ?? []).map(spanOf) }, notes };
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

const two = (number: number): string => String(number).padStart(2, '0');

/** Days since the workbook's own epoch where the format of the cell shows a date; times of day alone are text. */
const figureOrDate = (xlsx: Xlsx, value: number, format: unknown, date1904: boolean): GridCell => {
  if (typeof format !== 'string' || format === 'General' || !xlsx.SSF.is_date(format)) return value;
  const parts = xlsx.SSF.parse_date_code(value, { date1904 }) as
    | { y: number; m: number; d: number; H: number; M: number; S: number; u: number }
    | undefined
    | null;
  if (!parts || value < 0) return value;
  const time = `${two(parts.H)}:${two(parts.M)}:${two(Math.round(parts.S))}`;
  if (!/[yd]/i.test(withoutText(format))) return /\[[hms]+\]/i.test(format) ? value : time;
  const iso = `${String(parts.y).padStart(4, '0')}-${two(parts.m)}-${two(parts.d)}`;
  // The day that Excel has in 1900 and no calendar does.
  if (iso === '1900-02-29' || parts.y > 9999) return value;
  return time === '00:00:00' ? { iso, time: false } : { iso: `${iso}T${time}`, time: true };
};
const withoutText = (format: string): string => format.replace(/"[^"]*"|\\.|\[[^\]]*\]/g, '');

const dateOf = (date: Date): GridCell => {
  const iso = date.toISOString();
  return iso.endsWith('T00:00:00.000Z')
    ? { iso: iso.slice(0, 10), time: false }
    : { iso: iso.slice(0, 19), time: true };
};
