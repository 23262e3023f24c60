/** Numbers groups of rows: each value of a column has a code, each combination of codes a number. */
import type { Column, ColumnType, Field } from '../table.ts';
import { textColumn } from './column-ops.ts';

/** Numbers pairs of 32-bit numbers in the order of their first appearance. */
class PairTable {
  size = 0;
  #left = new Int32Array(1024);
  #right = new Int32Array(1024);
  #slots = new Int32Array(2048).fill(-1);

  number(left: number, right: number): number {
    if (this.size === this.#left.length) this.#grow();
    const mask = this.#slots.length - 1;
    let slot = this.#hash(left, right) & mask;
    for (let id = this.#slots[slot]; id !== -1; id = this.#slots[slot]) {
      if (this.#left[id] === left && this.#right[id] === right) return id;
      slot = (slot + 1) & mask;
    }
    const id = this.size++;
    this.#slots[slot] = id;
    this.#left[id] = left;
    this.#right[id] = right;
    return id;
  }

  #hash(left: number, right: number): number {
    const mixed = Math.imul(left ^ Math.imul(right, 0x9e3779b1), 0x85ebca6b);
    return Math.imul(mixed ^ (mixed >>> 15), 0xc2b2ae35) >>> 8;
  }

  #grow(): void {
    const capacity = this.#left.length * 2;
    const [left, right] = [this.#left, this.#right];
    this.#left = new Int32Array(capacity);
    this.#left.set(left);
    this.#right = new Int32Array(capacity);
    this.#right.set(right);
    this.#slots = new Int32Array(capacity * 2).fill(-1);
    const mask = this.#slots.length - 1;
    for (let id = 0; id < left.length; id++) {
      let slot = this.#hash(left[id], right[id]) & mask;
      while (this.#slots[slot] !== -1) slot = (slot + 1) & mask;
      this.#slots[slot] = id;
    }
  }
}

type Coder = {
  /** Codes of the rows of a column. */
  codes(column: Column, rows: number): Int32Array;
  /** The values of these codes as a column. */
  column(codes: ArrayLike<number>): Column;
};

const NULL = -1;

const textCoder = (): Coder => {
  const known = new Map<string, number>();
  const texts: string[] = [];
  return {
    codes(column, rows) {
      if (column.type !== 'string') throw new TypeError(`${column.type} is no text`);
      const { dictionary, codes: own, valid } = column;
      const local = new Int32Array(dictionary.length);
      for (let code = 0; code < local.length; code++) {
        const text = dictionary.get(code);
        let id = known.get(text);
        if (id === undefined) {
          id = texts.push(text) - 1;
          known.set(text, id);
        }
        local[code] = id;
      }
      const codes = new Int32Array(rows);
      if (!valid) for (let row = 0; row < rows; row++) codes[row] = local[own[row]];
      else for (let row = 0; row < rows; row++) codes[row] = valid[row] === 0 ? NULL : local[own[row]];
      return codes;
    },
    column: (codes) => textColumn(Array.from(codes, (code) => (code === NULL ? null : texts[code]))),
  };
};

const valuesOf = (type: ColumnType, count: number): Exclude<Column, { type: 'string' }>['values'] => {
  if (type === 'boolean') return new Uint8Array(count);
  if (type === 'int64') return new BigInt64Array(count);
  return type === 'int32' || type === 'date' ? new Int32Array(count) : new Float64Array(count);
};

const numberCoder = (type: Exclude<ColumnType, 'string'>): Coder => {
  const table = new PairTable();
  const firsts: (number | bigint)[] = [];
  const wide = type === 'double' || type === 'timestamp' || type === 'int64';
  return {
    codes(column, rows) {
      if (column.type === 'string') throw new TypeError('a text is no number');
      let { values } = column;
      const codes = new Int32Array(rows);
      // Zeros of both signs are one group.
      if (type === 'double') values = (values as Float64Array).subarray(0, rows).map((value) => value + 0);
      const halves = wide ? new Int32Array(values.slice(0, rows).buffer) : null;
      for (let row = 0; row < rows; row++) {
        if (column.valid?.[row] === 0) {
          codes[row] = NULL;
          continue;
        }
        const code = halves
          ? table.number(halves[2 * row], halves[2 * row + 1])
          : table.number(values[row] as number, 0);
        if (code === firsts.length) firsts.push(values[row]);
        codes[row] = code;
      }
      return codes;
    },
    column(codes) {
      const values = valuesOf(type, codes.length);
      const valid = new Uint8Array(codes.length);
      for (let i = 0; i < codes.length; i++) {
        if (codes[i] === NULL) continue;
        valid[i] = 1;
        values[i] = firsts[codes[i]] as never;
      }
      return { type, values, valid } as Column;
    },
  };
};

export type GroupKeys = {
  readonly groups: number;
  /** The group of each row. */
  number(columns: readonly Column[], rows: number): Int32Array;
  /** The values of the key columns, a row for each group. */
  columns(): Column[];
};

/** Groups by columns of these types; without any there is one group, and there is it even without rows. */
export const createGroupKeys = (fields: readonly Pick<Field, 'type'>[]): GroupKeys => {
  const coders = fields.map(({ type }) => (type === 'string' ? textCoder() : numberCoder(type)));
  /**
   * Numbers by the code of the first key and by null before it, then pairs of such a number and the code of the next
   * key.
   */
  let firsts = new Int32Array(64).fill(-1);
  let firstSize = 0;
  const reserve = (codes: Int32Array): void => {
    let most = 0;
    for (let row = 0; row < codes.length; row++) if (codes[row] > most) most = codes[row];
    if (most + 1 < firsts.length) return;
    const larger = new Int32Array(2 * (most + 2)).fill(-1);
    larger.set(firsts);
    firsts = larger;
  };
  const tables = coders.slice(1).map(() => new PairTable());
  /** Codes by key, for each group. */
  const codesOf = coders.map((): number[] => []);
  let groups = coders.length === 0 ? 1 : 0;
  return {
    get groups() {
      return groups;
    },
    number(columns, rows) {
      const codes = coders.map((coder, key) => coder.codes(columns[key], rows));
      const numbers = new Int32Array(rows);
      if (coders.length === 0) return numbers;
      reserve(codes[0]);
      for (let row = 0; row < rows; row++) {
        const place = codes[0][row] + 1;
        if (firsts[place] === -1) firsts[place] = firstSize++;
        numbers[row] = firsts[place];
      }
      for (const [index, table] of tables.entries()) {
        const own = codes[index + 1];
        for (let row = 0; row < rows; row++) numbers[row] = table.number(numbers[row], own[row]);
      }
      for (let row = 0; row < rows; row++) {
        if (numbers[row] !== groups) continue;
        for (const [key, own] of codes.entries()) codesOf[key].push(own[row]);
        groups++;
      }
      return numbers;
    },
    columns: () => coders.map((coder, key) => coder.column(codesOf[key])),
  };
};
