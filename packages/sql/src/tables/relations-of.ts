import type { Dataset } from '@granary/domain/dataset';
import { HISTORY_ENDING, sqlColumns } from '@granary/domain/sql-table';
import { parseType } from '../checking/analysis/parse-type.ts';
import type { Relation } from '../checking/analysis/scope.ts';

/**
 * Engines differ in which letters beyond ASCII they fold: whether a query's name is such a column's is left to them.
 */
const isFoldedAlike = (name: string): boolean => name === name.toLowerCase() || /^[ -~]*$/.test(name);

/**
 * The columns of the tables that a query reads, for its analysis. A history has columns that the catalog's description
 * of the dataset does not tell (the number of the version, what only older versions have), so it is open.
 */
export const relationsOf = (tables: readonly string[], datasets: readonly Dataset[]): ReadonlyMap<string, Relation> => {
  const byId = new Map(datasets.map((dataset) => [dataset.id, dataset]));
  return new Map(
    tables.flatMap((table) => {
      const isHistory = !byId.has(table) && table.endsWith(HISTORY_ENDING);
      const dataset = byId.get(isHistory ? table.slice(0, -HISTORY_ENDING.length) : table);
      if (!dataset) return [];
      const columns = sqlColumns(dataset.fields).map(({ name, type }) => ({
        name: name.toLowerCase(),
        type: parseType(type),
        of: undefined,
      }));
      const open = isHistory || !dataset.fields.every(({ name }) => isFoldedAlike(name));
      return [[table, { columns, open }] as const];
    }),
  );
};
