import { byteSource, readTable } from '@granary/tabular/read-table';
import type { Cell } from '@granary/tabular/table';
import type { LongRows } from './wide-json.ts';

const PRODUCTS = ['section', 'product', 'year', 'line', 'quantity'] as const;
const COUNTRIES = ['country', 'year', 'line', 'quantity_kg', 'value_usd'] as const;

/** The columns of a normal form (docs/sources) that its wide shape needs, out of a version's Parquet file. */
export const readLongRows = async (parquet: Uint8Array, kind: 'products' | 'countries'): Promise<LongRows> => {
  const file = byteSource(parquet);
  if (kind === 'products') {
    const { rows, columns } = await readTable(file, { columns: PRODUCTS });
    const [section, name, year, line, first] = columns;
    return {
      length: rows,
      section: texts(section),
      name: texts(name),
      year: numbers(year),
      line: numbers(line),
      first: figures(first),
    };
  }
  const { rows, columns } = await readTable(file, { columns: COUNTRIES });
  const [name, year, line, first, second] = columns;
  const section = new Array<null>(rows).fill(null);
  return {
    length: rows,
    section,
    name: texts(name),
    year: numbers(year),
    line: numbers(line),
    first: figures(first),
    second: figures(second),
  };
};

// The schema of a version says what its columns hold; these say it to the compiler.
const texts = (column: Cell[]) => column as string[];
const numbers = (column: Cell[]) => column as number[];
const figures = (column: Cell[]) => column as (number | null)[];
