/**
 * One reading of a CSV file with given types: bytes to columns, columns to the sink, what does not fit to the
 * quarantine.
 */
import type { Batch, ColumnType, DeclaredField, Field } from '../table.ts';
import type { TableSink } from '../table-sink.ts';
import { type CellRules, isUndecided, isUndecidedDate, KIND, typedValue, typeOfKinds } from '../typing.ts';
import { dropBroken, isBroken } from './broken-records.ts';
import { createCellClassifier } from './cell-classifier.ts';
import type { UnitOfColumn } from './column-forms.ts';
import { createColumnParser } from './column-parser.ts';
import type { ColumnParser } from './column-plan.ts';
import { type CsvLayout, linesBefore } from './csv-layout.ts';
import { filledCells, isFigure } from './header.ts';
import { fieldsOf } from './infer-types.ts';
import { isNote } from './notes.ts';
import { createProvenanceColumns } from './provenance-columns.ts';
import { cellText, type RecordBlock, recordText } from './record-block.ts';
import { createRecordScanner } from './record-scanner.ts';
import { UnreadableText } from './tokenizer.ts';
import { type CsvInput, utf8Chunks } from './utf8-chunks.ts';

export type PassOptions = {
  /** Rows of a batch; fewer where the table is wide or its texts are long. */
  batchRows?: number;
  /** Adds the columns `line` and `processing_date` (`YYYY-MM-DD`) behind those of the file. */
  provenance?: { processing_date: string };
};

/** Cells of a batch: a table of very many columns has fewer rows in each. */
const BATCH_CELLS = 2 ** 21;
/** Texts of a batch: it ends here, however few its rows. */
const BATCH_BYTES = 16 * 2 ** 20;

type Type = ColumnType | 'unknown';
export type PassColumn = { field: Field; declared: boolean; type: Type };
/**
 * `notes`: lines that were passed over; `suspects`: whether a line in quarantine may be the header of another table.
 */
export type Pass = {
  rows: number;
  published: number;
  quarantined: number;
  widened: Int32Array | null;
  notes: { line: number; text: string }[];
  suspects: boolean;
};

/** Blank cells and markers only: any type may follow. */
const undecided = (kinds: number): boolean => (kinds & ~KIND.MISSING) === 0;

/** What was found of the columns: the kinds of their cells, how these are read, and what figures are written with. */
export type FoundColumns = {
  kinds: Int32Array;
  rules: readonly CellRules[];
  units: readonly (UnitOfColumn | undefined)[];
};

export const columnsOf = (
  layout: CsvLayout,
  contract: readonly DeclaredField[],
  { kinds, rules, units }: FoundColumns,
  final: boolean,
): PassColumn[] => {
  const declared = new Map(contract.map((field) => [field.name, field]));
  for (const field of contract) {
    if (!layout.names.includes(field.name))
      throw new UnreadableText(`the file has no column ${field.name}; it has ${layout.names.join(', ')}`);
  }
  return fieldsOf(layout, Array.from(kinds, typeOfKinds), rules, units).map((inferred, index): PassColumn => {
    const field = declared.get(inferred.name);
    if (field) return { field, declared: true, type: field.type };
    return { field: inferred, declared: false, type: undecided(kinds[index]) && !final ? 'unknown' : inferred.type };
  });
};

const misfitReason = ({ field }: PassColumn, text: string | null, rules: CellRules): string => {
  if (text === null) return `${field.name} has no value, and must have one`;
  const figures = field.type !== 'string' && isUndecided(text, rules);
  if (figures) return `${JSON.stringify(text)} of ${field.name} can be read as thousands or as decimals`;
  const dates = (field.type === 'date' || field.type === 'timestamp') && isUndecidedDate(text, rules);
  if (dates) return `${JSON.stringify(text)} of ${field.name} can be read with the day or with the month first`;
  return `${JSON.stringify(text)} is not of the type ${field.type} of ${field.name}`;
};

/** U+FFFD in UTF-8. */
const LOST = Buffer.from('\ufffd');
const BROKEN_REASON = 'a cell has a quote in it that encloses nothing; a delimiter or another quote may be missing';
const LOST_REASON = 'a character of the row was lost before it was published (U+FFFD stands in its place)';
const NUL_REASON = 'the row has a byte of zero in it, which no text has';
const MOST_NOTES = 100;

