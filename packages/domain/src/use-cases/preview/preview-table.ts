import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { cellAt } from '@granary/tabular/cells';
import { isProvenance } from '@granary/tabular/csv/provenance-columns';
import type { Batch, Dialect, Field, QuarantineEntry } from '@granary/tabular/table';
import type { RowCounts } from '../../dataset.ts';
import { RefusedContent } from '../../errors.ts';
import type { ReadReport, TableSink } from '../../reading.ts';
import type { DatasetDefinition } from '../../source.ts';
import { type Conversion, convertTable, readRows } from '../collect/convert-table.ts';
import type { TableOfFile } from '../collect/open-tables.ts';
import type { Converted, ReadTable } from '../publish/publish-version.ts';
import { columnEvidence, type PreviewedColumn } from './column-evidence.ts';

/** As JSON has it: whole numbers beyond 2^53 are text. */
export type PreviewCell = string | number | boolean | null;

export type PreviewedTable = {
  name: string;
  title?: string;
  /** Where it stands in its file, for people. */
  place?: string;
  /** Why it would not be published; null when it would be. */
  refused: string | null;
  /** Whether all of it was read. If not, the numbers are about its beginning. */
  complete: boolean;
  /** The names of the columns as they stand in the file; empty when it has none. */
  header: readonly string[];
  /**
   * What was found by looking; its `uncertain` says what might be read otherwise. Null for a table that was refused.
   */
  dialect: Dialect | null;
  columns: readonly PreviewedColumn[];
  /** The first ones, in the order of the file: a cell for each column, texts shortened. */
  rows: readonly (readonly PreviewCell[])[];
  counts: RowCounts;
  /** The first entries. */
  quarantine: readonly QuarantineEntry[];
  notes: readonly string[];
};

export type PreviewOptions = {
  definition: DatasetDefinition;
  /** For a table that has to be sorted or written, in a folder of its own. */
  tmpdir: string;
  /** `YYYY-MM-DD` */
  processing_date: string;
  /** Characters of rows that may still be shown; what is shown is taken off. */
  room?: { characters: number };
  /** Called with what would be published, which is removed afterwards. Without it nothing is written. */
  onConverted?: (converted: Converted) => Promise<void>;
};

/** Rows, and entries of the quarantine. */
const SHOWN = 20;
/** Characters of a text. */
const SHOWN_TEXT = 200;

/**
 * Reads a table as collecting would, to its end, and tells what would come of it. Publishes nothing. Throws MoreTables,
 * and what is a fault of ours.
 */
export const previewTable = async (table: TableOfFile, options: PreviewOptions): Promise<PreviewedTable> => {
  const { definition, processing_date, room = { characters: 100_000 }, onConverted } = options;
  const { name, title, place, bytes, complete } = table;
  const watched = watching(room);
  const inFolder = onConverted !== undefined || definition.key.length > 0;
  const folder = inFolder ? await mkdtemp(join(options.tmpdir, 'granary-table-')) : undefined;
  let report: ReadReport | undefined;
  let whole: ReadTable | undefined;
  let refused: string | null = null;
  const conversion: Conversion = {
    ...{ definition, bytes, processing_date, onQuarantine: watched.onQuarantine },
    async read(asked, sink) {
      report = await table.read(asked, watched.into(sink));
      return report;
    },
  };
  try {
    if (folder !== undefined && onConverted) {
      const converted = await convertTable({ ...conversion, folder });
      await onConverted(converted);
      whole = converted;
    } else whole = await readRows({ ...conversion, folder });
  } catch (error) {
    if (!(error instanceof RefusedContent)) throw error;
    refused = error.message;
  } finally {
    if (folder !== undefined) await rm(folder, { recursive: true, force: true });
  }
  const dialect = report?.dialect ?? null;
  const declared = new Set(definition.fields.map((field) => field.name));
  return {
    ...{ name, ...(title !== undefined && { title }), ...(place !== undefined && { place }), refused, complete },
    header: report?.header ?? table.header ?? [],
    dialect,
    columns: watched.columns(dialect ?? undefined, declared),
    rows: watched.rows,
    ...watched.counted(whole?.counts, complete),
    notes: report?.notes ?? [],
  };
};

