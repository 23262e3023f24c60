import { open } from 'node:fs/promises';
import type { DuckDBResult, DuckDBVector } from '@duckdb/node-api';
import { csvLine } from './athena-csv.ts';
import { QueryCancelled } from './athena-failures.ts';
import { QueryFailure } from './athena-sql.ts';
import { describeType, nameFields, type ResultColumn } from './athena-values.ts';

/** Athena's "row or column size limit", https://docs.aws.amazon.com/athena/latest/ug/other-notable-limitations.html */
export const LARGEST_ROW = 32 * 2 ** 20;
/** The embedded S3 takes an object in one piece through the memory of `npm start`. */
export const LARGEST_RESULT = 256 * 2 ** 20;
type DuckDb = typeof import('@duckdb/node-api');

/** Characters that are written to the file at a time, or a row. */
const WRITE = 1 << 18;

const rowTooLarge = () => new QueryFailure('Query exceeded the row or column size limit of 32 MB');
const resultTooLarge = () =>
  new QueryFailure(
    `The result is larger than ${LARGEST_RESULT / 2 ** 20} MB, the most that the embedded AWS keeps; ask for fewer rows or columns.`,
  );

/**
 * Of texts and bytes, private in its types: 16 bytes for each, the first four of which are the length
 * (duckdb_string_t).
 */
type Texts = { dataView: DataView; validity: { itemValid(item: number): boolean } };
const BYTES_OF_A_TEXT = 16;
/** An array is written `[1, 2]`, bytes `00 01`. */
const LEAST_OF_AN_ITEM = 3;

/**
 * At least how long the text of a value is, found without reading the value, which may be more than JavaScript holds.
 * Looks no further than the largest row.
 */
const lengthOf = (duckdb: DuckDb, vector: DuckDBVector, item: number): number => {
  const isBytes = vector instanceof duckdb.DuckDBBlobVector;
  if (isBytes || vector instanceof duckdb.DuckDBVarCharVector) {
    const { dataView, validity } = vector as unknown as Texts;
    if (!validity.itemValid(item)) return 0;
    return dataView.getUint32(item * BYTES_OF_A_TEXT, true) * (isBytes ? LEAST_OF_AN_ITEM : 1);
  }
  if (vector instanceof duckdb.DuckDBListVector) {
    const items = vector.getItemVector(item);
    if (!items) return 0;
    let length = items.itemCount * LEAST_OF_AN_ITEM;
    for (let n = 0; n < items.itemCount && length <= LARGEST_ROW; n++) length += lengthOf(duckdb, items, n);
    return length;
  }
  if (vector instanceof duckdb.DuckDBMapVector) {
    return lengthOf(duckdb, (vector as unknown as { listVector: DuckDBVector }).listVector, item);
  }
  if (vector instanceof duckdb.DuckDBStructVector) {
    if (!vector.isItemValid(item)) return 0;
    const entries = vector.type.entryTypes.map((_, n) => vector.entryVectorAt(n));
    return entries.reduce((sum, entry) => sum + lengthOf(duckdb, entry, item), 0);
  }
  return 0;
};

/**
 * Writes a result to a file of its own, a row at a time, and says what its columns are. Throws QueryFailure where a row
 * or all of it is too large, and QueryCancelled once `isStopped`.
 */
export const writeResult = async (
  duckdb: DuckDb,
  result: DuckDBResult,
  options: { names: readonly string[]; path: string; isStopped: () => boolean },
): Promise<ResultColumn[]> => {
  const { names, path, isStopped } = options;
  const columns = names.map((name, n) => ({ name, ...describeType(result.columnType(n)) }));
  const file = await open(path, 'w', 0o600);
  let bytes = 0;
  let text = csvLine(names);
  const flush = async () => {
    bytes += Buffer.byteLength(text);
    if (bytes > LARGEST_RESULT) throw resultTooLarge();
    await file.appendFile(text);
    text = '';
    if (isStopped()) throw new QueryCancelled();
  };
  try {
    for (;;) {
      const chunk = await result.fetchChunk();
      if (isStopped()) throw new QueryCancelled();
      if (!chunk || chunk.rowCount === 0) break;
      const vectors = columns.map((_, n) => chunk.getColumnVector(n));
      for (const { type } of vectors) nameFields(type);
      for (let row = 0; row < chunk.rowCount; row++) {
        const length = vectors.reduce((sum, vector) => sum + lengthOf(duckdb, vector, row), 0);
        if (length > LARGEST_ROW) throw rowTooLarge();
        const line = csvLine(
          vectors.map((vector, n) => {
            const value = vector.getItem(row);
            return value === null ? null : columns[n]!.write(value);
          }),
        );
        // Quotes are doubled in it, and around each value.
        if (line.length > 2 * LARGEST_ROW) throw rowTooLarge();
        text += line;
        if (text.length >= WRITE) await flush();
      }
    }
    await flush();
  } finally {
    await file.close();
  }
  return columns.map(({ write: _, ...column }) => column);
};
