/** Random tables for property tests. */
import fc from 'fast-check';
import type { Batch, Cell, ColumnType, Field, Schema } from '../table.ts';
import { createTableBuilder } from '../table-builder.ts';

export type RandomTable = { schema: Schema; rows: Cell[][] };

const texts = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 8 }).map((text) => text.toWellFormed()),
  fc.constantFrom('', ' ', '"', ',', '\r\n', 'a,b', '\ufeffx', 'São "Paulo"', '🍇', 'nd', '00123', 'x'.repeat(300)),
);
const cells: Record<ColumnType, fc.Arbitrary<Cell>> = {
  string: texts,
  boolean: fc.boolean(),
  int32: fc.oneof(fc.integer(), fc.constantFrom(0, -1, 2 ** 31 - 1, -(2 ** 31))),
  int64: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
  double: fc.oneof(
    fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => value + 0),
    fc.integer({ min: -1e9, max: 1e9 }).map((value) => value / 100 + 0),
    fc.constantFrom(0.1, 1e-7, 1e21, 123456789.123456, 5e-324, 35881118.23),
  ),
  date: fc
    .date({ min: new Date('0001-01-01'), max: new Date('9999-12-31'), noInvalidDate: true })
    .map((date) => date.toISOString().slice(0, 10)),
  timestamp: fc
    .date({ min: new Date('0001-01-01'), max: new Date('9999-12-31'), noInvalidDate: true })
    .map((date) => date.toISOString()),
};

const fields = fc
  .array(fc.tuple(fc.constantFrom(...(Object.keys(cells) as ColumnType[])), fc.boolean()), {
    minLength: 1,
    maxLength: 6,
  })
  .map((types) => types.map(([type, nullable], index): Field => ({ name: `c${index}`, type, nullable })));

/** Tables without a key; strings repeat now and then, so that there are dictionaries. */
export const randomTables: fc.Arbitrary<RandomTable> = fields.chain((list) =>
  fc
    .array(
      fc
        .tuple(...list.map(({ type, nullable }) => (nullable ? fc.option(cells[type], { freq: 3 }) : cells[type])))
        .map((row) => row as Cell[]),
      { maxLength: 30 },
    )
    .chain((rows) =>
      fc.integer({ min: 1, max: 4 }).map((times) => ({
        schema: { fields: list, key: [] },
        rows: Array.from({ length: times }, () => rows).flat(),
      })),
    ),
);

/** The table in batches of `batchRows`. */
export const batchesOf = ({ schema, rows }: RandomTable, batchRows: number): Batch[] => {
  const batches: Batch[] = [];
  const builder = createTableBuilder(schema, { batchRows, emit: (batch) => batches.push(batch) });
  for (const row of rows) builder.append(row);
  builder.end();
  return batches;
};

/** Cells of a CSV file by its schema, told apart by their quotes: nothing is null, `""` the empty string. */
export const typedCell = (text: string, quoted: boolean, type: ColumnType): Cell => {
  if (text === '' && !quoted) return null;
  if (type === 'boolean') return text === 'true';
  if (type === 'int64') return BigInt(text);
  return type === 'int32' || type === 'double' ? Number(text) : text;
};
