import { anyFigure, type Damage, onTable, type Sheet } from './damage.ts';

/** Takes a column out, of all lines or of those below the header. */
const dropColumn = (sheet: Sheet, at: number, from = 0): void => {
  for (const cells of sheet.rows.slice(from)) if (cells.length > at) cells.splice(at, 1);
};
const insertColumn = (sheet: Sheet, at: number, title: string, value: (line: number) => string): void => {
  for (const [line, cells] of sheet.rows.entries())
    if (cells.length >= at) cells.splice(at, 0, line === 0 ? title : value(line));
};
/** The leading columns stand elsewhere. */
const moved = (sheet: Sheet, at: number, by: number): void => {
  if (sheet.id >= at) sheet.id += by;
  if (sheet.control >= at) sheet.control += by;
  if (sheet.name >= at) sheet.name += by;
  if (sheet.first >= at) sheet.first += by;
};
const swapCells = (cells: string[], a: number, b: number): void => {
  if (cells.length > Math.max(a, b)) [cells[a], cells[b]] = [cells[b], cells[a]];
};

export const COLUMN_DAMAGES: Readonly<Record<string, Damage>> = {
  'columns of years turned round': onTable((sheet) => {
    sheet.rows = sheet.rows.map((cells) => [...cells.slice(0, sheet.first), ...cells.slice(sheet.first).reverse()]);
  }),
  'a column of a year twice': onTable((sheet, chance) => {
    const at = anyFigure(sheet, chance);
    for (const cells of sheet.rows) if (cells.length > at) cells.splice(at, 0, cells[at]);
  }),
  'a column of a year is missing': onTable((sheet, chance) => dropColumn(sheet, anyFigure(sheet, chance))),
  'two columns of years have changed places': onTable((sheet, chance) => {
    const [a, b] = [anyFigure(sheet, chance), anyFigure(sheet, chance)];
    // Quantity and value of one year are not told apart by their titles.
    if (sheet.rows[0][a] !== sheet.rows[0][b]) for (const cells of sheet.rows) swapCells(cells, a, b);
  }),
  'a column of notes at the end': onTable((sheet) => {
    const at = sheet.rows[0].length;
    insertColumn(sheet, at, 'Observações', (line) => (line % 3 === 0 ? 'dado preliminar' : ''));
  }),
  'a column of notes before the figures': onTable((sheet) => {
    insertColumn(sheet, sheet.first, 'Unidade', () => 'L');
    sheet.first++;
  }),
  'a column of notes among the figures': onTable((sheet, chance) => {
    insertColumn(sheet, anyFigure(sheet, chance), 'Nota', () => 'nd');
  }),
  'a blank column among the figures': onTable((sheet, chance) => {
    insertColumn(sheet, anyFigure(sheet, chance), '', () => '');
  }),
  'a column of words that tells lines apart': onTable((sheet) => {
    const tipo = (line: number) => ['Tinto', 'Branco', 'Rosado'][line % 3];
    insertColumn(sheet, sheet.first, 'tipo produto', tipo);
    for (const cells of sheet.rows.slice(1)) cells[sheet.name] = 'VINHO DE MESA';
    sheet.first++;
  }),
  'control and name have changed places': onTable((sheet) => {
    const { control, name } = sheet;
    if (control < 0) return;
    for (const cells of sheet.rows) swapCells(cells, control, name);
    [sheet.control, sheet.name] = [name, control];
  }),
  'control and name have changed places below the header': onTable((sheet) => {
    if (sheet.control < 0) return;
    for (const cells of sheet.rows.slice(1)) swapCells(cells, sheet.control, sheet.name);
  }),
  'no column of ids': onTable((sheet) => {
    if (sheet.id !== 0) return;
    dropColumn(sheet, 0);
    moved(sheet, 1, -1);
    sheet.id = -1;
  }),
  'no ids below the header': onTable((sheet) => {
    if (sheet.id === 0) dropColumn(sheet, 0, 1);
  }),
  'no column of controls': onTable((sheet) => {
    if (sheet.control < 0) return;
    dropColumn(sheet, sheet.control);
    moved(sheet, sheet.control + 1, -1);
    sheet.control = -1;
  }),
  'no column of names': onTable((sheet) => dropColumn(sheet, sheet.name)),
  'all figures have moved to the right': onTable((sheet) => {
    for (const cells of sheet.rows.slice(1)) {
      cells.splice(sheet.first, 0, '');
      cells.pop();
    }
  }),
  'all figures have moved to the left': onTable((sheet) => {
    for (const cells of sheet.rows.slice(1)) {
      cells.splice(sheet.first, 1);
      cells.push('');
    }
  }),
  'all lines have moved to the right': onTable((sheet) => {
    for (const cells of sheet.rows.slice(1)) cells.unshift('');
  }),
  'the last column is missing below the header': onTable((sheet) => {
    for (const cells of sheet.rows.slice(1)) cells.pop();
  }),
};