/** A quote that went astray may have joined lines: each that has most delimiters of a row was one. */
const rowsIn = (raw: string, delimiter: string, width: number): number => {
  const lines = raw.split('\n');
  const wide = lines.filter((line) => line.split(delimiter).length - 1 > (width - 1) / 2);
  return lines.length === 1 ? 1 : Math.max(1, wide.length);
};

const cellsOf = (count: number): string => `${count} ${count === 1 ? 'cell' : 'cells'}`;

/** What stands behind a comma of a sentence, which is no delimiter. */
const isGoingOn = (text: string): boolean => text.startsWith(' ');

/** Mostly words: it may name columns. */
const mayBeHeader = (raw: string, delimiter: string): boolean => {
  const cells = filledCells(raw.split(delimiter));
  return cells.length > 1 && cells.filter((cell) => isFigure(cell)).length < cells.length / 2;
};

/**
 * One reading of the file. Gives up at the first cell that an inferred type does not fit, and only learns types from
 * there on.
 */
export const runPass = async (
  input: CsvInput,
  options: PassOptions,
  layout: CsvLayout,
  columns: readonly PassColumn[],
  rules: readonly CellRules[],
  out: Pick<TableSink, 'rows' | 'quarantine'>,
): Promise<Pass> => {
  const pass: Pass = { rows: 0, published: 0, quarantined: 0, widened: null, notes: [], suspects: false };
  const { delimiter } = layout.dialect;
  const width = columns.length;
  const mostRows = layout.complete ? layout.rows.length : Number.POSITIVE_INFINITY;
  const capacity = Math.max(1, Math.min(options.batchRows ?? 10_000, Math.floor(BATCH_CELLS / width), mostRows));
  const provenance = options.provenance && createProvenanceColumns(options.provenance.processing_date, capacity);

  let filled = 0;
  let current = 0;
  /** `column` is null for a row that is at fault as a whole, for the `reason`. */
  type Misfit = { column: number; text: string | null } | { column: null; reason: string };
  const misfits = new Map<number, Misfit>();
  let parsed: RecordBlock | undefined;
  const onMisfit = (row: number, text: string | null): boolean => {
    const broken = !columns[current].declared && parsed !== undefined && isBrokenRow(parsed, row - filled);
    if (!columns[current].declared && !broken) return false;
    if (!misfits.has(row))
      misfits.set(row, broken ? { column: null, reason: BROKEN_REASON } : { column: current, text });
    return true;
  };
  const isBrokenRow = (block: RecordBlock, row: number): boolean =>
    layout.rareBreaks && isBroken(recordText(block, row), delimiter, layout.dialect.quote!);
  const parsers: ColumnParser[] = columns.map(({ field, declared, type }, index) =>
    createColumnParser({
      type,
      nullable: field.nullable,
      declared,
      rules: rules[index],
      capacity,
      onMisfit,
    }),
  );

  const flush = (): void => {
    if (filled === 0) return;
    const taken = parsers.map((parser) => parser.take(filled));
    const batch: Batch = { rows: filled, columns: provenance ? [...taken, ...provenance.take(filled)] : taken };
    out.rows(batch);
    pass.published += filled;
    filled = 0;
    for (const parser of parsers) parser.reset();
  };

  const refuse = (line: number, raw: string, column: string | null, reason: string, rows = 1): void => {
    pass.quarantined += rows;
    out.quarantine({ line, column, positions: [], raw, reason, rows });
  };

  const note = (line: number, text: string): void => {
    if (!pass.widened && pass.notes.length < MOST_NOTES) pass.notes.push({ line, text });
  };

  const quarantineMisfits = (block: RecordBlock): void => {
    const kept = new Int32Array(block.rows - misfits.size);
    for (let row = 0, to = 0; row < block.rows; row++) {
      const misfit = misfits.get(filled + row);
      if (!misfit) {
        kept[to++] = row;
        continue;
      }
      const raw = recordText(block, row);
      pass.suspects ||= mayBeHeader(raw, delimiter);
      if (misfit.column === null) {
        refuse(block.lines[row], raw, null, misfit.reason);
        continue;
      }
      const column = columns[misfit.column];
      const name = layout.header[misfit.column] ?? column.field.name;
      refuse(block.lines[row], raw, name, misfitReason(column, misfit.text, rules[misfit.column]));
    }
    for (const parser of parsers) parser.keep(filled, kept);
    provenance?.keep(filled, kept);
    filled += kept.length;
    misfits.clear();
  };

  /** Whether the chunk at hand has a character in it that was lost, or a byte of zero. */
  let lost = false;
  let held = false;
  const quarantineLost = (block: RecordBlock): void => {
    for (let row = 0; row < block.rows; row++) {
      const text = recordText(block, row);
      const reason = text.includes('\ufffd') ? LOST_REASON : text.includes('\0') ? NUL_REASON : undefined;
      if (reason !== undefined && !misfits.has(filled + row)) misfits.set(filled + row, { column: null, reason });
    }
  };

  const classifier = createCellClassifier(new Int32Array(columns.length), rules);
  const learnOnly = (block: RecordBlock): void => {
    for (const [index, parser] of parsers.entries()) classifier.kinds[index] = parser.kinds();
    pass.widened = classifier.kinds;
    learn(block);
  };
  const learn = (block: RecordBlock): void => {
    if (layout.rareBreaks) dropBroken(block, delimiter, (row) => fits(block, row));
    classifier.add(block);
  };
  /** Whether a row would be published all the same. */
  const fits = (block: RecordBlock, row: number): boolean =>
    columns.every(({ type, declared }, index) => {
      if (type === 'unknown') return true;
      const text = cellText(block, row * width + index);
      return typedValue(text, type, rules[index], declared) !== undefined;
    });

  const onBlock = (block: RecordBlock): void => {
    pass.rows += block.rows;
    if (pass.widened) {
      learn(block);
      return;
    }
    parsed = block;
    for (current = 0; current < parsers.length; current++) {
      if (!parsers[current].parse(block, current, filled)) {
        learnOnly(block);
        return;
      }
    }
    provenance?.add(block, filled);
    if (lost) quarantineLost(block);
    if (misfits.size > 0) quarantineMisfits(block);
    else filled += block.rows;
    if (filled === capacity || parsers.reduce((sum, parser) => sum + parser.bytes(), 0) >= BATCH_BYTES) flush();
  };

  const typed = !['string', 'unknown'].includes(columns[0].type);
  const scanner = createRecordScanner({
    layout: layout.dialect,
    width,
    skipLines: linesBefore(layout.dialect),
    lastLine: layout.dialect.last_line,
    table: {
      spare: layout.spare,
      onLone(block, row) {
        const text = cellText(block, row * width);
        if (!isNote(text, typed || pass.widened !== null)) return true;
        note(block.lines[row], text);
        return false;
      },
    },
    room: () => (pass.widened ? 1024 : capacity - filled),
    onBlock,
    onOdd({ line, cells, raw, stray, comment }) {
      // The beginning of the file says that `#` begins comments; `#12 Elm St,5` further down may be a row all the same.
      const isComment = comment && (/^#+(\s|$)/.test(raw) || !raw.includes(delimiter));
      if (isComment) return note(line, raw);
      const isText = cells === 1 ? width > 1 : cells < width && raw.split(delimiter).slice(1).every(isGoingOn);
      if (!comment && isText && isNote(raw, cells === 1)) return note(line, raw.replace(/^"|"$/g, ''));
      const joined = rowsIn(raw, delimiter, width);
      pass.rows += joined;
      if (pass.widened) return;
      pass.suspects ||= mayBeHeader(raw, delimiter);
      let reason = `${cellsOf(cells)} where the table has ${cellsOf(width)}`;
      if (stray) reason = 'a cell begins with a quote that does not end it';
      if (comment) reason = 'it begins as comments do, and has several cells';
      refuse(line, raw, null, reason, joined);
    },
  });
  // V8 compiles a loop while it runs, and again when it gets to what it has not seen yet: with all of the first chunk
  // at once, scanner and parsers were compiled four times, which took 5 % of the time that a million rows take.
  let piece = 4096;
  for (const chunk of utf8Chunks(input.chunks(), layout.dialect)) {
    // A record of this chunk may have begun in the one before.
    const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    const here = bytes.includes(LOST) || bytes.includes(0);
    lost = here || held;
    held = here;
    for (let at = 0; at < chunk.length; at += piece) scanner.push(chunk.subarray(at, at + piece));
    piece = Number.POSITIVE_INFINITY;
    // Other work of the process gets its turn.
    await new Promise((resolve) => setImmediate(resolve));
  }
  scanner.end();
  if (!pass.widened) flush();
  return pass;
};
