/** The schema of a CSV file, by looking at every one of its rows. */
import { createCellClassifier } from './csv/cell-classifier.ts';
import { type CsvLayout, linesBefore, sniffLayout } from './csv/csv-layout.ts';
import { isNote } from './csv/notes.ts';
import { cellText, createRecordScanner } from './csv/record-scanner.ts';
import { type CsvInput, chunksOf, utf8Chunks } from './csv/utf8-chunks.ts';
import type { ColumnType, Dialect, Field, Schema } from './table.ts';
import { type CellRules, cellRules, typeOfKinds } from './typing.ts';

/** How the cells of each column are read. */
export const rulesOf = (layout: CsvLayout, missing?: ReadonlySet<string>): CellRules[] =>
  layout.marks.map((marks) => cellRules(marks, missing));

/** Kinds (bits of KIND) of the columns in some chunks. With `rest` false the last record may be cut, and does not count. */
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
    table: { onLone: (block, row) => !isNote(cellText(block, row * width), true) },
    room: () => 1024,
    onBlock: classifier.add,
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

export type InferredSchema = { schema: Schema; dialect: Dialect; header: string[] };

/**
 * Infers the types of all columns from all rows, widening: int32 → int64 → double, date → timestamp, anything → string. Records of
 * another width than the header's do not count. `missing`: markers (lower case) of values that are not available.
 */
export const inferSchema = (input: CsvInput & { dialect?: Dialect; missing?: ReadonlySet<string> }): InferredSchema => {
  const layout = sniffLayout(input, input.dialect);
  const kinds = classify(chunksOf(input), layout, rulesOf(layout, input.missing));
  const fields = fieldsOf(layout, Array.from(kinds, typeOfKinds));
  return { schema: { fields, key: [] }, dialect: layout.dialect, header: layout.header };
};
