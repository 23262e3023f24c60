import type { FileKind } from './files.ts';
import { leadingColumns } from './layout.ts';
import { readTitle, yearOf } from './year-cells.ts';

/**
 * Where the cells of a line stand that a row of the normal form was made of: positions from 1, by field. `header` is
 * the version's. Fields that no single cell gives (`section`, `is_total`, the year itself) are left out; a note says
 * why figures are missing, so it has the cells of all figures.
 */
export const cellsOfRow = (
  kind: FileKind,
  header: readonly string[],
  row: Readonly<Record<string, unknown>>,
): ReadonlyMap<string, readonly number[]> => {
  const first = header.findIndex((cell) => readTitle(cell).kind !== 'word');
  const { control, name } = leadingColumns(header.slice(0, first), kind);
  const figures = header.flatMap((cell, index) => (yearOf(cell) === row.year ? [index + 1] : []));
  const [one, two] = figures;
  const at = (index: number): number[] => (index < 0 ? [] : [index + 1]);
  const found: [string, readonly number[]][] =
    kind === 'trade'
      ? [
          ['country', at(name)],
          ['quantity_kg', one ? [one] : []],
          ['value_usd', two ? [two] : []],
        ]
      : [
          ['product', at(name)],
          ['product_code', at(control)],
          ['quantity', one ? [one] : []],
        ];
  return new Map([...found, ['note', figures] as const].filter(([, positions]) => positions.length > 0));
};
