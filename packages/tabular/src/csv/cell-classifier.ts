/** Which kinds of cells the columns of a file have, cell by cell, without values. */
import { type CellRules, KIND, kindOf } from '../typing.ts';
import { cellText, type RecordBlock } from './record-block.ts';

export type CellClassifier = {
  /** Kinds of each column so far, bits of {@link KIND}. */
  readonly kinds: Int32Array;
  add(block: RecordBlock): void;
};

const isDigits = (bytes: Uint8Array, from: number, to: number): boolean => {
  for (let at = from; at < to; at++) if (bytes[at] < 48 || bytes[at] > 57) return false;
  return to > from;
};

/** The kind of most cells, by their bytes; -1 leaves it to {@link kindOf}. */
const quickKind = (bytes: Uint8Array, from: number, to: number, decimal: number, lone: boolean): number => {
  const at = bytes[from] === 45 ? from + 1 : from;
  const size = to - at;
  const first = bytes[at];
  if (size <= 0 || first < 48 || first > 57) {
    // What begins with a letter is a marker or a boolean, which are short, or a date with the month first, which is not
    // long and ends in a digit or in `pm`.
    const letter = first | 32;
    if (size <= 5 || letter < 97 || letter > 122 || at !== from) return -1;
    const last = bytes[to - 1] | 32;
    return size < 51 && ((last > 47 && last < 58) || last === 109 || last === 46) ? -1 : KIND.STRING;
  }
  if (size > 15) return -1;
  let end = at + 1;
  while (end < to && bytes[end] > 47 && bytes[end] < 58) end++;
  if (first === 48 && end > at + 1) return -1;
  if (end === to) return size < 10 ? KIND.INT32 : -1;
  if (!lone && to - end === 4) return -1;
  return bytes[end] === decimal && isDigits(bytes, end + 1, to) ? KIND.DOUBLE : -1;
};

/** `rules` of each column. Columns whose bit in `kinds` is already STRING are passed over. */
export const createCellClassifier = (kinds: Int32Array, columnRules: readonly CellRules[]): CellClassifier => {
  const addColumn = (block: RecordBlock, column: number): void => {
    const rules = columnRules[column];
    const decimal = rules.decimal.charCodeAt(0);
    const lone = rules.lone.includes(rules.decimal);
    const { bytes, starts, ends, width, rows } = block;
    let seen = kinds[column];
    for (let row = 0, index = column; row < rows; row++, index += width) {
      const from = starts[index];
      const to = ends[index];
      if (from === to) continue;
      const quick = to > 0 && rules.unit === undefined ? quickKind(bytes, from, to, decimal, lone) : -1;
      seen |= quick === -1 ? kindOf(cellText(block, index), rules) : quick;
      if ((seen & KIND.STRING) !== 0) break;
    }
    kinds[column] = seen;
  };
  return {
    kinds,
    add(block) {
      for (let column = 0; column < block.width; column++)
        if ((kinds[column] & KIND.STRING) === 0) addColumn(block, column);
    },
  };
};
