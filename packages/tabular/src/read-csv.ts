/**
 * CSV of any dialect and size to typed columns: bytes become columns without strings or row objects in between. Types
 * are inferred from every row, or declared by a contract.
 */

import { areDatesOpen, doubtfulColumns, unitsOfColumns, withOrders } from './csv/column-forms.ts';
import { standsApart } from './csv/columns-apart.ts';
import { type CsvLayout, sniffLayout } from './csv/csv-layout.ts';
import type { TableRange } from './csv/find-tables.ts';
import { classify, rulesOf } from './csv/infer-types.ts';
import { PROVENANCE_FIELDS } from './csv/provenance-columns.ts';
import { columnsOf, type Pass, type PassOptions, runPass } from './csv/read-pass.ts';
import { isStrayCell } from './csv/stray-quotes.ts';
import { tableRangesOf } from './csv/table-dialects.ts';
import { UnreadableText } from './csv/tokenizer.ts';
import type { CsvInput } from './csv/utf8-chunks.ts';
import type { DeclaredField, Dialect, Field } from './table.ts';
import type { TableSink } from './table-sink.ts';
import { typeOfKinds } from './typing.ts';

export type ReadCsvOptions = PassOptions & {
  /**
   * Declared by somebody who knows, whole or in part, or one of those that findTables gives. What is not declared is
   * found by looking.
   */
  dialect?: Partial<Dialect>;
  /**
   * Fields by name; their types outrank inference: a row that does not fit is quarantined. Other columns are inferred.
   */
  contract?: { fields: readonly DeclaredField[] };
  /** Markers, in lower case, of values that are not available; null in all columns but those of text. */
  missing?: ReadonlySet<string>;
  /** Columns that stand apart are columns of one table. */
  asOne?: boolean;
  /** How much of the beginning is looked at before the first pass; 256 KiB when not said. */
  headBytes?: number;
};

export type CsvReading = {
  fields: readonly Field[];
  dialect: Dialect;
  /** Cells of the header as they stand; empty when the file has none. */
  header: string[];
  /** The cells of a header that names another number of columns than the rows have; none is named by it. */
  unnamed?: readonly string[];
  /**
   * rows_read = published + quarantined. Blank lines, lines of nothing but delimiters, notes and the header are no
   * rows.
   */
  rows_read: number;
  published: number;
  quarantined: number;
  /** Lines that say something about the table (`Fonte: …`) and are no rows: the first hundred. */
  notes: readonly { line: number; text: string }[];
  /** 2 when a column turned out wider than the beginning of the file had let expect. */
  passes: 1 | 2;
};

/** A row between the header and the rows only numbers the columns. */
const numbering = ({ dialect, rows }: CsvLayout): { line: number; text: string }[] => {
  const { header_line, first_line = 1 } = dialect;
  if (header_line === null) return [];
  return rows
    .filter(({ line }) => line > header_line && line < first_line)
    .map(({ line, raw }) => ({ line, text: `${raw} (it numbers the columns)` }));
};

const isNarrow = (type: string): boolean => type !== 'string' && type !== 'unknown';

/** The file holds several tables, one after the other: {@link ./csv/table-dialects.ts findTables} gives each. */
export class SeveralTables extends UnreadableText {
  constructor(tables: readonly TableRange[]) {
    const lines = tables.map(({ first_line, last_line }) => `${first_line} to ${last_line}`).join(', ');
    super(
      `the file holds ${tables.length} tables, one after the other (lines ${lines}); declare header_line, first_line and last_line of the one to read`,
    );
  }
}

/** Tables stand side by side in the file, or the first columns of it are empty: rules for grids find them. */
export class ColumnsApart extends UnreadableText {
  constructor() {
    super('tables stand side by side in it, or its first column is empty');
  }
}

const refuseSeveral = (tables: readonly TableRange[]): void => {
  if (tables.length > 1) throw new SeveralTables(tables);
};

const refuseUnknownEncoding = ({ uncertain = [] }: Dialect): void => {
  const encoding = uncertain.find(({ about }) => about === 'encoding');
  if (encoding)
    throw new UnreadableText(`the encoding is not known (${encoding.readings.join(', ')}). ${encoding.decide}`);
};

/** So many cells that begin with a quote which does not end them say that it is written in a form that is not known. */
const refuseUnknownQuotes = ({ dialect, rows }: CsvLayout): void => {
  const { quote, sure_quotes } = dialect;
  if (quote === null || sure_quotes) return;
  const stray = rows.filter(({ fields, raw }) => fields.some((field) => isStrayCell(field, raw, quote)));
  if (stray.length > 3 && stray.length > rows.length / 2)
    throw new UnreadableText(
      `most of its records have cells that begin with ${quote} and do not end with it; declare its delimiter and its quote`,
    );
};

