/** A source of chance with a seed, so that a damage is done again in the same way. */
export type Chance = {
  /** From 0 to `below` - 1. */
  below(below: number): number;
  pick<T>(items: readonly T[]): T;
  /** True in one of so many. */
  oneIn(n: number): boolean;
};

export const chanceOf = (seed: number): Chance => {
  let state = (seed ^ 0x9e3779b9) >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return (t ^ (t >>> 14)) >>> 0;
  };
  const below = (n: number): number => next() % n;
  return { below, pick: (items) => items[below(items.length)], oneIn: (n) => below(n) === 0 };
};

/** A file before it is written out. The first row is its header; damages change it where it stands. */
export type Sheet = {
  kind: 'production' | 'trade';
  rows: string[][];
  /** Indices of the leading columns that it still has, -1 for one that is gone. */
  id: number;
  control: number;
  name: number;
  first: number;
  delimiter: string;
  /** Every cell is written in quotes. */
  quoted: boolean;
  /** Places of figures that a damage adds, by value. */
  added: Map<number, Place>;
};

/** Where a figure belongs. `field`: which figure of the year, 0 or 1. */
export type Place = { section: string | null; name: string; year: number; field: number };

/**
 * One way to spoil a file: its table, then what stands at its head, its text, its bytes. A damage that does not apply
 * leaves things as they are.
 */
export type Damage =
  | { on: 'table' | 'head'; spoil(sheet: Sheet, chance: Chance): void }
  | { on: 'text'; spoil(text: string, chance: Chance, sheet: Sheet): string }
  | { on: 'bytes'; spoil(bytes: Buffer, chance: Chance): Buffer };

export const onTable = (spoil: (sheet: Sheet, chance: Chance) => void): Damage => ({ on: 'table', spoil });
/** Done after other damages of the table, which know the header as the first row. */
export const onHead = (spoil: (sheet: Sheet, chance: Chance) => void): Damage => ({ on: 'head', spoil });
export const onText = (spoil: (text: string, chance: Chance, sheet: Sheet) => string): Damage => ({
  on: 'text',
  spoil,
});
export const onBytes = (spoil: (bytes: Buffer, chance: Chance) => Buffer): Damage => ({ on: 'bytes', spoil });

/** Index of a line below the header. */
export const anyLine = ({ rows }: Sheet, chance: Chance): number => 1 + chance.below(Math.max(1, rows.length - 1));
/** Index of a column of figures. */
export const anyFigure = ({ rows, first }: Sheet, chance: Chance): number =>
  first + chance.below(Math.max(1, rows[0].length - first));
