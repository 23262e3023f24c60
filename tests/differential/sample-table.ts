/**
 * The table that both are asked of: what Embrapa's files hold, and what is hard to read, compare and write in each
 * type.
 */
import { memorySink } from '@granary/tabular/sink';
import type { Cell, Schema } from '@granary/tabular/table';
import { createTableBuilder } from '@granary/tabular/table-builder';
import { createTableWriter } from '@granary/tabular/table-writer';

export const SCHEMA: Schema = {
  key: ['id'],
  fields: [
    { name: 'id', type: 'int32', nullable: false },
    { name: 'product', type: 'string', nullable: false },
    { name: 'year', type: 'int32', nullable: true },
    { name: 'quantity', type: 'double', nullable: true },
    { name: 'total', type: 'int64', nullable: true },
    { name: 'is_total', type: 'boolean', nullable: true },
    { name: 'day', type: 'date', nullable: true },
    { name: 'at', type: 'timestamp', nullable: true },
    { name: 'note', type: 'string', nullable: true },
  ],
};

export const PRODUCTS = [
  ...['Tinto', 'Branco', 'Rosado', 'Suco de uva', 'VINHO DE MESA', 'Orgânico', 'Espumante moscatel', 'África do Sul'],
  ...['Hebdon, John', 'David White', 'İstanbul', 'istanbul', 'ISTANBUL', 'ΟΔΟΣ', 'οδος', 'οδοσ', 'Σίσυφος', 'straße'],
];
export const NOTES = [
  ...['', ' ', 'null', 'NULL', 'a,b', 'x"y', '"', '(z)', '{a,b}', '{', '100%', 'a_b', '\\', 'a\\b', 'a.b', "it's"],
  ...['é', 'ﬁ', 'ǅ', 'K', 'ß', 'ẞ', '🍇', '🍇x', 'tab\there', 'two\nlines', '+', '-', '=1+1', '-5', 'true', '1970'],
];
const QUANTITIES = [-1234.5, -0.1, 0, 0.1, 0.5, 2, 1.5, 2.5, 1e15, 123456789012345680000, 1e-7, 217208604, 3.3];
const TOTALS = [-9223372036854775808n, -5n, 0n, 1n, 7n, 9007199254740993n, 9223372036854775807n];
const YEARS = [1970, 1971, 1999, 2000, 2001, 2024, -1, 0, 2147483647, -2147483648];
const DAYS = ['0001-01-01', '1969-12-31', '1970-01-01', '2000-02-29', '2024-12-31', '9999-12-31'];
const TIMES = [
  ...['0001-01-01T00:00:00.000Z', '1969-12-31T23:59:59.999Z', '1970-01-01T00:00:00.000Z'],
  ...['2024-02-29T12:00:00.001Z', '2024-02-29T12:00:00.120Z', '9999-12-31T23:59:59.999Z'],
];

/** Several row groups, so that their bounds have a say. */
const ROWS = 480;
const ROW_GROUP = 60;

/**
 * Values follow each other in steps that share no factor with how many there are, so that most combinations come; every
 * fifth or so is null.
 */
const pick = <T extends Cell>(values: readonly T[], row: number, step: number, nulls = 5): T | null =>
  (row * step) % nulls === 3 ? null : (values[(row * step + Math.floor(row / values.length)) % values.length] as T);

const rowOf = (row: number): Cell[] => [
  row + 1,
  PRODUCTS[(row * 7 + Math.floor(row / 11)) % PRODUCTS.length]!,
  pick(YEARS, row, 3, 7),
  pick(QUANTITIES, row, 5, 4),
  pick(TOTALS, row, 11, 6),
  pick([true, false], row, 1, 5),
  pick(DAYS, row, 5, 9),
  pick(TIMES, row, 7, 8),
  pick(NOTES, row, 9, 10),
];

/** The table as the collector writes it. */
export const sampleParquet = async (): Promise<Uint8Array> => {
  const parquet = memorySink();
  const writer = createTableWriter({ schema: SCHEMA, parquet, sort: true, rowGroupRows: ROW_GROUP });
  const builder = createTableBuilder(SCHEMA, { emit: (batch) => writer.write(batch) });
  for (let row = 0; row < ROWS; row++) builder.append(rowOf(row));
  builder.end();
  await writer.end();
  return parquet.bytes();
};