/** A file whose beginning was looked at; what it says holds for the same options only. */
export type LookedAtCsv = { input: CsvInput; options: ReadCsvOptions; layout: CsvLayout; isOneTable: boolean };

/**
 * Looks at the beginning of a file. Throws UnreadableText for one without columns or in an unknown encoding, and
 * SeveralTables where its dialect does not say which table to read.
 */
export const lookAtCsv = (input: CsvInput, options: ReadCsvOptions): LookedAtCsv => {
  const reserved = options.provenance ? PROVENANCE_FIELDS.map(({ name }) => name) : [];
  const layout = sniffLayout(input, { given: options.dialect, headBytes: options.headBytes, reserved });
  if (layout.names.length === 0) throw new UnreadableText('the file has no rows');
  refuseUnknownEncoding(layout.dialect);
  // Who declares the quote knows it: what is odd then is quarantined row by row.
  if (options.dialect?.quote === undefined) refuseUnknownQuotes(layout);
  const isOneTable = options.dialect?.header_line !== undefined || options.dialect?.first_line !== undefined;
  if (!isOneTable) {
    if (!options.asOne && standsApart(layout.rows)) throw new ColumnsApart();
    refuseSeveral(layout.tables?.tables ?? []);
  }
  return { input, options, layout, isOneTable };
};

/**
 * Reads a file. Parses with the types that the first 256 KiB suggest; where a later cell does not fit an inferred one,
 * the types are learnt from the rest of the file, the table is begun anew, and the file read once more. Throws
 * UnreadableText for a file without a column of the contract, and what {@link lookAtCsv} throws; SeveralTables also
 * where another table begins far below.
 */
export const readCsv = async (input: CsvInput, options: ReadCsvOptions, out: TableSink): Promise<CsvReading> =>
  readLookedAt(lookAtCsv(input, options), out);

/** As {@link readCsv}, for a file that {@link lookAtCsv} has looked at. */
export const readLookedAt = async (looked: LookedAtCsv, out: TableSink): Promise<CsvReading> => {
  const { input, options, layout, isOneTable } = looked;
  const { header, unnamed } = layout;
  const units = unitsOfColumns(layout, options.missing);
  const begun = rulesOf(layout, units, options.missing);
  const contract = options.contract?.fields ?? [];
  let kinds = classify([layout.head], layout, begun, layout.complete);
  // The beginning leaves open in which order dates are written: all of the file may tell.
  if (!layout.complete && areDatesOpen(kinds)) kinds = classify(input.chunks(), layout, begun);
  let rules = withOrders(begun, kinds, layout.names, contract);
  let columns = columnsOf(layout, contract, { kinds, rules, units }, false);
  let fields: readonly Field[] = [];
  const read = (): Promise<Pass> => {
    fields = [...columns.map((column) => column.field), ...(options.provenance ? PROVENANCE_FIELDS : [])];
    out.begin(fields);
    return runPass(input, options, layout, columns, rules, out);
  };

  let pass = await read();
  let passes: 1 | 2 = 1;
  const { widened } = pass;
  const becameText =
    widened !== null && columns.some(({ type }, index) => isNarrow(type) && !isNarrow(typeOfKinds(widened[index])));
  // Of a file that was looked at to its end, all tables are known.
  if (!isOneTable && !layout.complete && (becameText || pass.suspects))
    refuseSeveral(tableRangesOf(input, layout.dialect));
  if (widened) {
    passes = 2;
    kinds = widened;
    rules = withOrders(begun, kinds, layout.names, contract);
    columns = columnsOf(layout, contract, { kinds, rules, units }, true);
    pass = await read();
    if (pass.widened)
      throw new Error(
        'the second pass met a cell that the first one did not; does the input give the same bytes each time?',
      );
  }
  const { rows, published, quarantined, notes } = pass;
  const types = columns.map(({ type, declared }) => (declared ? undefined : type));
  const doubts = doubtfulColumns(layout, { kinds, units, types, missing: options.missing });
  const { uncertain = [] } = layout.dialect;
  const dialect: Dialect =
    doubts.length > 0 ? { ...layout.dialect, uncertain: [...uncertain, ...doubts] } : layout.dialect;
  const said = [...numbering(layout), ...notes];
  const reading = { fields, dialect, header, rows_read: rows, published, quarantined, notes: said, passes };
  return unnamed ? { ...reading, unnamed } : reading;
};
