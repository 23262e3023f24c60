/** Columns of text: bytes become codes of a dictionary of bytes. */
import { ByteDictionary } from '../dictionary.ts';
import { KIND } from '../typing.ts';
import type { ColumnParser, ColumnPlan } from './column-plan.ts';
import { cellText, isQuotedEmpty, type RecordBlock } from './record-block.ts';

/** Distinct strings above this share of a batch are not worth looking up. */
const DISTINCT_SHARE = 0.6;
/** Batches after which a column of distinct strings is looked at again. */
const LOOK_AGAIN = 16;

export const stringParser = ({ capacity, nullable, onMisfit }: ColumnPlan): ColumnParser => {
  const codes = new Int32Array(capacity);
  const valid = new Uint8Array(capacity).fill(1);
  const dictionary = new ByteDictionary(Math.min(1024, 2 ** Math.ceil(Math.log2(capacity))));
  let nulls = false;
  let cells = 0;
  let distinct = false;
  let batches = 0;
  let unescaped = Buffer.allocUnsafe(1024);
  const undouble = (block: RecordBlock, index: number): number => {
    const from = block.starts[index];
    const to = ~block.ends[index];
    if (to - from > unescaped.length) unescaped = Buffer.allocUnsafe((to - from) * 2);
    let size = 0;
    for (let at = from; at < to; at++) {
      unescaped[size++] = block.bytes[at];
      if (block.bytes[at] === block.quote) at++;
    }
    return size;
  };
  return {
    parse(block, column, base) {
      const { bytes, words, starts, ends, width, rows } = block;
      for (let row = 0, index = column; row < rows; row++, index += width) {
        const from = starts[index];
        const end = ends[index];
        if (end > from)
          codes[base + row] = distinct
            ? dictionary.append(bytes, from, end)
            : dictionary.addOf(bytes, words, from, end);
        else if (end < 0) {
          const size = undouble(block, index);
          codes[base + row] = distinct ? dictionary.append(unescaped, 0, size) : dictionary.add(unescaped, 0, size);
        } else if (isQuotedEmpty(block, index)) codes[base + row] = dictionary.add(bytes, from, from);
        else {
          nulls = true;
          valid[base + row] = 0;
          if (!nullable && !onMisfit(base + row, null)) return false;
        }
      }
      cells += rows;
      if (!distinct && cells >= 2048 && dictionary.length > cells * DISTINCT_SHARE) distinct = true;
      return true;
    },
    keep(base, kept) {
      for (let i = 0; i < kept.length; i++) {
        codes[base + i] = codes[base + kept[i]];
        valid[base + i] = valid[base + kept[i]];
      }
      valid.fill(1, base + kept.length);
    },
    take: (rows) => ({
      type: 'string',
      codes: codes.subarray(0, rows),
      dictionary,
      valid: nulls ? valid.subarray(0, rows) : undefined,
    }),
    reset() {
      if (++batches % LOOK_AGAIN === 0) distinct = false;
      dictionary.clear();
      cells = 0;
      if (nulls) valid.fill(1);
      nulls = false;
    },
    bytes: () => dictionary.end,
    kinds: () => KIND.STRING,
  };
};

/** Nothing but blank cells; the first other one is a misfit. */
export const unknownParser = ({ capacity, onMisfit }: ColumnPlan): ColumnParser => {
  const codes = new Int32Array(capacity);
  const valid = new Uint8Array(capacity);
  return {
    parse(block, column, base) {
      for (let row = 0, index = column; row < block.rows; row++, index += block.width) {
        const blank = block.starts[index] === block.ends[index] && !isQuotedEmpty(block, index);
        if (!blank && !onMisfit(base + row, cellText(block, index))) return false;
      }
      return true;
    },
    keep() {},
    take: (rows) => ({
      type: 'string',
      codes: codes.subarray(0, rows),
      dictionary: new ByteDictionary(),
      valid: valid.subarray(0, rows),
    }),
    reset() {},
    bytes: () => 0,
    kinds: () => 0,
  };
};
