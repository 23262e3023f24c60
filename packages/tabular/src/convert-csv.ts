/**
 * CSV of any dialect and size to a typed table, as Parquet and gzipped CSV in one pass: bytes become columns without strings or row
 * objects in between. Types are inferred from every row, or declared by a contract.
 */
import { createCellClassifier } from './csv/cell-classifier.ts';
import { createColumnParser } from './csv/column-parser.ts';
import type { ColumnParser } from './csv/column-plan.ts';
import { createCsvEncoder, csvHeader } from './csv/csv-encoder.ts';
import { type CsvLayout, sniffLayout } from './csv/csv-layout.ts';
import { createRecordScanner, type RecordBlock, recordText } from './csv/record-scanner.ts';
import { UnreadableText } from './csv/tokenizer.ts';
import { type CsvInput, chunksOf, utf8Chunks } from './csv/utf8-chunks.ts';
import { parallelGzipSink } from './gzip.ts';
import { classify, fieldsOf } from './infer-schema.ts';
import { createParquetWriter } from './parquet/parquet-writer.ts';
import type { RestartableSink } from './sink.ts';
import type { Batch, ColumnType, Dialect, Field, QuarantineEntry, Schema } from './table.ts';
import { type CellRules, cellRules, KIND, typeOfKinds } from './typing.ts';

export type ConvertCsvOptions = CsvInput & {
  dialect?: Dialect;
  /** Fields by name; their types outrank inference: a row that does not fit is quarantined. Other columns are inferred. */
  contract?: { fields: readonly Field[] };
  /** Markers, in lower case, of values that are not available; null in all columns but those of text. */
  missing?: ReadonlySet<string>;
  parquet?: RestartableSink;
  csvGz?: RestartableSink;
  onBatch?(batch: Batch, schema: Schema): void;
  onQuarantine?(entry: QuarantineEntry): void;
  rowGroupRows?: number;
  /** How much of the beginning is looked at before the first pass; 256 KiB when not said. */
  headBytes?: number;
  gzipLevel?: number;
  /** Key-value metadata of the Parquet file. */
  metadata?: Readonly<Record<string, string>>;
};

export type ConvertedCsv = {
  schema: Schema;
  dialect: Dialect;
  /** Cells of the header as they stand; empty when the file has none. */
  header: string[];
  /** rows_read = published + quarantined. Blank lines and the header are no rows. */
  rows_read: number;
  published: number;
  quarantined: number;
  /** 2 when a column turned out wider than the beginning of the file had let expect. */
  passes: 1 | 2;
};

type Type = ColumnType | 'unknown';
type Column = { field: Field; declared: boolean; type: Type };
type Pass = { rows: number; published: number; quarantined: number; widened: Int32Array | null };

/** Blank cells and markers only: any type may follow. */
const undecided = (kinds: number): boolean => (kinds & ~KIND.MISSING) === 0;

const columnsOf = (layout: CsvLayout, contract: readonly Field[], kinds: Int32Array, final: boolean): Column[] => {
  const declared = new Map(contract.map((field) => [field.name, field]));
  for (const field of contract) {
    if (!layout.names.includes(field.name))
      throw new UnreadableText(`the file has no column ${field.name}; it has ${layout.names.join(', ')}`);
  }
  return fieldsOf(layout, Array.from(kinds, typeOfKinds)).map((inferred, index): Column => {
    const field = declared.get(inferred.name);
    if (field) return { field, declared: true, type: field.type };
    return { field: inferred, declared: false, type: undecided(kinds[index]) && !final ? 'unknown' : inferred.type };
  });
};

const misfitReason = ({ field }: Column, text: string | null): string =>
  text === null
    ? `${field.name} has no value, and must have one`
    : `${JSON.stringify(text)} is not of the type ${field.type} of ${field.name}`;

