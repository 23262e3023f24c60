import { byteSource, readTable } from '@granary/tabular/read-table';
import type { Cell } from '@granary/tabular/table';
import type { LongRows, WideFileKind } from './wide-json.ts';

/** The columns of a normal form (packages/sources/src/kinds/embrapa/README.md) that its wide shape needs, out of a version's Parquet file. */
export const readLongRows = async (parquet: Uint8Array, kind: WideFileKind): Promise<LongRows> => {
  const read = (columns: readonly string[]) => readTable(byteSource(parquet), { columns });
  if (kind === 'production') {
    const { rows, columns } = await read(['section', 'product', 'year', 'line', 'quantity']);
    const [section, name, year, line, quantity] = columns;
    return {
      length: rows,
      section: section as (string | null)[],
      ...identity(name, year, line),
      figures: { quantity: figures(quantity) },
    };
  }
  const { rows, columns } = await read(['country', 'year', 'line', 'quantity_kg', 'value_usd']);
  const [name, year, line, quantity_kg, value_usd] = columns;
  return {
    length: rows,
    section: new Array<null>(rows).fill(null),
    ...identity(name, year, line),
    figures: { quantity_kg: figures(quantity_kg), value_usd: figures(value_usd) },
  };
};

// The contract of the dataset says what its columns hold; these tell the compiler.
const identity = (name: Cell[], year: Cell[], line: Cell[]) => ({
  name: name as string[],
  year: year as number[],
  line: line as number[],
});
const figures = (column: Cell[]) => column as (number | null)[];
