/** The rows of a sheet of an .xlsx, from its XML as it comes. */
import type { CellSpan, GridCell, GridRow } from '../grid.ts';
import { attributesOf, UnfamiliarXml, type XmlHandler, xmlText } from './xml-scanner.ts';

/** What cells refer to, and how they are shown. */
export type SheetContext = {
  strings: readonly (string | null)[];
  /** A figure in a style: itself, or what date it shows. */
  figure(value: number, style: number): GridCell;
  /** Takes note of an error such as `#DIV/0!`; of a formula that has no result. */
  onError(error: string): void;
  onUncomputed(): void;
  /** Asked for so many cells more of a row, empty ones too; throws where there are too many. */
  take(cells: number): void;
};

export type SheetRows = XmlHandler & { readonly rows: readonly GridRow[]; readonly spans: readonly CellSpan[] };

const MOST_COLUMNS = 16_384;

/** `B3` as column, from 0, and row, from 1. */
const placeOf = (text: string): { column: number; row: number } | undefined => {
  const match = /^\$?([A-Z]{1,3})\$?([1-9]\d{0,6})$/.exec(text);
  if (!match) return undefined;
  const column = [...match[1]!].reduce((sum, letter) => sum * 26 + letter.charCodeAt(0) - 64, 0) - 1;
  return { column, row: Number(match[2]) };
};

const spanOf = (text: string): CellSpan | undefined => {
  const [first, last = first] = text.split(':').map(placeOf);
  if (!first || !last) return undefined;
  return {
    row: first.row,
    rows: last.row - first.row + 1,
    column: first.column,
    columns: last.column - first.column + 1,
  };
};

/** Powers of ten by which whole numbers below 2^53 are divided exactly as a decimal figure is read. */
const POWERS = Array.from({ length: 16 }, (_, power) => 10 ** power);

/** A figure: most are some digits, with a point or without. */
const figureOf = (bytes: Buffer, from: number, to: number): number => {
  let at = bytes[from] === 45 ? from + 1 : from;
  let whole = 0;
  let point = -1;
  if (to - at > 0 && to - at < 17) {
    for (; at < to; at++) {
      const digit = bytes[at]! - 48;
      if (digit >= 0 && digit < 10) whole = whole * 10 + digit;
      else if (bytes[at] === 46 && point === -1) point = at;
      else break;
    }
    if (at === to && whole < 1e15) {
      const value = point === -1 ? whole : whole / POWERS[to - point - 1]!;
      return bytes[from] === 45 ? -value : value;
    }
  }
  return Number.parseFloat(bytes.toString('latin1', from, to));
};

/** A whole number of digits alone; -1 for anything else. */
const wholeOf = (bytes: Buffer, from: number, to: number): number => {
  let value = 0;
  for (let at = from; at < to; at++) {
    const digit = bytes[at]! - 48;
    if (digit < 0 || digit > 9) return -1;
    value = value * 10 + digit;
  }
  return to > from ? value : -1;
};

