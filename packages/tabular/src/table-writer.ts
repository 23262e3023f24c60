/** Typed batches to a published table: sorted by key, without duplicates, as Parquet and as gzipped CSV with equal rows. */
import { cellAt } from './cells.ts';
import { createCsvEncoder, csvHeader } from './csv/csv-encoder.ts';
import { gzipSink } from './gzip.ts';
import { createParquetWriter } from './parquet/parquet-writer.ts';
import { compareByAll, sortedOrder } from './row-order.ts';
import { createRowStore } from './row-store.ts';
import type { Sink } from './sink.ts';
import type { Batch, Cell, Column, QuarantineEntry, Schema } from './table.ts';

/** Fields that say where a row comes from: rows that differ in nothing else are the same. */
const PROVENANCE: ReadonlySet<string> = new Set(['line', 'processing_date']);

export type TableWriterOptions = {
  schema: Schema;
  parquet?: Sink;
  csvGz?: Sink;
  rowGroupRows?: number;
  /**
   * Sort by `schema.key` (numbers by size, strings by code point, nulls first) and look for duplicates; needs the table in memory.
   * Otherwise, or when the key is empty, rows are written as they come, a row group at a time.
   */
  sort: boolean;
  onQuarantine?(entry: QuarantineEntry): void;
  /** Told of the rows that are written, in their order, before they are encoded. Batches are valid until it returns. */
  onBatch?(batch: Batch): void;
  /** Key-value metadata of the Parquet file. */
  metadata?: Readonly<Record<string, string>>;
  gzipLevel?: number;
};

/** `rows` were written; together they are all rows that came in. */
export type TableWritten = { rows: number; deduplicated: number; quarantined: number };

export type TableWriter = { write(batch: Batch): void; end(): TableWritten };

const shown = (cell: Cell): string =>
  cell === null ? 'null' : typeof cell === 'string' ? JSON.stringify(cell) : String(cell);

/**
 * A row whose key came before is left out: silently counted as `deduplicated` when its data are equal (`line` and
 * `processing_date` aside), quarantined with a reason that names both lines when they are not. A null where the field may
 * not be null is quarantined too. Does not end the sinks.
 */
export const createTableWriter = (options: TableWriterOptions): TableWriter => {
  const { schema, parquet, csvGz, rowGroupRows = 10_000, onQuarantine, onBatch, metadata, gzipLevel } = options;
  const { fields } = schema;
  const sorting = options.sort && schema.key.length > 0;
  const sortedBy = sorting ? schema.key : [];
  const parquetWriter = parquet && createParquetWriter({ schema, sink: parquet, metadata, sortedBy });
  const gzip = csvGz && gzipSink(csvGz, gzipLevel);
  gzip?.write(csvHeader(schema));
  const csv = createCsvEncoder();
  const store = createRowStore(schema);
  const lineField = fields.findIndex((field) => field.name === 'line');
  const written: TableWritten = { rows: 0, deduplicated: 0, quarantined: 0 };

  const emit = (batch: Batch): void => {
    written.rows += batch.rows;
    onBatch?.(batch);
    parquetWriter?.write(batch);
    gzip?.write(csv.encode(batch));
  };

  const quarantine = (columns: readonly Column[], row: number, column: string | null, reason: string): void => {
    written.quarantined++;
    const cells = columns.map((each) => cellAt(each, row));
    const line = Number(lineField === -1 ? 0 : (cells[lineField] ?? 0));
    const raw = cells.map((cell) => (cell === null ? '' : shown(cell))).join(',');
    onQuarantine?.({ line, column, positions: [], raw, reason, rows: 1 });
  };

  /** Rows without a forbidden null; null when that is all of them. */
  const allowed = ({ rows, columns }: Batch): Uint32Array | null => {
    const refused = new Map<number, number>();
    for (const [index, { nullable }] of fields.entries()) {
      const valid = columns[index].valid;
      if (nullable || !valid) continue;
      for (let row = 0; row < rows; row++) if (valid[row] === 0 && !refused.has(row)) refused.set(row, index);
    }
    if (refused.size === 0) return null;
    const kept = new Uint32Array(rows - refused.size);
    for (let row = 0, to = 0; row < rows; row++) {
      const index = refused.get(row);
      if (index === undefined) kept[to++] = row;
      else quarantine(columns, row, fields[index].name, `${fields[index].name} has no value, and must have one`);
    }
    return kept;
  };

  const place = (columns: readonly Column[], row: number): string =>
    lineField === -1 ? `row ${row + 1}` : `line ${shown(cellAt(columns[lineField], row))}`;

  /** Rows in key order without later ones of the same key. */
  const distinct = (): Uint32Array => {
    const columns = fields.map((_, index) => store.column(index));
    const keyed = schema.key.map((name) => columns[fields.findIndex((field) => field.name === name)]);
    const compareKeys = compareByAll(keyed);
    const data = fields.flatMap(({ name }, index) =>
      PROVENANCE.has(name) ? [] : [{ name, column: columns[index], compare: compareByAll([columns[index]]) }],
    );
    const order = sortedOrder(store.rows, compareKeys);
    let to = 0;
    for (const row of order) {
      const first = to > 0 ? order[to - 1] : -1;
      if (first === -1 || compareKeys(first, row) !== 0) {
        order[to++] = row;
        continue;
      }
      const other = data.find(({ compare }) => compare(first, row) !== 0);
      if (!other) {
        written.deduplicated++;
        continue;
      }
      const key = schema.key.map((name, index) => `${name} ${shown(cellAt(keyed[index], row))}`).join(', ');
      const [mine, theirs] = [row, first].map(
        (each) => `${shown(cellAt(other.column, each))} in ${place(columns, each)}`,
      );
      quarantine(
        columns,
        row,
        other.name,
        `the key ${key} came before with other data: ${other.name} is ${mine}, and ${theirs}`,
      );
    }
    return order.subarray(0, to);
  };

  const flush = (order: Uint32Array): void => {
    for (let from = 0; from < order.length; from += rowGroupRows)
      emit(store.take(order, from, Math.min(from + rowGroupRows, order.length)));
    store.clear();
  };
  const everyRow = (): Uint32Array => Uint32Array.from({ length: store.rows }, (_, row) => row);

  return {
    write(batch) {
      if (batch.rows === 0) return;
      const kept = allowed(batch);
      const asItIs =
        !sorting && !kept && store.rows === 0 && batch.rows <= rowGroupRows * 1.5 && batch.rows >= rowGroupRows * 0.5;
      if (asItIs) {
        emit(batch);
        return;
      }
      if (!kept) store.append(batch);
      else {
        const whole = createRowStore(schema);
        whole.append(batch);
        store.append(whole.take(kept, 0, kept.length));
      }
      if (!sorting && store.rows >= rowGroupRows) flush(everyRow());
    },
    end() {
      flush(sorting ? distinct() : everyRow());
      parquetWriter?.end();
      gzip?.end();
      return written;
    },
  };
};
