/** Reads a whole Parquet file of ours by the reader that serves it, and says what it holds. */
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { PageDictionary, readColumn } from '../parquet/read-column.ts';
import type { ChunkPlace } from '../parquet/read-footer.ts';
import { openTable, type RangeReader } from '../query/open-table.ts';
import type { Column, Field, Schema } from '../table.ts';
import { addColumn, RunningSum, type TableSums } from './table-sums.ts';

/**
 * A local file by ranges. A range beyond its end is shorter than asked for. What was read is valid until the next read.
 */
export const fileRanges = (path: string): RangeReader & { close(): void } => {
  const file = openSync(path, 'r');
  let memory = Buffer.alloc(0);
  return {
    byteLength: fstatSync(file).size,
    async read(start, end) {
      if (end - start > memory.length) memory = Buffer.allocUnsafeSlow(end - start);
      const bytes = memory.subarray(0, Math.max(0, end - start));
      let size = 0;
      for (let got = -1; got !== 0 && size < bytes.length; size += got)
        got = readSync(file, bytes, size, bytes.length - size, start + size);
      return bytes.subarray(0, size);
    },
    close: () => closeSync(file),
  };
};

const sameFields = (found: readonly Field[], expected: readonly Field[]): boolean =>
  found.length === expected.length &&
  found.every(
    ({ name, type, nullable }, index) =>
      name === expected[index].name && type === expected[index].type && nullable === expected[index].nullable,
  );

/** A loop of its own for each kind of array, alike on purpose: one that meets several kinds is three times as slow. */
const areWithin = {
  int32(values: Int32Array, rows: number, min: number, max: number, valid: Uint8Array | undefined): boolean {
    for (let row = 0; row < rows; row++)
      if ((values[row] < min || values[row] > max) && (valid === undefined || valid[row] !== 0)) return false;
    return true;
  },
  double(values: Float64Array, rows: number, min: number, max: number, valid: Uint8Array | undefined): boolean {
    for (let row = 0; row < rows; row++)
      if ((values[row] < min || values[row] > max) && (valid === undefined || valid[row] !== 0)) return false;
    return true;
  },
  other(values: ArrayLike<number>, rows: number, min: number, max: number, valid: Uint8Array | undefined): boolean {
    for (let row = 0; row < rows; row++)
      if ((values[row] < min || values[row] > max) && (valid === undefined || valid[row] !== 0)) return false;
    return true;
  },
};

const viewOf = ({ buffer, byteOffset, byteLength }: Uint8Array): DataView =>
  new DataView(buffer, byteOffset, byteLength);

/** Whether all values lie within the bounds, by which readers pass over row groups. */
const withinBounds = (column: Column, rows: number, { bounds }: ChunkPlace): boolean => {
  if (!bounds) return true;
  const { valid } = column;
  if (column.type === 'string') {
    const { dictionary } = column;
    const [min, max] = [viewOf(bounds.min as Uint8Array), viewOf(bounds.max as Uint8Array)];
    if (!(dictionary instanceof PageDictionary)) return false;
    for (let code = 0; code < dictionary.length; code++)
      if (dictionary.compare(code, min) < 0 || dictionary.compare(code, max) > 0) return false;
    return true;
  }
  const [min, max] = [bounds.min as number, bounds.max as number];
  if (column.values instanceof Int32Array) return areWithin.int32(column.values, rows, min, max, valid);
  if (column.values instanceof Float64Array) return areWithin.double(column.values, rows, min, max, valid);
  return areWithin.other(column.values as ArrayLike<number>, rows, min, max, valid);
};

/**
 * Decodes every page, a column of a row group at a time. Throws RangeError, which says what is wrong, for a file that
 * cannot be read, or whose footer says other fields, another order, other nulls or bounds than its pages have.
 */
export const readBackParquet = async (
  file: RangeReader,
  { fields, key }: Schema,
  options: { sorted: boolean },
): Promise<TableSums> => {
  const table = await openTable(file);
  if (!sameFields(table.fields, fields)) throw new RangeError('the Parquet file has other columns than were written');
  const sortedBy = options.sorted ? key.map((name) => fields.findIndex((field) => field.name === name)) : [];
  if (table.groups.length > 0 && sortedBy.join() !== table.sortedBy.join())
    throw new RangeError('the Parquet file says another order of its rows than they were written in');
  const running = fields.map(() => new RunningSum());
  for (const [number, group] of table.groups.entries()) {
    for (const [index, chunk] of group.chunks.entries()) {
      const name = `column ${fields[index].name} of row group ${number + 1} of the Parquet file`;
      const bytes = await file.read(chunk.start, chunk.end);
      if (bytes.length !== chunk.end - chunk.start) throw new RangeError(`${name} is cut off`);
      const column = readColumn(bytes, fields[index], group.rows);
      const before = running[index].nulls;
      addColumn(running[index], column, group.rows);
      const nulls = running[index].nulls - before;
      if (chunk.nulls !== nulls) throw new RangeError(`${name} has ${nulls} nulls, and its footer says ${chunk.nulls}`);
      if (!withinBounds(column, group.rows, chunk)) throw new RangeError(`${name} has values beyond its bounds`);
    }
  }
  return { rows: table.rows, columns: running.map((sum) => sum.sum()) };
};
