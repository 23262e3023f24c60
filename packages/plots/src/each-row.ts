import { cellAt } from '@granary/tabular/cells';
import type { OpenTable } from '@granary/tabular/query/open-table';
import type { Query } from '@granary/tabular/query/query';
import { runQuery } from '@granary/tabular/query/run-query';
import type { Cell } from '@granary/tabular/table';

/** Hands over the cells of each row that a query finds, in order. */
export const eachRow = async (table: OpenTable, query: Query, take: (row: Cell[]) => void): Promise<void> => {
  for await (const { rows, columns } of runQuery(table, query).batches) {
    for (let row = 0; row < rows; row++) take(columns.map((column) => cellAt(column, row)));
  }
};
