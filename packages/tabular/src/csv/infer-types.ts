/** The types of the columns of a CSV file, by the cells of some of it. */

import type { ColumnType, Field } from '../table.ts';
import { type CellRules, cellRules } from '../typing.ts';
import { dropBroken } from './broken-records.ts';
import { createCellClassifier } from './cell-classifier.ts';
import type { UnitOfColumn } from './column-forms.ts';
import { type CsvLayout, linesBefore } from './csv-layout.ts';
import { isNote } from './notes.ts';
import { cellText } from './record-block.ts';
import { createRecordScanner } from './record-scanner.ts';
import { utf8Chunks } from './utf8-chunks.ts';

/** How the cells of each column are read. `units`: what all figures of a column are written with. */
export const rulesOf = (
  layout: CsvLayout,
  units: readonly (UnitOfColumn | undefined)[],
  missing?: ReadonlySet<string>,
): CellRules[] =>
  layout.marks.map((marks, index) => {
    const unit = units[index];
    return { ...cellRules(marks, missing), ...(unit && !unit.mixed && { unit: unit.unit }) };
  });

/**
 * Kinds (bits of KIND) of the columns in some chunks. With `rest` false the last record may be cut, and does not count.
 */
export const classify = (
  chunks: Iterable<Uint8Array>,
  layout: CsvLayout,
  rules: readonly CellRules[],
  rest = true,
): Int32Array => {
  const width = layout.names.length;
  const classifier = createCellClassifier(new Int32Array(width), rules);
  if (width === 0) return classifier.kinds;
  const scanner = createRecordScanner({
    layout: layout.dialect,
    width,
    skipLines: linesBefore(layout.dialect),
    lastLine: layout.dialect.last_line,
    table: { spare: layout.spare, onLone: (block, row) => !isNote(cellText(block, row * width), true) },
    room: () => Math.max(1, layout.rows.length),
    onBlock(block) {
      if (layout.rareBreaks) dropBroken(block, layout.dialect.delimiter);
      classifier.add(block);
    },
    onOdd() {},
  });
  for (const chunk of utf8Chunks(chunks, layout.dialect)) scanner.push(chunk);
  if (rest) scanner.end();
  return classifier.kinds;
};

const NUMBERS: readonly ColumnType[] = ['int32', 'int64', 'double'];
const ORDERS: Readonly<Record<string, string>> = { DMY: 'the day', MDY: 'the month' };

/** What a reader should know of how the values were written: a unit that they no longer show, an order. */
const writtenAs = (type: ColumnType, { order }: CellRules, unit: UnitOfColumn | undefined): Partial<Field> => {
  if (unit && !unit.mixed && NUMBERS.includes(type))
    return { unit: unit.unit, description: `Written with ${unit.mark} in the file.` };
  const first = order && ORDERS[order];
  return first && (type === 'date' || type === 'timestamp')
    ? { description: `Written with ${first} first in the file.` }
    : {};
};

export const fieldsOf = (
  layout: CsvLayout,
  types: readonly ColumnType[],
  rules: readonly CellRules[],
  units: readonly (UnitOfColumn | undefined)[],
): Field[] =>
  layout.names.map((name, index): Field => {
    const title = layout.header[index]?.trim();
    const written = writtenAs(types[index], rules[index], units[index]);
    return { name, type: types[index], nullable: true, ...(title && title !== name ? { title } : {}), ...written };
  });
