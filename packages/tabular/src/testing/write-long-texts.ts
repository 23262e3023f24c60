/**
 * For tests, as a process of its own too: `node write-long-texts.ts <folder>` writes `data.parquet` and `data.csv.gz`
 * there.
 */
import { join } from 'node:path';
import { fileSink, type Written } from '../sink.ts';
import type { Cell, Schema } from '../table.ts';
import { createTableBuilder } from '../table-builder.ts';
import { createTableWriter } from '../table-writer.ts';

export const LONG_TEXTS: Schema = {
  fields: [
    { name: 'id', type: 'int32', nullable: false },
    { name: 'note', type: 'string', nullable: true },
    { name: 'repeated', type: 'string', nullable: true },
  ],
  key: ['id'],
};

/** 10,000 rows: one row group that holds more than a mebibyte of text, each fourth cell of it null. */
export const longTexts: readonly (readonly Cell[])[] = Array.from({ length: 10_000 }, (_, id) => [
  id,
  id % 4 === 3 ? null : `${id}: ${'a text of about a hundred and ten bytes, '.repeat(3)}`.slice(0, 110),
  // Texts that are not all distinct and too many for a dictionary.
  id % 5 === 4 ? null : `${id - (id % 3 === 1 ? 1 : 0)}: ${'seen before, perhaps; '.repeat(6)}`,
]);

export const writeLongTexts = async (folder: string): Promise<{ parquet: Written; csvGz: Written }> => {
  const [parquet, csvGz] = ['data.parquet', 'data.csv.gz'].map((name) => fileSink(join(folder, name)));
  const writer = createTableWriter({ schema: LONG_TEXTS, parquet, csvGz, sort: true });
  const builder = createTableBuilder(LONG_TEXTS, { emit: (batch) => writer.write(batch) });
  for (const cells of longTexts) builder.append(cells);
  builder.end();
  await writer.end();
  return { parquet: parquet!.end(), csvGz: csvGz!.end() };
};

if (import.meta.filename === process.argv[1]) await writeLongTexts(process.argv[2]!);
