/** Finds out whether a file is written in a form that the byte-level engine does not speak. */
import type { Dialect, WrittenForm } from '../table.ts';
import { countOf } from './count-of.ts';
import { layoutScore, sniffLayoutOf } from './dialect.ts';
import { decodeSample } from './encoding.ts';
import { isDoubtful } from './foreign-input.ts';
import { type ForeignRecord, foreignRecords, type Parse } from './foreign-records.ts';
import { isFigure, usualWidth } from './header.ts';
import { isStrayCell } from './stray-quotes.ts';
import { createTextTokenizer } from './tokenizer.ts';

const USUAL = [',', ';', '\t', '|'] as const;
/** Single characters that are delimiters now and then. */
const RARE = ['^', '~', '¦', '\u001f', '#', ':', '/', ' '] as const;
/** Records that are read in each form. */
const LOOK_AT = 300;
/** Lines that say of most signs that they are no delimiter. */
const FEW = 20;
const MOST_CANDIDATES = 12;
/** That a delimiter is one decides: read as two, each column has an empty one behind it. */
const WHOLE = 1000;
/** What most records have in common says how the file is written. */
const MOST = 0.95;

const isMost = (part: number, all: number): boolean => all > 0 && part >= all * MOST;
/** The lines of a text, with what is in quotes put out of sight. */
const barred = (text: string, quotes: RegExp): string[] =>
  text
    .replace(quotes, 'q')
    .split('\n')
    .filter((line) => line.trim() !== '')
    .slice(0, LOOK_AT);