/** Looks at what a reader gives to the sink that it is put before. */
const watching = (room: { characters: number }) => {
  const { characters } = room;
  const rows: PreviewCell[][] = [];
  let entries: QuarantineEntry[] = [];
  let evidence = columnEvidence([]);
  let counted = { rows: 0, quarantined: 0, last_line: 0 };
  /** Entries of lines behind the last row so far. */
  let behind: { line: number; rows: number }[] = [];
  const keepFirst = (fields: readonly Field[], { rows: count, columns }: Batch): void => {
    for (let row = 0; row < count && rows.length < SHOWN && room.characters > 0; row++) {
      const cells = columns.flatMap((column, index) =>
        isProvenance(fields[index]!.name) ? [] : [plain(cellAt(column, row))],
      );
      room.characters -= cells.reduce<number>((sum, cell) => sum + String(cell).length, 0);
      rows.push(cells);
    }
  };
  return {
    rows,
    columns: (...of: Parameters<typeof evidence.columns>) => evidence.columns(...of),
    into(sink: TableSink): TableSink {
      let fields: readonly Field[] = [];
      return {
        begin(found) {
          fields = found;
          evidence = columnEvidence(found);
          rows.length = 0;
          room.characters = characters;
          entries = [];
          behind = [];
          counted = { rows: 0, quarantined: 0, last_line: 0 };
          sink.begin(found);
        },
        rows(batch) {
          keepFirst(fields, batch);
          evidence.add(batch);
          counted.rows += batch.rows;
          const lines = batch.columns[fields.findIndex(({ name }) => name === 'line')];
          if (lines?.type === 'int32' && batch.rows > 0) counted.last_line = lines.values[batch.rows - 1]!;
          behind = behind.filter(({ line }) => line > counted.last_line);
          sink.rows(batch);
        },
        quarantine(entry) {
          counted.quarantined += entry.rows;
          behind.push({ line: entry.line, rows: entry.rows });
          sink.quarantine(entry);
        },
      };
    },
    /** Rows are quarantined also when they meet others, such as two of one key. */
    onQuarantine(entry: QuarantineEntry): void {
      if (entries.length < SHOWN) entries.push(shortened(entry));
    },
    /** Of a beginning, what stands behind its last row may have been cut off in the middle. */
    counted(counts: RowCounts | undefined, complete: boolean): Pick<PreviewedTable, 'counts' | 'quarantine'> {
      const all = counts ?? {
        ...{ rows_read: counted.rows + counted.quarantined, rows_published: 0 },
        ...{ rows_quarantined: counted.quarantined, rows_deduplicated: 0 },
      };
      if (complete || counted.rows === 0) return { counts: all, quarantine: entries };
      const cut = behind.reduce((sum, entry) => sum + entry.rows, 0);
      return {
        counts: { ...all, rows_read: all.rows_read - cut, rows_quarantined: all.rows_quarantined - cut },
        quarantine: entries.filter(({ line }) => line <= counted.last_line),
      };
    },
  };
};

const short = (text: string): string => (text.length > SHOWN_TEXT ? `${text.slice(0, SHOWN_TEXT)}…` : text);
const shortened = (entry: QuarantineEntry): QuarantineEntry => ({
  ...entry,
  raw: short(entry.raw),
  reason: entry.reason.slice(0, 1000),
});

const plain = (cell: ReturnType<typeof cellAt>): PreviewCell => {
  if (typeof cell === 'string') return short(cell);
  if (typeof cell !== 'bigint') return cell;
  return Number.isSafeInteger(Number(cell)) ? Number(cell) : String(cell);
};
