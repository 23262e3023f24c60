/**
 * CSV of any dialect and size to a typed table, as Parquet and gzipped CSV in one pass: bytes become columns without strings or row
 * objects in between. Types are inferred from every row, or declared by a contract.
 */
import { columnsOf, type Pass, type PassOptions, runPass } from './csv/convert-pass.ts';
import { sniffLayout } from './csv/csv-layout.ts';
import { type TableRange, tablesIn } from './csv/find-tables.ts';
import { tableRangesOf } from './csv/table-dialects.ts';
import { UnreadableText } from './csv/tokenizer.ts';
import { classify, rulesOf } from './infer-schema.ts';
import type { Dialect, Field, QuarantineEntry, Schema } from './table.ts';
import { typeOfKinds } from './typing.ts';

export type ConvertCsvOptions = PassOptions & {
  /** Declared by somebody who knows, or one of those that findTables gives. Otherwise it is found by looking. */
  dialect?: Dialect;
  /** Fields by name; their types outrank inference: a row that does not fit is quarantined. Other columns are inferred. */
  contract?: { fields: readonly Field[] };
  /** Markers, in lower case, of values that are not available; null in all columns but those of text. */
  missing?: ReadonlySet<string>;
  onQuarantine?(entry: QuarantineEntry): void;
  /** How much of the beginning is looked at before the first pass; 256 KiB when not said. */
  headBytes?: number;
};

export type ConvertedCsv = {
  schema: Schema;
  dialect: Dialect;
  /** Cells of the header as they stand; empty when the file has none. */
  header: string[];
  /** rows_read = published + quarantined. Blank lines, lines of nothing but delimiters, notes and the header are no rows. */
  rows_read: number;
  published: number;
  quarantined: number;
  /** Lines that say something about the table (`Fonte: …`) and are no rows: the first hundred. */
  notes: readonly { line: number; text: string }[];
  /** 2 when a column turned out wider than the beginning of the file had let expect. */
  passes: 1 | 2;
};

const isNarrow = (type: string): boolean => type !== 'string' && type !== 'unknown';

const refuseSeveral = (tables: readonly TableRange[]): void => {
  if (tables.length < 2) return;
  const lines = tables.map(({ first_line, last_line }) => `${first_line} to ${last_line}`).join(', ');
  throw new UnreadableText(
    `the file holds ${tables.length} tables, one after the other (lines ${lines}); convert each by its dialect, as findTables gives it`,
  );
};

/**
 * Converts a file. Parses with the types that the first 256 KiB suggest; where a later cell does not fit an inferred one, the
 * types are learnt from the rest of the file, the sinks restarted, and the file read once more. `onBatch` sees the batches of both
 * passes, `onQuarantine` every entry once, in the order of the lines. Batches are valid until the callback returns. Does not end the
 * sinks. Throws UnreadableText for a file without columns, or without a column of the contract; and, unless its dialect is declared, for one
 * in an unknown encoding or with several tables.
 */
export const convertCsv = async (options: ConvertCsvOptions): Promise<ConvertedCsv> => {
  const layout = sniffLayout(options, options.dialect, options.headBytes);
  if (layout.names.length === 0) throw new UnreadableText('the file has no rows');
  const { dialect, header } = layout;
  const found = options.dialect === undefined;
  const encoding = dialect.uncertain?.find(({ about }) => about === 'encoding');
  if (found && encoding)
    throw new UnreadableText(`the encoding is not known (${encoding.readings.join(', ')}). ${encoding.decide}`);
  if (found) refuseSeveral(tablesIn(layout.rows).tables);
  const rules = rulesOf(layout, options.missing);
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
  const refuseTables = ({ widened, suspects }: Pass): void => {
    const becameText =
      widened && columns.some(({ type }, index) => isNarrow(type) && !isNarrow(typeOfKinds(widened[index])));
    if (found && (becameText || suspects)) refuseSeveral(tableRangesOf(options, dialect));
  };
  let pass = await runPass(options, layout, columns, rules, once(0));
  let passes: 1 | 2 = 1;
  refuseTables(pass);
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
  const { rows, published, quarantined, notes } = pass;
  const schema: Schema = { fields: columns.map((column) => column.field), key: [] };
  return { schema, dialect, header, rows_read: rows, published, quarantined, notes, passes };
};
