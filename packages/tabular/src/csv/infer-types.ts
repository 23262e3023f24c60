/** The types of the columns of a CSV file, by the cells of some of it. */

import type { ColumnType, Field } from '../table.ts';
import { type CellRules, cellRules } from '../typing.ts';
import { dropBroken } from './broken-records.ts';
import { createCellClassifier } from './cell-classifier.ts';
import { type CsvLayout, linesBefore } from './csv-layout.ts';
import { isNote } from './notes.ts';
import { cellText } from './record-block.ts';
import { createRecordScanner } from './record-scanner.ts';
import { utf8Chunks } from './utf8-chunks.ts';

/** How the cells of each column are read. */
export const rulesOf = (layout: CsvLayout, missing?: ReadonlySet<string>): CellRules[] =>
  layout.marks.map((marks) => cellRules(marks, missing));

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

export const fieldsOf = (layout: CsvLayout, types: readonly ColumnType[]): Field[] =>
  layout.names.map((name, index): Field => {
    const title = layout.header[index]?.trim();
    return { name, type: types[index], nullable: true, ...(title && title !== name ? { title } : {}) };
  });