/** Where a quote inside is doubled, and where a backslash stands before it. */
const QUOTED = [/"(?:[^"]|"")*"/g, /"(?:[^"\\]|\\[\s\S])*"/g] as const;

/** Whether it stands equally often in nearly all lines. */
const isEven = (lines: readonly string[], part: string): boolean => {
  const counts = lines.map((line) => countOf(line, part));
  const most = usualWidth(counts.map((length) => ({ fields: Array.from({ length }, () => '') })));
  return most > 0 && isMost(counts.filter((count) => count === most).length, counts.length);
};

/** With blanks around it only what is a delimiter elsewhere too: ` - ` and `. ` stand in sentences. */
const mayDelimit = (run: string): boolean => {
  // A delimiter and a blank behind it are spoken.
  if (/^[,;|\t] *$/.test(run) || run.includes('://')) return false;
  return !/\s/.test(run) || run.trim() === '' || /^\s+[|;,^~/#&<>=+*¦]+\s*$/.test(run);
};

/** Two to four signs in a row that stand equally often in nearly all lines. */
const severalCharacters = (lines: readonly string[]): string[] => {
  const runs = new Set<string>();
  for (const line of lines.slice(0, 5))
    for (const [run] of line.matchAll(/[^\p{L}\p{N}"'\\]{2,}/gu))
      for (let from = 0; from < Math.min(run.length, 8); from++)
        for (let size = 2; size <= 4; size++) runs.add(run.slice(from, from + size));
  const inMost = [...runs].filter((run) => {
    if (run.length < 2 || !mayDelimit(run)) return false;
    return isEven(lines.slice(0, FEW), run) && isEven(lines, run);
  });
  return inMost.sort((a, b) => b.length - a.length).slice(0, MOST_CANDIDATES);
};
/** Whether a delimiter is part of it, and stands nowhere else in the lines: `||` is one delimiter, not two. */
const isWhole = (lines: readonly string[], delimiter: string): boolean => {
  const signs: readonly string[] = new Set(delimiter).size === 1 ? [...USUAL, ...RARE] : USUAL;
  const inner = signs.filter((one) => delimiter.includes(one));
  return inner.some((one) => !lines.some((line) => line.replaceAll(delimiter, '').includes(one)));
};

type Reading = { form: WrittenForm; records: ForeignRecord[] };

/** Whether a cell begins with a quote that its record does not escape. */
const isStray = (cell: string, raw: string, form: WrittenForm): boolean => {
  const { quote } = form;
  if (form.escape === 'backslash') return cell.startsWith(quote) && !raw.includes(`\\${quote}`);
  return isStrayCell(cell, raw, quote);
};

/** But for the last one: a column without a name and without a cell is part of the delimiter. */
const everyColumnIsUsed = (records: readonly ForeignRecord[], width: number): boolean => {
  const columns = Array.from({ length: width - 1 }, (_, index) => index);
  return columns.every((index) => records.some(({ cells }) => (cells[index] ?? '').trim() !== ''));
};

const isSound = ({ form, records }: Reading): boolean => {
  const width = usualWidth(records.map(({ cells }) => ({ fields: cells })));
  const sound = records.filter(
    ({ cells, raw }) => cells.length === width && !cells.some((cell) => isStray(cell, raw, form)),
  );
  // Two parts of a line may be a word and what is said of it.
  const least = form.escape === 'backslash' || USUAL.some((one) => form.delimiter.includes(one)) ? 2 : 3;
  return (
    width >= least &&
    everyColumnIsUsed(records, width) &&
    records.length > 1 &&
    isMost(sound.length, records.length) &&
    !records.some(({ raw }) => isDoubtful(raw, form))
  );
};

/** A blank stands between words too: only where a column of figures speaks for it. */
const hasFigures = ({ records }: Reading): boolean => {
  const body = records.slice(1);
  return body[0]!.cells.some((_, column) => {
    const cells = body.map(({ cells: own }) => own[column] ?? '');
    return isMost(cells.filter((cell) => isFigure(cell.trim())).length, cells.length);
  });
};

/** The beginning of a file as whole lines that end with LF. */
const wholeLines = (sample: Uint8Array, encoded: Encoded): string => {
  const text = decodeSample(sample, encoded).replace(/\r\n?/g, '\n');
  return text.slice(0, text.lastIndexOf('\n') + 1) || text;
};
type Encoded = Pick<Dialect, 'encoding' | 'mojibake'>;

/** A form, and whether its delimiter is nowhere in the text but as a whole. */
type Candidate = { form: WrittenForm; whole: boolean };

/** Forms that something in the text speaks for; of nearly all files there are none. */
const candidatesOf = (text: string): Candidate[] => {
  const candidates: Candidate[] = [];
  for (const quote of ['"', "'"] as const)
    if (text.includes(`\\${quote}`))
      for (const delimiter of USUAL.filter((one) => text.includes(one)))
        candidates.push({ form: { delimiter, quote, escape: 'backslash' }, whole: false });
  for (const [index, quotes] of QUOTED.entries()) {
    const way = index === 0 ? 'doubled' : 'backslash';
    if (way === 'backslash' && !text.includes('\\"')) continue;
    const lines = barred(text, quotes);
    // Where a usual delimiter stands equally often in each line, it is one, unless it is always part of another.
    const isUsual = USUAL.some((one) => isEven(lines, one));
    const several = severalCharacters(lines).filter((one) => !isUsual || isWhole(lines, one));
    const isIn = (one: string): boolean => isMost(lines.filter((line) => line.includes(one)).length, lines.length);
    const rare = isUsual ? [] : RARE.filter(isIn);
    for (const delimiter of [...several, ...rare])
      candidates.push({
        form: { delimiter, quote: '"', escape: way },
        whole: delimiter.length > 1 && isWhole(lines, delimiter),
      });
  }
  return candidates;
};

/** The beginning of a file that is worth a closer look, by `csv-parse`; null where nothing speaks for it. */
export const mayBeForeign = (sample: Uint8Array, encoded: Encoded): Suspect | null => {
  const text = wholeLines(sample, encoded);
  const candidates = candidatesOf(text);
  return candidates.length > 0 ? { text, candidates } : null;
};
export type Suspect = { text: string; candidates: readonly Candidate[] };

/**
 * The form of a file, or null where it is one of those that the byte-level engine speaks, or none that is known. Where
 * the engine reads the file as well, it does.
 */
export const sniffForeign = (parse: Parse, { text, candidates }: Suspect): WrittenForm | null => {
  let best: { form: WrittenForm | null; score: number } | undefined;
  for (const { form, whole } of candidates) {
    const reading = readAs(parse, text, form);
    if (!reading || !isSound(reading) || (form.delimiter.trim() === '' && !hasFigures(reading))) continue;
    const score = scoreOf(reading) * (whole ? WHOLE : 1);
    best ??= { form: null, score: usualScore(text) };
    if (score > best.score * 1.01) best = { form, score };
  }
  return best?.form ?? null;
};

/** A text in pieces of some lines: more is read only where the first ones do not tell. */
function* fewLines(text: string): Generator<Buffer> {
  for (let at = 0; at < text.length; ) {
    let end = at;
    for (let line = 0; line < FEW && end < text.length; line++) end = text.indexOf('\n', end) + 1 || text.length;
    yield Buffer.from(text.slice(at, end));
    at = end;
  }
}

/** Null as soon as no more can come of it than records of many widths. */
const readAs = (parse: Parse, text: string, form: WrittenForm): Reading | null => {
  const records: ForeignRecord[] = [];
  const mostRecords = Math.min(LOOK_AT, countOf(text, '\n') + 1);
  const widths = new Map<number, number>();
  let alike = 0;
  for (const record of foreignRecords(parse, fewLines(text), form)) {
    // The beginning of a file may end within quotes.
    if (record.open) continue;
    records.push(record);
    if (records.length === LOOK_AT) break;
    const { length } = record.cells;
    widths.set(length, (widths.get(length) ?? 0) + 1);
    alike = Math.max(alike, widths.get(length)!);
    if (!isMost(alike + mostRecords - records.length, mostRecords)) return null;
  }
  return { form, records };
};

const scoreOf = ({ form, records }: Reading): number => {
  const rows = records.map(({ cells }) => ({ fields: cells }));
  return layoutScore(rows, form.delimiter);
};

/** How well the byte-level engine reads it. A cell that begins with a quote which does not end it, it does not read. */
const usualScore = (text: string): number => {
  const { layout, score } = sniffLayoutOf(text);
  const { quote } = layout;
  let [all, sound] = [0, 0];
  const tokenizer = createTextTokenizer(layout, ({ fields, raw }) => {
    all++;
    if (quote === null || !fields.some((cell) => isStrayCell(cell, raw, quote))) sound++;
  });
  tokenizer.push(text);
  tokenizer.end();
  return all === 0 ? 0 : score * (sound / all) ** 2;
};
