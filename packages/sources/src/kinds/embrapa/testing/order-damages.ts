import { type Damage, onTable, type Sheet } from './damage.ts';

/** What spreadsheets do to the lines of a file and to the order that they stand in. */
const sorted = (compare: (one: string[], other: string[], sheet: Sheet) => number): Damage =>
  onTable((sheet) => {
    const { rows } = sheet;
    rows.splice(1, rows.length - 1, ...rows.slice(1).sort((one, other) => compare(one, other, sheet)));
  });

const byText = (one = '', other = ''): number => (one.trim() < other.trim() ? -1 : 1);

export const ORDER_DAMAGES: Readonly<Record<string, Damage>> = {
  'lines sorted by name': sorted((one, other, { name }) => byText(one[name], other[name])),
  'lines sorted by control': sorted((one, other, { control, name }) =>
    byText(one[control < 0 ? name : control], other[control < 0 ? name : control]),
  ),
  'lines sorted by their last figure': sorted((one, other) => Number(other.at(-1)) - Number(one.at(-1)) || -1),
  'lines upside down': onTable(({ rows }) => {
    rows.splice(1, rows.length - 1, ...rows.slice(1).reverse());
  }),
  'controls filled down': onTable(({ rows, control }) => {
    let last = '';
    if (control < 0) return;
    for (const cells of rows.slice(1)) {
      if (cells[control] !== undefined && cells[control] === cells[control].toUpperCase()) last = cells[control];
      else cells[control] = last;
    }
  }),
};
