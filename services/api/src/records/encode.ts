import { castColumn } from '@granary/tabular/query/cast-column';
import type { ResultField } from '@granary/tabular/query/query';
import { QueryError } from '@granary/tabular/query/query-error';
import type { QueryResult } from '@granary/tabular/query/run-query';
import { csvOf, jsonOf, ndjsonOf } from '@granary/tabular/query/write-rows';
import type { Batch, Column, Field } from '@granary/tabular/table';
import { createTableWriter } from '@granary/tabular/table-writer';
import { xlsxOf } from '@granary/tabular/xlsx/write-xlsx';
import type { Encoded } from '../exports/send-or-store.ts';
import type { Form } from './formats.ts';
import { refusal } from './refusals.ts';

/** The rows of a result in a format, made as they are read; `rows()` says how many have been. */
export const encode = (
  { fields, batches }: QueryResult,
  { format, stripped }: Form,
  options: { guard: boolean; name: string },
): Encoded => {
  let rows = 0;
  const counted = async function* (): AsyncGenerator<Batch> {
    for await (const batch of batches) {
      rows += batch.rows;
      yield batch;
    }
  };
  const chunks = (): AsyncIterable<Uint8Array> => {
    switch (format) {
      case 'json':
        return jsonOf(fields, counted(), { stripped });
      case 'ndjson':
        return ndjsonOf(fields, counted());
      case 'csv':
        return csvOf(fields, counted(), options);
      case 'parquet':
        return parquetOf(fields, counted());
      case 'xlsx':
        return fitting(xlsxOf(fields, counted(), { sheet: options.name }));
    }
  };
  return { chunks: chunks(), rows: () => rows };
};

/** Two columns of one name could not be told apart in a Parquet file: the second is `name_2`. */
const withNames = (fields: readonly ResultField[]): Field[] => {
  const taken = new Set<string>();
  return fields.map((field) => {
    let { name } = field;
    for (let count = 2; taken.has(name); count++) name = `${field.name}_${count}`;
    taken.add(name);
    return { ...field, ...(field.whole && { type: 'int64' }), name, nullable: true };
  });
};

async function* parquetOf(fields: readonly ResultField[], batches: AsyncIterable<Batch>): AsyncGenerator<Uint8Array> {
  if (fields.length === 0) throw unwritable('a Parquet file has columns; select some');
  const written: Uint8Array[] = [];
  const parquet = { write: (bytes: Uint8Array) => void written.push(Uint8Array.from(bytes)) };
  const writer = createTableWriter({ schema: { fields: withNames(fields), key: [] }, parquet, sort: false });
  for await (const batch of batches) {
    writer.write(withWhole(fields, batch));
    yield* written.splice(0);
  }
  await writer.end();
  yield* written;
}

/** Sums of int64 as int64. Throws UnfitQuery for one that is larger. */
const withWhole = (fields: readonly ResultField[], { rows, columns }: Batch): Batch => {
  if (!fields.some(({ whole }) => whole)) return { rows, columns };
  const cast = (column: Column, index: number): Column => {
    const { whole, name } = fields[index];
    if (!whole) return column;
    try {
      return castColumn(column, rows, 'int64');
    } catch (error) {
      if (!(error instanceof QueryError)) throw error;
      throw unwritable(`'${name}' is more than an integer of 64 bits holds; select it as text (sum()::text)`);
    }
  };
  return { rows, columns: columns.map(cast) };
};

async function* fitting(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  try {
    yield* chunks;
  } catch (error) {
    if (error instanceof RangeError) throw unwritable(error.message);
    throw error;
  }
}

const unwritable = (details: string) =>
  refusal(400, {
    code: 'PGRST100',
    message: 'The answer does not fit the format',
    details,
    hint: 'Ask for it as CSV, NDJSON or Parquet, or for less of it.',
  });
