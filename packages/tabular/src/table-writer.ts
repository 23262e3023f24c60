/**
 * Typed batches to a published table: sorted by key, without duplicates, as Parquet and as gzipped CSV with equal rows.
 */
import { createCsvEncoder, csvHeader } from './csv/csv-encoder.ts';
import { gzipSink } from './gzip.ts';
import { keepBatch } from './kept-batch.ts';
import { createParquetWriter } from './parquet/parquet-writer.ts';
import { refusing, rowsWithoutForbiddenNulls } from './refused-rows.ts';
import { createRowGroups, type RowGroups } from './row-groups.ts';
import type { Sink } from './sink.ts';
import { createDistinct } from './sort/distinct-rows.ts';
import { createRowSorter } from './sort/row-sorter.ts';
import type { Batch, QuarantineEntry, Schema } from './table.ts';

export type TableWriterOptions = {
  schema: Schema;
  parquet?: Sink;
  csvGz?: Sink;
  rowGroupRows?: number;
  /**
   * Sort by `schema.key` (numbers by size, strings by code point, nulls first) and look for duplicates. Otherwise, or
   * when the key is empty, rows are written as they come, a row group at a time.
   */
  sort: boolean;
  /** Where a table that is to be sorted goes, sorted run by sorted run, when it is too large for memory. */
  folder?: string;
  /** What is sorted in memory at once. */
  runBytes?: number;
  onQuarantine?(entry: QuarantineEntry): void;
  /** Told of the rows that are written, in their order, before they are encoded. Batches are valid until it returns. */
  onBatch?(batch: Batch): void;
  /** Key-value metadata of the Parquet file. */
  metadata?: Readonly<Record<string, string>>;
};

/** `rows` were written; together they are all rows that came in. */
export type TableWritten = { rows: number; deduplicated: number; quarantined: number };

export type TableWriter = { write(batch: Batch): void; end(): Promise<TableWritten> };

/**
 * A row whose key came before is left out: silently counted as `deduplicated` when its data are equal (`line` and
 * `processing_date` aside), quarantined with a reason that names both lines when they are not. A null where the field
 * may not be null is quarantined too. Does not end the sinks.
 */
export const createTableWriter = (options: TableWriterOptions): TableWriter => {
  const { schema, parquet, csvGz, rowGroupRows = 10_000, onQuarantine, onBatch, metadata } = options;
  const sorting = options.sort && schema.key.length > 0;
  const parquetWriter =
    parquet && createParquetWriter({ schema, sink: parquet, metadata, sortedBy: sorting ? schema.key : [] });
  const gzip = csvGz && gzipSink(csvGz);
  gzip?.write(csvHeader(schema));
  const csv = gzip && createCsvEncoder();
  const written: TableWritten = { rows: 0, deduplicated: 0, quarantined: 0 };
  const refuse = refusing(schema, (entry) => {
    written.quarantined++;
    onQuarantine?.(entry);
  });
  const emit = (batch: Batch): void => {
    written.rows += batch.rows;
    onBatch?.(batch);
    parquetWriter?.write(batch);
    if (csv) gzip.write(csv.encode(batch));
  };
  const isWritten = parquet !== undefined || csvGz !== undefined;
  let groups: RowGroups | undefined;
  const addToGroup: RowGroups['add'] = (batch, row) => {
    groups ??= createRowGroups(schema, rowGroupRows, emit);
    groups.add(batch, row);
  };
  const sorter = sorting ? createRowSorter(options) : undefined;

  return {
    write(batch) {
      if (batch.rows === 0) return;
      const allowed = rowsWithoutForbiddenNulls(batch, schema, refuse);
      const isRowGroup = !isWritten || (batch.rows <= rowGroupRows * 1.5 && batch.rows >= rowGroupRows * 0.5);
      if (!sorter && !allowed && !groups?.begun && isRowGroup) {
        emit(batch);
        return;
      }
      const kept = keepBatch(batch, allowed);
      if (sorter) sorter.add(kept);
      else for (let row = 0; row < kept.rows; row++) addToGroup(kept, row);
    },
    async end() {
      if (sorter) {
        const distinct = createDistinct(schema, refuse);
        await sorter.drain((batch, row) => {
          if (distinct.isFirst(batch, row)) addToGroup(batch, row);
        });
        written.deduplicated = distinct.deduplicated;
      }
      groups?.end();
      parquetWriter?.end();
      gzip?.end();
      return written;
    },
  };
};
