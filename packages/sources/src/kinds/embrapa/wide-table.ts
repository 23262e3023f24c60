import type { WideTable } from '@granary/domain/source';
import type { Cell } from '@granary/tabular/table';
import type { FileKind } from './files.ts';
import { type LongRows, wideJson } from './wide-json.ts';

const COLUMNS = {
  production: ['product', 'year', 'line', 'quantity', 'section'],
  trade: ['country', 'year', 'line', 'quantity_kg', 'value_usd'],
} as const;

/** The wide shape of a file of this kind, made of the columns of its normal form (README.md). */
export const wideTableOf = (kind: FileKind): WideTable => ({
  columns: COLUMNS[kind],
  json: (columns, header) => wideJson(longRows(columns, kind), header, kind),
});

// The contract of the dataset says what its columns hold; the casts tell the compiler.
const longRows = (columns: readonly (readonly Cell[])[], kind: FileKind): LongRows => {
  const [name, year, line, first, last] = columns as [Cell[], Cell[], Cell[], Cell[], Cell[]];
  const figures = (column: readonly Cell[]) => column as (number | null)[];
  const common = {
    length: name.length,
    ...{ name: name as string[], year: year as number[], line: line as number[] },
  };
  return kind === 'production'
    ? { ...common, section: last as (string | null)[], figures: { quantity: figures(first) } }
    : {
        ...common,
        section: new Array<null>(name.length).fill(null),
        figures: { quantity_kg: figures(first), value_usd: figures(last) },
      };
};
