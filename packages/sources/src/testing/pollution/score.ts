/** How much of what should be found in a polluted file was, and how much of what was found should be. */
import { isMissing, WIDE_MISSING_MARKERS } from '@granary/tabular/numbers';
import type { ReadTable } from './read-polluted.ts';
import type { ExpectedTable } from './write-polluted.ts';

/** F1 of each, from 0 to 1. `published`: of records, where one in quarantine counts as not found. */
export type Score = { header: number; records: number; cells: number; published: number };

/** Figures of one notation, missing ones as nothing, line ends as LF; anything else as it stands. */
export const plain = (cell: string): string => {
  if (/^-?(0|[1-9]\d*)(\.\d+)?$/.test(cell) && cell.length < 16) return String(Number(cell));
  return isMissing(cell, WIDE_MISSING_MARKERS) ? '' : cell.replace(/\r\n?/g, '\n');
};

type Counts = Map<string, number>;
const add = (counts: Counts, key: string): void => void counts.set(key, (counts.get(key) ?? 0) + 1);
/** Takes one away, if there is one. */
const take = (counts: Counts, key: string): boolean => {
  const count = counts.get(key) ?? 0;
  if (count > 0) counts.set(key, count - 1);
  return count > 0;
};
const countsOf = (keys: Iterable<string>): Counts => {
  const counts: Counts = new Map();
  for (const key of keys) add(counts, key);
  return counts;
};

const f1 = (common: number, wanted: number, found: number): number =>
  wanted + found === 0 ? 1 : (2 * common) / (wanted + found);
const f1Of = (wanted: readonly string[], found: readonly string[]): number => {
  const left = countsOf(wanted);
  return f1(found.filter((key) => take(left, key)).length, wanted.length, found.length);
};

const SEPARATOR = '\u0000';
const rowKey = (cells: readonly string[]): string => cells.map(plain).join(SEPARATOR);
const cellKeys = (cells: readonly string[]): string[] =>
  cells.map((cell, column) => `${column}${SEPARATOR}${plain(cell)}`);
const rawKey = (raw: string): string => raw.replace(/\r\n?/g, '\n');

/** How many entries of the quarantine a record is: one, or one for each of its lines; 0 where it is not there whole. */
const takePieces = (quarantined: Counts, text: string | undefined): number => {
  if (text === undefined) return 0;
  if (take(quarantined, rawKey(text))) return 1;
  const lines = rawKey(text).split('\n');
  return lines.every((line) => (quarantined.get(line) ?? 0) > 0) && lines.every((line) => take(quarantined, line))
    ? lines.length
    : 0;
};

type Counted = readonly [common: number, wanted: number, found: number];
type Tally = { records: Counted; cells: Counted; published: Counted; header: number };

/** A row that is in quarantine rightly counts as one that was found, with its cells. */
const tallyOf = (wanted: ExpectedTable | undefined, found: ReadTable | undefined): Tally => {
  const rows = wanted?.rows ?? [];
  const published = countsOf((found?.rows ?? []).map(rowKey));
  const quarantined = countsOf((found?.quarantine ?? []).map(({ raw }) => rawKey(raw)));
  const cells = countsOf((found?.rows ?? []).flatMap(cellKeys));
  let [common, commonCells, wantedCells, commonRows] = [0, 0, 0, 0];
  let kept = 0;
  let more = 0;
  for (const row of rows) {
    const isPublished = take(published, rowKey(row.cells));
    const pieces = isPublished ? 0 : takePieces(quarantined, row.or_quarantined);
    const isKept = pieces > 0;
    more += Math.max(0, pieces - 1);
    if (isPublished) commonRows++;
    if (isPublished || isKept) common++;
    const keys = cellKeys(row.cells);
    wantedCells += keys.length;
    if (isKept) {
      kept += keys.length;
      commonCells += keys.length;
    } else commonCells += keys.filter((key) => take(cells, key)).length;
  }
  const foundRecords =
    (found?.rows.length ?? 0) + (found?.quarantine ?? []).reduce((sum, entry) => sum + entry.rows, 0) - more;
  const foundCells = (found?.rows ?? []).reduce((sum, row) => sum + row.length, 0) + kept;
  const named = (header: readonly string[]): string[] =>
    header.map((name, column) => `${column}${SEPARATOR}${name.trim()}`);
  const headers = wanted?.headers ?? [[]];
  const header = Math.max(...headers.map((names) => f1Of(named(names), named(found?.header ?? []))));
  return {
    records: [common, rows.length, foundRecords],
    cells: [commonCells, wantedCells, foundCells],
    published: [commonRows, rows.length, found?.rows.length ?? 0],
    header,
  };
};

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

/** Tables are compared in their order. Of a table without rows it is right, too, to say that it is none. */
export const scoreOf = (wanted: readonly ExpectedTable[], found: readonly ReadTable[]): Score => {
  const count = Math.max(wanted.length, found.length);
  if (count === 0 || (found.length === 0 && wanted.every(({ rows }) => rows.length === 0)))
    return { header: 1, records: 1, cells: 1, published: 1 };
  const tallies = Array.from({ length: count }, (_, index) => tallyOf(wanted[index], found[index]));
  const sum = (of: (tally: Tally) => Counted): number => {
    const [common, all, got] = [0, 1, 2].map((at) => tallies.reduce((total, tally) => total + of(tally)[at]!, 0));
    return f1(common!, all!, got!);
  };
  return {
    header: mean(tallies.map(({ header }) => header)),
    records: sum(({ records }) => records),
    cells: sum(({ cells }) => cells),
    published: sum(({ published }) => published),
  };
};