/** One reading of the file. Gives up at the first cell that an inferred type does not fit, and only learns types from there on. */
const runPass = async (
  options: ConvertCsvOptions,
  layout: CsvLayout,
  columns: readonly Column[],
  rules: CellRules,
  onQuarantine: (entry: QuarantineEntry) => void,
): Promise<Pass> => {
  const { rowGroupRows = 10_000, parquet, csvGz, onBatch } = options;
  const schema: Schema = { fields: columns.map((column) => column.field), key: [] };
  const pass: Pass = { rows: 0, published: 0, quarantined: 0, widened: null };
  const parquetWriter = parquet && createParquetWriter({ schema, sink: parquet, metadata: options.metadata });
  const gzip = csvGz && parallelGzipSink(csvGz, options.gzipLevel);
  gzip?.write(csvHeader(schema));
  const csv = createCsvEncoder();

  let filled = 0;
  let current = 0;
  const misfits = new Map<number, { column: number; text: string | null }>();
  const onMisfit = (row: number, text: string | null): boolean => {
    if (!columns[current].declared) return false;
    if (!misfits.has(row)) misfits.set(row, { column: current, text });
    return true;
  };
  const parsers: ColumnParser[] = columns.map(({ field, declared, type }) =>
    createColumnParser({ type, nullable: field.nullable, declared, rules, capacity: rowGroupRows, onMisfit }),
  );

  const flush = (): void => {
    if (filled === 0) return;
    const batch: Batch = { rows: filled, columns: parsers.map((parser) => parser.take(filled)) };
    parquetWriter?.write(batch);
    gzip?.write(csv.encode(batch));
    onBatch?.(batch, schema);
    pass.published += filled;
    filled = 0;
    for (const parser of parsers) parser.reset();
  };

  const quarantineMisfits = (block: RecordBlock): void => {
    const kept = new Int32Array(block.rows - misfits.size);
    for (let row = 0, to = 0; row < block.rows; row++) {
      const misfit = misfits.get(filled + row);
      if (!misfit) {
        kept[to++] = row;
        continue;
      }
      const column = columns[misfit.column];
      const name = layout.header[misfit.column] ?? column.field.name;
      pass.quarantined++;
      onQuarantine({
        line: block.lines[row],
        column: name,
        positions: [],
        raw: recordText(block, row),
        reason: misfitReason(column, misfit.text),
        rows: 1,
      });
    }
    for (const parser of parsers) parser.keep(filled, kept);
    filled += kept.length;
    misfits.clear();
  };

  const classifier = createCellClassifier(new Int32Array(columns.length), rules);
  const learnOnly = (block: RecordBlock): void => {
    for (const [index, parser] of parsers.entries()) classifier.kinds[index] = parser.kinds();
    pass.widened = classifier.kinds;
    classifier.add(block);
  };

  const onBlock = (block: RecordBlock): void => {
    pass.rows += block.rows;
    if (pass.widened) {
      classifier.add(block);
      return;
    }
    for (current = 0; current < parsers.length; current++) {
      if (!parsers[current].parse(block, current, filled)) {
        learnOnly(block);
        return;
      }
    }
    if (misfits.size > 0) quarantineMisfits(block);
    else filled += block.rows;
    if (filled === rowGroupRows) flush();
  };

  const width = columns.length;
  const cellsOf = (count: number): string => `${count} ${count === 1 ? 'cell' : 'cells'}`;
  const scanner = createRecordScanner({
    layout: layout.dialect,
    width,
    skipLines: layout.dialect.header_line ?? 0,
    room: () => (pass.widened ? 1024 : rowGroupRows - filled),
    onBlock,
    onRagged({ line, cells, raw }) {
      pass.rows++;
      if (pass.widened) return;
      pass.quarantined++;
      onQuarantine({
        line,
        column: null,
        positions: [],
        raw,
        reason: `${cellsOf(cells)} where the table has ${cellsOf(width)}`,
        rows: 1,
      });
    },
  });
  for (const chunk of utf8Chunks(chunksOf(options), layout.dialect)) {
    scanner.push(chunk);
    if (gzip) await gzip.drained();
  }
  scanner.end();
  if (pass.widened) {
    await gzip?.end();
    return pass;
  }
  flush();
  parquetWriter?.end();
  await gzip?.end();
  return pass;
};

/**
 * Converts a file. Parses with the types that the first 256 KiB suggest; where a later cell does not fit an inferred one, the
 * types are learnt from the rest of the file, the sinks restarted, and the file read once more. `onBatch` sees the batches of both
 * passes, `onQuarantine` every entry once, in the order of the lines. Batches are valid until the callback returns. Does not end the
 * sinks. Throws UnreadableText for a file without columns, or without a column of the contract.
 */
export const convertCsv = async (options: ConvertCsvOptions): Promise<ConvertedCsv> => {
  const layout = sniffLayout(options, options.dialect, options.headBytes);
  if (layout.names.length === 0) throw new UnreadableText('the file has no rows');
  const { dialect, header } = layout;
  const rules = cellRules(dialect, options.missing);
  const contract = options.contract?.fields ?? [];
  let columns = columnsOf(layout, contract, classify([layout.head], layout, rules, layout.complete), false);

  // What is quarantined does not depend on inferred types, so the second pass begins with the same entries.
  let told = 0;
  const once = (before: number): ((entry: QuarantineEntry) => void) => {
    let seen = 0;
    return (entry) => {
      if (++seen <= before) return;
      told++;
      options.onQuarantine?.(entry);
    };
  };
  let pass = await runPass(options, layout, columns, rules, once(0));
  let passes: 1 | 2 = 1;
  if (pass.widened) {
    passes = 2;
    columns = columnsOf(layout, contract, pass.widened, true);
    options.parquet?.restart();
    options.csvGz?.restart();
    pass = await runPass(options, layout, columns, rules, once(told));
    if (pass.widened)
      throw new Error(
        'the second pass met a cell that the first one did not; does the input give the same bytes each time?',
      );
  }
  const { rows, published, quarantined } = pass;
  const schema: Schema = { fields: columns.map((column) => column.field), key: [] };
  return { schema, dialect, header, rows_read: rows, published, quarantined, passes };
};
