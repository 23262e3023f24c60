import { cellAt } from '../cells.ts';
import type { OpenTable } from '../query/open-table.ts';
import { planGroups } from '../query/plan-groups.ts';
import { scanTable } from '../query/scan-table.ts';
import type { Cell, Field } from '../table.ts';

const shown = (cell: Cell): string =>
  typeof cell === 'string' ? JSON.stringify(cell.slice(0, 100)) : cell === null ? 'nothing' : String(cell);

const fieldsDifference = (before: readonly Field[], after: readonly Field[]): string | undefined => {
  const text = (field: Field | undefined): string =>
    field ? `${field.name} (${field.type}${field.nullable ? ', may be null' : ''})` : 'none';
  for (let index = 0; index < Math.max(before.length, after.length); index++) {
    const [was, is] = [text(before[index]), text(after[index])];
    if (was !== is) return `column ${index + 1} is ${is}, and was ${was}`;
  }
  return undefined;
};

async function* rowsOf(table: OpenTable): AsyncGenerator<Cell[]> {
  const columns = table.fields.map((_, index) => index);
  const plans = planGroups(table, null);
  for await (const { count, columns: read } of scanTable(table, { plans, columns, enough: null }))
    for (let row = 0; row < count; row++) yield columns.map((index) => cellAt(read.get(index)!, row));
}

/** Where two tables of ours first differ, row by row in their order, as a phrase; undefined where they do not. */
export const firstDifference = async (before: OpenTable, after: OpenTable): Promise<string | undefined> => {
  const fields = fieldsDifference(before.fields, after.fields);
  if (fields) return fields;
  const others = rowsOf(after);
  let row = 0;
  for await (const cells of rowsOf(before)) {
    row++;
    const { value: theirs, done } = await others.next();
    if (done) break;
    const index = cells.findIndex((cell, place) => !Object.is(cell, theirs[place]));
    if (index === -1) continue;
    await others.return(undefined);
    return `row ${row} has ${shown(theirs[index])} in ${before.fields[index].name}, and had ${shown(cells[index])}`;
  }
  await others.return(undefined);
  return before.rows === after.rows ? undefined : `it has ${after.rows} rows, and had ${before.rows}`;
};