/** Throws UnfamiliarXml where a sheet is written in a way that is not known here. */
export const createSheetRows = (context: SheetContext): SheetRows => {
  const rows: GridRow[] = [];
  const spans: CellSpan[] = [];
  /** The cells of the row at hand, `filled` of them: one array for all rows, since each is copied. */
  const cells: GridCell[] = [];
  let filled = 0;
  let row = 0;
  let column = -1;
  /** Of the cell at hand. */
  let type = 'n';
  let style = 0;
  let formula = false;
  let value: GridCell = null;
  let shared = -1;
  let has = false;
  /** Which text is being read. */
  let reading: 'value' | 'inline' | null = null;
  let text = '';
  let phonetic = false;

  const beginRow = (bytes: Buffer, from: number, to: number): void => {
    const { r } = attributesOf(bytes, from, to);
    const number = r === undefined ? row + 1 : Number(r);
    if (!(number > row)) throw new UnfamiliarXml('its rows are not in their order');
    row = number;
    column = -1;
    filled = 0;
  };

  /** `B3` at `from` to `to`: sets the column. */
  const takePlace = (bytes: Buffer, from: number, to: number): void => {
    let at = from;
    let index = 0;
    for (; at < to && bytes[at]! > 64 && bytes[at]! < 91; at++) index = index * 26 + bytes[at]! - 64;
    if (index === 0 || index > MOST_COLUMNS || wholeOf(bytes, at, to) !== row)
      throw new UnfamiliarXml('a cell says another place than its row');
    column = index - 1;
  };

  /** Attributes have names of one letter. */
  const beginCell = (bytes: Buffer, from: number, to: number): void => {
    type = 'n';
    style = 0;
    formula = false;
    has = false;
    value = null;
    column++;
    for (let at = from; at < to; ) {
      let equals = at;
      while (equals < to && bytes[equals] !== 61) equals++;
      let begin = equals + 1;
      while (begin < to && bytes[begin] !== 34 && bytes[begin] !== 39) begin++;
      if (begin >= to) return;
      let end = begin + 1;
      while (end < to && bytes[end] !== bytes[begin]) end++;
      const name = bytes[equals - 1];
      const isShort = bytes[equals - 2]! < 33;
      if (isShort && name === 114) takePlace(bytes, begin + 1, end);
      else if (isShort && name === 115) style = wholeOf(bytes, begin + 1, end);
      else if (isShort && name === 116)
        type = end - begin === 2 ? String.fromCharCode(bytes[begin + 1]!) : bytes.toString('latin1', begin + 1, end);
      at = end + 1;
    }
  };

  const put = (cell: GridCell): void => {
    if (cell === null) return;
    if (column >= MOST_COLUMNS) throw new UnfamiliarXml('a row has too many cells');
    if (column >= filled) {
      context.take(column + 1 - filled);
      while (filled < column) cells[filled++] = null;
      filled++;
    }
    cells[column] = cell;
  };

  /** Of the value of a cell, whole or what has come of it. */
  const takeValue = (bytes: Buffer, from: number, to: number, raw: boolean): void => {
    if (type === 'n') {
      if (has) throw new UnfamiliarXml('a figure is in pieces');
      value = context.figure(figureOf(bytes, from, to), style);
    } else if (type === 's' && !has) shared = wholeOf(bytes, from, to);
    else text += xmlText(bytes, from, to, raw);
    has = true;
  };

  const cellOf = (): GridCell => {
    switch (type) {
      case 'n':
        return value;
      case 's': {
        if (!has) return null;
        const known = text === '' ? context.strings[shared] : undefined;
        if (known === undefined) throw new UnfamiliarXml('a cell refers to a text that is not there');
        return known;
      }
      case 'str':
        return has ? text.replaceAll('\r\n', '\n') : null;
      case 'inlineStr':
        return text.replaceAll('\r\n', '\n');
      case 'b':
        return has ? text === '1' || text === 'true' : null;
      case 'e':
        if (has && text !== '#N/A') context.onError(text);
        return null;
      default:
        throw new UnfamiliarXml(`a cell is of the type ${type}`);
    }
  };

  return {
    rows,
    spans,
    open(name, bytes, from, to) {
      if (name === 'c') {
        beginCell(bytes, from, to);
        text = '';
      } else if (name === 'v') reading = 'value';
      else if (name === 't') reading = type === 'inlineStr' && !phonetic ? 'inline' : null;
      else if (name === 'f') formula = true;
      else if (name === 'row') beginRow(bytes, from, to);
      else if (name === 'rPh') phonetic = true;
      else if (name === 'mergeCell') {
        const span = spanOf(attributesOf(bytes, from, to).ref ?? '');
        if (!span) throw new UnfamiliarXml('a merged cell has no place');
        spans.push(span);
      }
    },
    text(bytes, from, to, raw) {
      if (reading === 'value') takeValue(bytes, from, to, raw);
      else if (reading === 'inline') text += xmlText(bytes, from, to, raw);
    },
    close(name) {
      if (name === 'v' || name === 't') reading = null;
      else if (name === 'rPh') phonetic = false;
      else if (name === 'c') {
        put(cellOf());
        // An empty text is a result, and has no text here.
        if (formula && !has && type !== 'str') context.onUncomputed();
      } else if (name === 'row' && filled > 0) rows.push({ row, cells: cells.slice(0, filled) });
    },
  };
};
